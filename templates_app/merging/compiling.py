"""Texts compiled for a batch: what is the same for everyone is encoded once, per person only the slots are filled in.

A slot is one place whose content depends on the person: an output, a loop, any tag with its block. The merge library
renders it, and what it rendered is kept by the values it read, so that 5,000 first names cost 5,000 renderings and not
a million. `if` and `unless` are followed: their conditions are the library's, their blocks are compiled in turn.

Tags that carry something from one place of the text to another (`assign`, `capture`, `cycle`, ...) make it more than
the sum of its places; such a text is rendered as a whole. The result is the same either way.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from liquid import Environment
from liquid.ast import Node
from liquid.builtin.content import ContentNode
from liquid.builtin.expressions import FilteredExpression, Path
from liquid.builtin.output import OutputNode
from liquid.builtin.tags.comment_tag import CommentNode
from liquid.builtin.tags.if_tag import IfNode
from liquid.builtin.tags.unless_tag import UnlessNode
from liquid.context import RenderContext
from liquid.template import BoundTemplate
from markupsafe import escape

Encode = Callable[[str], bytes]
Piece = bytes | Callable[[dict], bytes]

CARRYING_TAGS = {"assign", "capture", "cycle", "break", "continue", "liquid", "increment", "decrement", "ifchanged"}
CARRYING_LOOP = re.compile(r"offset\s*:\s*'?continue")
REMEMBERED = 8192  # renderings kept per slot
_ABSENT = object()


class NotCompilable(Exception):
    """The text is more than the sum of its places; render it as a whole."""


class TooLarge(Exception):
    """More output than the environment allows."""


class CompiledText:
    """Bytes and slots in order. Not for use by several threads at once."""

    def __init__(self, template: BoundTemplate, encode: Encode, encoded_names: frozenset[str]):
        """`encode` is called for literal text once and for a slot's text each time; its results can be joined in any
        order. Outputs of `encoded_names` are taken from the values as bytes: under the name with a NUL before it.
        Raises NotCompilable."""
        analysis = template.analyze(include_partials=False)
        if CARRYING_TAGS & set(analysis.tags) or CARRYING_LOOP.search(str(template)):
            raise NotCompilable
        self._template, self._encode, self._encoded_names = template, encode, encoded_names
        self._limit = template.env.output_stream_limit
        self._pieces = self._compile(template.nodes)

    def render(self, values: dict) -> bytes:
        """The encoded text for one person. Raises TooLarge and what the merge library raises."""
        done = b"".join([piece if piece.__class__ is bytes else piece(values) for piece in self._pieces])
        if self._limit is not None and len(done) > self._limit:
            raise TooLarge
        return done

    def _compile(self, nodes: list[Node]) -> list[Piece]:
        pieces: list[Piece] = []
        literal = ""
        for node in nodes:
            if isinstance(node, ContentNode):
                literal += node.text
            elif not isinstance(node, CommentNode):
                if literal:
                    pieces.append(self._encode(literal))
                pieces.append(self._slot(node))
                literal = ""
        if literal:
            pieces.append(self._encode(literal))
        return pieces

    def _slot(self, node: Node) -> Piece:
        if isinstance(node, (IfNode, UnlessNode)) and not node.blank:
            return self._branches(node)
        name = _plain_name(node)
        if name in self._encoded_names:
            key = "\0" + name
            return lambda values: values[key]
        if name is not None:
            return self._plain(name, node)
        return self._rendered(node)

    def _plain(self, name: str, node: Node) -> Piece:
        """An output without filters: text values need no library, only its escaping."""
        encode, escapes = self._encode, bool(self._template.env.autoescape)
        rendered = self._rendered(node)
        kept: dict[str, bytes] = {}

        def plain(values: dict) -> bytes:
            value = values.get(name)
            if value.__class__ is not str:
                return rendered(values)
            done = kept.get(value)
            if done is None:
                if len(kept) >= REMEMBERED:
                    kept.clear()
                done = kept[value] = encode(str(escape(value)) if escapes else value)
            return done

        return plain

    def _rendered(self, node: Node) -> Piece:
        encode, template = self._encode, self._template
        names, is_pure = _reads(template.env, node)
        kept: dict[tuple, bytes] = {}

        def render(values: dict) -> bytes:
            buffer = template._get_buffer()
            node.render(RenderContext(template, globals=values), buffer)
            return encode(buffer.getvalue())

        def remembered(values: dict) -> bytes:
            key = tuple([values.get(name, _ABSENT) for name in names])
            for value in key:
                # Only texts: 1, 1.0 and True are one key to a dict and three things to Liquid.
                if value.__class__ is not str and value is not _ABSENT:
                    return render(values)
            done = kept.get(key)
            if done is None:
                if len(kept) >= REMEMBERED:
                    kept.clear()
                done = kept[key] = render(values)
            return done

        return remembered if is_pure else render

    def _branches(self, node: IfNode | UnlessNode) -> Piece:
        template = self._template
        negated = isinstance(node, UnlessNode)
        consequence = self._compile(node.consequence.nodes)
        others = [(branch.expression, self._compile(branch.block.nodes)) for branch in node.alternatives]
        default = self._compile(node.default.nodes) if node.default else []

        def choose(values: dict) -> bytes:
            context = RenderContext(template, globals=values)
            chosen = default
            if bool(node.condition.evaluate(context)) is not negated:
                chosen = consequence
            else:
                for condition, pieces in others:
                    if condition.evaluate(context):
                        chosen = pieces
                        break
            return b"".join([piece if piece.__class__ is bytes else piece(values) for piece in chosen])

        return choose


def _plain_name(node: Node) -> str | None:
    """The name in `{{ name }}`; None for anything more."""
    if not isinstance(node, OutputNode) or not isinstance(node.expression, FilteredExpression):
        return None
    expression = node.expression
    if expression.filters or not isinstance(expression.left, Path) or len(expression.left.path) != 1:
        return None
    name = expression.left.path[0]
    return name if isinstance(name, str) else None


def _reads(env: Environment, node: Node) -> tuple[tuple[str, ...], bool]:
    """The names a node reads, and whether it says the same for the same values (a date filter may say what time it
    is)."""
    analysis = BoundTemplate(env, [node]).analyze(include_partials=False)
    names = sorted({str(name).split(".")[0].split("[")[0] for name in analysis.globals})
    return tuple(names), "date" not in analysis.filters and not {"now", "today"} & set(names)
