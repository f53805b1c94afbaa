"""Where a text shows a value as it is: without a fallback, and in no condition that asks for it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from liquid.ast import ConditionalBlockNode, Node
from liquid.builtin.expressions import FilteredExpression, Path
from liquid.builtin.output import OutputNode
from liquid.builtin.tags.case_tag import CaseNode
from liquid.builtin.tags.if_tag import IfNode
from liquid.builtin.tags.unless_tag import UnlessNode
from liquid.context import RenderContext
from liquid.expression import Expression
from liquid.template import BoundTemplate

Place = tuple[str, int]  # a name, and where it stands in the source


def without_fallback(template: BoundTemplate) -> list[Place]:
    """The names that are shown like this, by place."""
    return list(_shown(template.nodes, frozenset(), RenderContext(template)))


def _shown(nodes: Iterable[Node], asked: frozenset[str], context: RenderContext) -> Iterator[Place]:
    for node in nodes:
        if isinstance(node, OutputNode):
            yield from _output(node, asked)
            continue
        for child, names in _branches(node, context):
            yield from _shown([child], asked | names, context)


def _output(node: OutputNode, asked: frozenset[str]) -> Iterator[Place]:
    expression = node.expression
    if not isinstance(expression, FilteredExpression) or not isinstance(expression.left, Path):
        return
    name = expression.left.path[0]
    has_fallback = any(one.name == "default" for one in expression.filters or [])
    if isinstance(name, str) and name not in asked and not has_fallback:
        yield name, expression.left.token.start_index


def _branches(node: Node, context: RenderContext) -> Iterator[tuple[Node, frozenset[str]]]:
    """The parts of a node, each with the names that somebody who sees it was asked for."""
    if isinstance(node, UnlessNode) and node.default:
        yield node.default, _names(node.condition)
        yield from ((child, frozenset()) for child in node.children(context) if child is not node.default)
    elif isinstance(node, IfNode):
        yield node.consequence, _names(node.condition)
        yield from ((child, frozenset()) for child in node.children(context) if child is not node.consequence)
    elif isinstance(node, ConditionalBlockNode):
        yield node.block, _names(node.expression)
    elif isinstance(node, CaseNode):
        asked = frozenset().union(*map(_names, node.expressions()))
        yield from ((child, asked) for child in node.children(context))
    else:
        yield from ((child, frozenset()) for child in node.children(context))


def _names(expression: Expression) -> frozenset[str]:
    found, pending = set(), [expression]
    while pending:
        one = pending.pop()
        if isinstance(one, Path) and isinstance(one.path[0], str):
            found.add(one.path[0])
        pending += one.children()
    return frozenset(found)
