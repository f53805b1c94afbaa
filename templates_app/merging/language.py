"""Liquid with limits: values only (no attribute of a Python object can be reached), and a budget for reading a text
(`scanning`), for evaluating it (`metering`) and for each filter (`filtering`).

Undefined merge tags render to nothing. The campaign's checklist warns of unknown ones.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache
from types import TracebackType

from django.utils.translation import gettext as _
from liquid import Environment
from liquid.exceptions import LiquidError, LiquidSyntaxError, ResourceLimitError
from liquid.template import BoundTemplate

from templates_app.merging import (
    address_nodes,
    explaining,
    fallbacks,
    localising,
    metering,
    nothing,
    read_only,
    scanning,
    spintax,
    spintax_nodes,
)
from templates_app.merging.compiling import CompiledText, Encode, NotCompilable, Outline
from templates_app.merging.fallbacks import Place
from templates_app.merging.filtering import TOO_LARGE, OverBudget
from templates_app.merging.metering import MeteredTemplate
from templates_app.merging.spintax import Marked
from templates_app.merging.structure import Problem

# Tags that read other templates or have effects beyond one message; and `liquid`, whose lines are read by a regular
# expression that takes the square of the blanks in them.
REMOVED_TAGS = (
    "include",
    "render",
    "extends",
    "block",
    "macro",
    "call",
    "increment",
    "decrement",
    "ifchanged",
    "tablerow",
    "liquid",
)

MAX_PARSED = 32  # texts; the largest takes 8 MB


class _Limited(Environment):
    template_class = MeteredTemplate
    loop_iteration_limit = 2000
    output_stream_limit = 2_000_000
    local_namespace_limit = 200_000
    context_depth_limit = 12
    block_nesting_limit = 20


def _environment(autoescape: bool) -> Environment:
    environment = _Limited(autoescape=autoescape)
    for name in REMOVED_TAGS:
        environment.tags.pop(name, None)
    environment.filters.pop("safe", None)  # with it a value would not be escaped
    environment.filters |= {"default": nothing.default, **localising.FILTERS}
    return environment


_HTML, _TEXT = _environment(True), _environment(False)


def filter_names() -> list[str]:
    """The filters that there are, in alphabetical order."""
    return sorted(_HTML.filters)


class MergeError(ValueError):
    """Raised for a text that can't be merged. The message says where and why; `problems` the same by place, and what
    else is wrong."""

    def __init__(self, text: str, problems: Sequence[Problem] = ()):
        super().__init__(text)
        self.problems = list(problems)


class TooCostly(MergeError):
    """Raised for a text that is over its budget of time, steps or output. The message says what to do."""


class Merger:
    """A compiled text: call `render(values)` once per message."""

    def __init__(self, source: str, *, html: bool, room: int = 0):
        """Raises MergeError. `room`: see scanning.refuse_costly()."""
        self._environment = _HTML if html else _TEXT
        try:
            scanning.refuse_costly(source, html=html, room=room)
            marked = spintax.mark(source, html=html)
            self._template = _read(source, marked, self._environment)
            if html:
                address_nodes.build(self._template, source)
            #: How many options the largest group of spintax has; 0 without spintax.
            self.options = max([group.options for group in marked.groups], default=0) if marked else 0
        except LiquidSyntaxError as problem:
            found = explaining.of_reading(problem, source, self._environment)
            raise MergeError(explaining.at(source, found[0].start, found[0].text), found) from None
        except (LiquidError, RecursionError):
            raise MergeError(
                _("The merge tags are nested too deeply. Use fewer levels of conditions or loops.")
            ) from None

    def render(self, values: dict) -> str:
        """The text for one message. Raises MergeError if a limit is reached or a value can't be used."""
        with _Explained():
            return self._template.render(values)

    def compile(self, encode: Encode, encoded_names: frozenset[str] = frozenset()) -> Callable[[dict], bytes]:
        """A function from values to encoded bytes, for one thread and many people. It raises MergeError. See
        CompiledText for the arguments."""
        try:
            compiled = CompiledText(self._template, encode, encoded_names).render
        except (NotCompilable, RecursionError):
            return lambda values: encode(self.render(values))

        def render(values: dict) -> bytes:
            with _Explained():
                return compiled(values)

        return render

    def outline(self, encode: Encode, encoded_names: frozenset[str] = frozenset()) -> Outline | None:
        """The text in pieces, for one thread; None if it can't be split into slots. See CompiledText for the arguments.
        Slots raise the merge library's exceptions."""
        try:
            return CompiledText(self._template, encode, encoded_names).outline()
        except (NotCompilable, RecursionError):
            return None

    def unknown_filters(self) -> list[Problem]:
        """Filters that there are not, by place."""
        environment, analysis = self._environment, self._template.analyze(include_partials=False)
        found = [
            Problem(span.index, explaining.unknown_filter(name, environment))
            for name, spans in analysis.filters.items()
            if name not in environment.filters
            for span in spans
        ]
        return sorted(found, key=lambda problem: problem.start)

    def places(self) -> list[Place]:
        """The names that the text reads, without those that it sets itself, each time with its place. Raises
        MergeError."""
        with _Explained():
            names = read_only.read_names(self._template.analyze(include_partials=False))
        return [(str(name).split(".")[0], one.span.index) for name, found in names.items() for one in found]

    def changed_names(self) -> list[Problem]:
        """Where the text gives a name of ours another value, by place."""
        return read_only.changed(self._template)

    def without_fallback(self) -> list[Place]:
        """The names that the text shows as they are, by place: see fallbacks."""
        return fallbacks.without_fallback(self._template)

    def variables(self) -> set[str]:
        """The names that the text reads, without those that it sets itself. Raises MergeError."""
        with _Explained():
            names = read_only.read_names(self._template.analyze(include_partials=False))
        return {str(name).split(".")[0] for name in names}

    def shown(self) -> set[str]:
        """The same without those that only conditions of blocks ask for: nobody sees that they are empty."""
        with _Explained():
            return read_only.shown_names(self._template.analyze(include_partials=False))


def _read(source: str, marked: Marked | None, environment: Environment) -> BoundTemplate:
    if marked is None:
        return environment.from_string(source)
    template = environment.from_string(marked.source)
    try:
        spintax_nodes.build(template, marked)
    except spintax_nodes.Mismatch:
        return environment.from_string(source)
    return template


class _Explained:
    def __enter__(self) -> None:
        pass

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is None:
            return
        if isinstance(problem, OverBudget):
            raise TooCostly(str(problem.message)) from None
        if issubclass(kind, ResourceLimitError):
            raise TooCostly(str(TOO_LARGE)) from None
        if isinstance(problem, LiquidError):
            raise MergeError(*explaining.of_filling_in(problem)) from None
        if issubclass(kind, MergeError):
            return
        if issubclass(kind, (RecursionError, ArithmeticError, ValueError, TypeError)):
            raise MergeError(_("A filter or a comparison can't use this value.")) from None


@lru_cache(maxsize=MAX_PARSED)
def parse(source: str, *, html: bool) -> Merger:
    """Compile a text; the last ones are cached. Raises MergeError."""
    return Merger(source, html=html)


def is_readable(source: str) -> bool:
    """False for a text that is too costly to look for merge tags in: some have no end, or there are too many."""
    try:
        scanning.refuse_costly(source, html=False)
    except LiquidSyntaxError:
        return False
    return True


def spend() -> None:
    """For work on texts that is not the merge library's: raises TooCostly where the allowance is used up."""
    with _Explained():
        metering.spend()


def variables(*sources: str) -> set[str]:
    """The names of the merge tags in these texts. Raises MergeError."""
    return set().union(*(Merger(source, html=False).variables() for source in sources))


def check(source: str, *, html: bool) -> None:
    """Compile the text and render it once without values. Raises MergeError, also for a filter that there is not in a
    branch that nobody takes yet, and where the text gives a name of ours another value."""
    merger = Merger(source, html=html, room=scanning.ADDED_WHEN_SENT)
    if wrong := merger.unknown_filters() or merger.changed_names():
        raise MergeError(explaining.at(source, wrong[0].start, wrong[0].text), wrong)
    merger.render({})


def mistakes(source: str, *, html: bool) -> list[Problem]:
    """All that `check()` would refuse the text for, by place."""
    try:
        check(source, html=html)
    except MergeError as problem:
        return problem.problems or [Problem(0, str(problem))]
    return []
