"""What the evaluation of one text may cost: steps, time, and output.

Steps make the end the same on every machine. Time (of this thread's CPU, so that a busy machine harms nobody) is looked
at with every step, for steps that are long. What one step can do is bounded by `filtering`.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import partial
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _
from liquid.context import RenderContext
from liquid.template import BoundTemplate
from liquid.utils.chain_map import ReadOnlyChainMap

from templates_app.merging import filtering, folded, message_tags
from templates_app.merging.filtering import TOO_LARGE, OverBudget

if TYPE_CHECKING:
    from liquid.token import Token

MAX_STEPS = 20_000  # tags that are evaluated and filters that are called: some 30 ms
MAX_SECONDS = 0.25  # and once as long again, see Meter.step
MAX_OUTPUT = 8_000_000  # bytes, parts of parts counted again


class Allowance:
    """What may be spent on many texts together, such as all that a page has to know of a campaign."""

    def __init__(self, seconds: float):
        self.until = time.thread_time() + seconds
        self.is_used_up = False

    def spend(self) -> None:
        """Raises OverBudget where nothing is left."""
        if time.thread_time() > self.until:
            self.is_used_up = True
            raise OverBudget(_("This text takes too long to merge. Use fewer loops and filters."))


_allowance: ContextVar[Allowance | None] = ContextVar("allowance", default=None)


@contextmanager
def allowance(seconds: float) -> Iterator[Allowance]:
    """Within this, all texts together may cost so many seconds of CPU. Afterwards `is_used_up` tells whether something
    was given up for that."""
    made = Allowance(seconds)
    token = _allowance.set(made)
    try:
        yield made
    finally:
        _allowance.reset(token)


def spend() -> None:
    """Raises OverBudget where the allowance, if there is one, is used up. For work on texts that has no meter."""
    if (made := _allowance.get()) is not None:
        made.spend()


class Meter:
    """What one evaluation may still cost."""

    __slots__ = ("_until", "_was_late", "output_left", "steps_left")

    def __init__(self) -> None:
        self.begin()

    def begin(self) -> None:
        """Start anew, for the next message."""
        self.steps_left, self.output_left = MAX_STEPS, MAX_OUTPUT
        self._until = 0.0  # the clock starts with the first step: most messages take none
        self._was_late = False

    def step(self) -> None:
        """Raises OverBudget."""
        self.steps_left -= 1
        now = time.thread_time()
        if not self._until:
            self._wind_up(now)
        if now > self._until and not self._was_late:
            # Python's garbage collector may have run in between: a short text must not fail for that. Once.
            self._was_late = True
            self._wind_up(now)
        if self.steps_left < 0 or now > self._until:
            spend()
            raise OverBudget(_("This text takes too long to merge. Use fewer loops and filters."))

    def _wind_up(self, now: float) -> None:
        spend()
        made = _allowance.get()
        self._until = now + MAX_SECONDS if made is None else min(now + MAX_SECONDS, made.until)

    def output(self, size: int) -> None:
        """Count output before it is put together. Raises OverBudget."""
        self.output_left -= size
        if self.output_left < 0:
            raise OverBudget(TOO_LARGE)


class MeteredContext(RenderContext):
    """A context that counts what is evaluated in it. No text can give a name of ours another value in it: see
    `read_only`."""

    __slots__ = ("meter",)

    def __init__(self, *args: Any, meter: Meter | None = None, **kwargs: Any):
        self.meter = meter or Meter()
        super().__init__(*args, **kwargs)

    def get(self, path: list[object], **options: Any) -> object:
        name = path[0]
        if not isinstance(name, str) or not message_tags.is_ours(name):
            return super().get(path, **options)
        if name.startswith(folded.PREFIX):
            return folded.folded(self.globals.get(folded.field_of(name)))
        scope, self.scope = self.scope, ReadOnlyChainMap(self.globals)
        try:
            return super().get(path, **options)
        finally:
            self.scope = scope

    def _resolve(self, name: str, **options: Any) -> Any:
        if message_tags.is_ours(name):
            return self.get([name], **options)
        return super()._resolve(name, **options)

    @property
    def disabled_tags(self) -> list[str]:
        """Counts a step: each node asks for this before it is rendered, and for nothing else that all of them ask."""
        self.meter.step()
        return []

    @disabled_tags.setter
    def disabled_tags(self, names: list[str]) -> None:
        """No tag is disabled while a text is rendered: those that are not wanted are no tags of the environment."""

    def filter(self, name: str, token: Token | None) -> Callable[..., object]:
        function = super().filter(name, token)
        self.meter.step()
        return partial(filtering.call, name, function)

    def cycle(self, key: object, length: int) -> int:
        filtering.check(key)  # it is remembered until the text ends
        self.meter.output(len(str(key)))
        return super().cycle(key, length)


class MeteredTemplate(BoundTemplate):
    context_class = MeteredContext
