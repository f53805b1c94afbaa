"""The groups of spintax of a text that the merge library has read: nodes of its tree, cut out at their marks."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TextIO

from liquid.ast import BlockNode, Node
from liquid.builtin.content import ContentNode
from liquid.context import RenderContext
from liquid.template import BoundTemplate
from liquid.token import Token

from templates_app.merging.spintax import Group, Marked

#: The value that decides which options a message has (spintax.seed); a name that no merge tag can read.
SEED = "\0seed"
_MIX, _BITS = 0x9E3779B97F4A7C15, (1 << 64) - 1


class SpinNode(Node):
    """A group: one of its options is rendered."""

    __slots__ = ("_key", "options")

    def __init__(self, token: Token, options: list[list[Node]], key: int):
        super().__init__(token)
        self.options, self._key, self.blank = options, key, False

    def __str__(self) -> str:
        return "{{{}}}".format("|".join("".join(map(str, option)) for option in self.options))

    def choice(self, seed: int | None) -> int:
        """The number of the option for a message with this seed. Without one, the first; where it is -n, the n-th, or
        the last where there are fewer."""
        if seed is None:
            return 0
        if seed < 0:
            return min(-seed, len(self.options)) - 1
        return (((seed ^ self._key) * _MIX & _BITS) >> 32) * len(self.options) >> 32

    def render_to_output(self, context: RenderContext, buffer: TextIO) -> int:
        option = self.options[self.choice(context.globals.get(SEED))]  # type: ignore[arg-type]
        return sum([node.render(context, buffer) for node in option])

    def children(self, static_context: RenderContext, *, include_partials: bool = True) -> Iterable[Node]:
        return [node for option in self.options for node in option]


class Mismatch(Exception):
    """Raised where the library has read something else than text at a mark."""


def build(template: BoundTemplate, marked: Marked) -> None:
    """Put the groups into the tree. Raises Mismatch."""
    builder = _Builder(marked, template)
    template.nodes = builder.nested(template.nodes)
    builder.finish()


def is_in(nodes: Iterable[Node], template: BoundTemplate) -> bool:
    """Whether a group is among these nodes or in them."""
    context = RenderContext(template)
    pending = list(nodes)
    while pending:
        node = pending.pop()
        if isinstance(node, SpinNode):
            return True
        pending += node.children(context, include_partials=False)
    return False


@dataclass
class _Level:
    token: Token
    group: Group | None = None
    options: list[list[Node]] = field(default_factory=lambda: [[]])


class _Builder:
    def __init__(self, marked: Marked, template: BoundTemplate):
        self._marks, self._pattern = marked.marks, marked.marks.pattern
        self._groups = iter(marked.groups)
        self._context = RenderContext(template)

    def finish(self) -> None:
        if next(self._groups, None) is not None:
            raise Mismatch

    def nested(self, nodes: list[Node]) -> list[Node]:
        """The nodes with each group as one of them."""
        levels = [_Level(nodes[0].token)] if nodes else []
        for node in nodes:
            if isinstance(node, ContentNode):
                self._cut(node, levels)
                continue
            self._descend(node)
            levels[-1].options[-1].append(node)
        if len(levels) > 1:
            raise Mismatch
        return levels[0].options[0] if levels else []

    def _descend(self, node: Node) -> None:
        if isinstance(node, BlockNode):
            node.nodes = self.nested(node.nodes)
            return
        for child in node.children(self._context, include_partials=False):
            self._descend(child)

    def _cut(self, node: ContentNode, levels: list[_Level]) -> None:
        for piece in self._pattern.split(node.text):
            if not piece or piece == self._marks.dropped:
                continue
            if piece == self._marks.opens:
                levels.append(_Level(node.token, self._next_group()))
            elif piece == self._marks.divides:
                levels[-1].options.append([])
            elif piece == self._marks.closes:
                self._close(levels)
            else:
                levels[-1].options[-1].append(ContentNode(node.token, piece))

    def _next_group(self) -> Group:
        group = next(self._groups, None)
        if group is None:
            raise Mismatch
        return group

    def _close(self, levels: list[_Level]) -> None:
        level = levels.pop()
        if level.group is None or len(level.options) != level.group.options:
            raise Mismatch
        levels[-1].options[-1].append(SpinNode(level.token, level.options, level.group.key))
