"""Liquid, closed: values only (no attribute of a Python object can be reached), bounded loops, output and nesting.

Undefined tags are empty when a message is made; the page that saves a template warns of the unknown ones.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

from django.utils.translation import gettext as _
from liquid import Environment
from liquid.exceptions import LiquidError, LiquidSyntaxError, ResourceLimitError

from templates_app.merging.compiling import CompiledText, Encode, NotCompilable, Outline, TooLarge

# Tags that read other templates, or reach beyond one message.
CLOSED_TAGS = (
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
)


class _Limited(Environment):
    loop_iteration_limit = 2000
    output_stream_limit = 2_000_000
    local_namespace_limit = 200_000
    context_depth_limit = 12
    block_nesting_limit = 20


def _environment(autoescape: bool) -> Environment:
    environment = _Limited(autoescape=autoescape)
    for name in CLOSED_TAGS:
        environment.tags.pop(name, None)
    environment.filters.pop("safe", None)  # it would let a value pass unescaped
    return environment


_HTML, _TEXT = _environment(True), _environment(False)


class MergeError(ValueError):
    """The text can't be merged; the message says where and why."""


class Merger:
    """A compiled text: call `render(values)` once per message."""

    def __init__(self, source: str, *, html: bool):
        try:
            self._template = (_HTML if html else _TEXT).from_string(source)
        except LiquidSyntaxError as problem:
            raise MergeError(_explain(problem, source)) from None
        except (LiquidError, RecursionError) as problem:
            raise MergeError(
                str(problem) or _("The merge tags are nested too deeply. Use fewer levels of conditions or loops.")
            ) from None

    def render(self, values: dict) -> str:
        """Raises MergeError where a limit is reached or a value can't be used."""
        with _explained():
            return self._template.render(values)

    def compile(self, encode: Encode, encoded_names: frozenset[str] = frozenset()) -> Callable[[dict], bytes]:
        """A function values -> encoded bytes, for one thread and many people. See CompiledText for the arguments; the
        function raises MergeError."""
        try:
            compiled = CompiledText(self._template, encode, encoded_names).render
        except NotCompilable:
            return lambda values: encode(self.render(values))

        def render(values: dict) -> bytes:
            with _explained():
                return compiled(values)

        return render

    def outline(self, encode: Encode, encoded_names: frozenset[str] = frozenset()) -> Outline | None:
        """The text in pieces, for one thread; None where it is more than the sum of its places. See CompiledText for
        the arguments; slots raise what the merge library raises."""
        try:
            return CompiledText(self._template, encode, encoded_names).outline()
        except NotCompilable:
            return None

    def variables(self) -> set[str]:
        """The names the text asks for, without the ones it sets itself."""
        return {str(name).split(".")[0] for name in self._template.analyze(include_partials=False).globals}


class _explained:
    def __enter__(self) -> None:
        pass

    def __exit__(self, kind, problem, trace) -> None:
        if kind is None:
            return
        if issubclass(kind, (ResourceLimitError, TooLarge)):
            raise MergeError(_("A loop is too long or makes the message too large. Shorten it.")) from None
        if issubclass(kind, (LiquidError, RecursionError, ArithmeticError, ValueError, TypeError)):
            raise MergeError(str(problem)) from None


@lru_cache(maxsize=256)
def parse(source: str, *, html: bool) -> Merger:
    """Compile, or take the compiled one of before. Raises MergeError."""
    return Merger(source, html=html)


def variables(*sources: str) -> set[str]:
    """The merge tags that these texts use. Raises MergeError."""
    return set().union(*(Merger(source, html=False).variables() for source in sources))


def check(source: str, *, html: bool) -> None:
    """Compile and run once with nothing filled in. Raises MergeError."""
    Merger(source, html=html).render({})


def _explain(problem: LiquidSyntaxError, source: str) -> str:
    token = getattr(problem, "token", None)
    start = getattr(token, "start_index", None)
    what = str(getattr(problem, "message", "") or problem).splitlines()[0]
    if start is None or start < 0:
        return _("A merge tag can't be read: %(what)s. Check for a missing {%% endif %%}.") % {"what": what}
    line = source.count("\n", 0, start) + 1
    column = start - (source.rfind("\n", 0, start) + 1) + 1
    return _("Line %(line)d, column %(column)d: %(what)s") % {"line": line, "column": column, "what": what}
