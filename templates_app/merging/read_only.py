"""The names that no text may give another value: the law asks for the unsubscribe link and the postal address, so a
text must not be able to lead them elsewhere (`{% assign unsubscribe_url = "…" %}`).

A text that tries is refused when it is saved. One that was stored before is sent, and has no effect on them
(`metering.MeteredContext`).
"""

from __future__ import annotations

from collections.abc import Iterator

from django.utils.translation import gettext as _
from liquid.ast import Node
from liquid.context import RenderContext
from liquid.static_analysis import TemplateAnalysis, Variable
from liquid.template import BoundTemplate

from templates_app.merging import folded, message_tags
from templates_app.merging.structure import Problem


def changed(template: BoundTemplate) -> list[Problem]:
    """Where the text gives one of these names a value, by place."""
    text = _("“%(name)s” can't be changed: choose another name.")
    found = [Problem(start, text % {"name": name}) for name, start in _bound(template) if message_tags.is_ours(name)]
    return sorted(found, key=lambda problem: problem.start)


def read_names(analysis: TemplateAnalysis) -> dict[str, list[Variable]]:
    """The names that a text reads from outside, with their places. These are among them even where the text gives them
    a value."""
    ours = {name: places for name, places in analysis.variables.items() if message_tags.is_ours(root(name))}
    found: dict[str, list[Variable]] = {}
    for name, places in {**analysis.globals, **ours}.items():
        found.setdefault(folded.field_of(str(name)), []).extend(places)
    return found


def shown_names(analysis: TemplateAnalysis) -> set[str]:
    """The names of `read_names` but those that only conditions of blocks ask for."""
    names = {root(name) for name in (*analysis.globals, *analysis.variables)}
    return {root(name) for name in read_names(analysis)} & {
        name for name in names if not name.startswith(folded.PREFIX)
    }


def root(name: object) -> str:
    """The name at the beginning of a path such as `event.items[0]`."""
    return str(name).split(".")[0].split("[")[0]


def _bound(template: BoundTemplate) -> Iterator[tuple[str, int]]:
    """The names that the text sets, each with the place of it."""
    context = RenderContext(template)
    pending: list[Node] = list(template.nodes)
    while pending:
        node = pending.pop()
        for name in (*node.template_scope(), *node.block_scope()):
            yield str(name), name.token.start_index
        pending += node.children(context, include_partials=False)
