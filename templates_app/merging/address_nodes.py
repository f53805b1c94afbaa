"""Addresses that begin with a value: `<a href="{{ website }}">`. What somebody wrote into a form must not become a link
that runs something (`javascript:`, `data:`), so such a value is looked at when the message is made.

Which merge tags that concerns is decided once, when the text is read: those in an address before which it doesn't say
yet where the address leads. All other addresses cost nothing.
"""

from __future__ import annotations

import html as html_module
import re
from collections.abc import Iterable, Iterator
from typing import TextIO

from liquid.ast import BlockNode, Node
from liquid.builtin.output import OutputNode
from liquid.builtin.tags.cycle_tag import CycleNode
from liquid.context import RenderContext
from liquid.template import BoundTemplate

from templates_app.merging import message_tags
from templates_app.merging.hiding import HiddenTags, Tag
from templates_app.merging.spintax_nodes import SpinNode

#: Stands for an address that may not be followed.
NOWHERE = "#"
SCHEMES = frozenset({"http", "https", "mailto", "tel", "sms"})
_ATTRIBUTE = re.compile(
    r"(?<![\w-])(?:href|src|srcset|action|formaction|background|poster|cite|data|longdesc|lowsrc|dynsrc|ping)"
    # The value is looked at, not taken: in `alt="src="` an attribute's name is no attribute.
    r"\s*=\s*(?=\"([^\"]*)\"|'([^']*)'|([^\s\"'>]{1,300}))",
    re.IGNORECASE,
)
_BLOCKS = ("if", "unless", "case", "for", "capture")
_NAME = re.compile(r"\{%-?\s*(end)?(\w+)")
_PLAIN = re.compile(r"\{\{-?\s*(\w+)\s*-?\}\}")
_DECIDED = re.compile(r"[:/?#]")  # after one of these no scheme can follow
# Programs leave out blanks, control characters and what can't be seen: "java\nscript:" runs.
_UNSEEN = re.compile("[\\x00-\\x20\\x7f-\\xa0\\xad\u200b-\u200f\u2028-\u202f\u2060-\u206f\ufeff]")
_SCHEME = re.compile(r"([^/?#:]*):")


def is_safe(address: str) -> bool:
    """Whether the beginning of an address has no scheme, or one that only leads somewhere. `address` is as in HTML."""
    found = _SCHEME.match(_UNSEEN.sub("", html_module.unescape(address)))
    return found is None or found[1].lower() in SCHEMES


class AddressNode(Node):
    """A merge tag that may decide where an address leads. `follows` is the text right behind it in the address."""

    __slots__ = ("follows", "node")

    def __init__(self, node: Node, follows: str):
        super().__init__(node.token)
        self.node, self.follows, self.blank = node, follows, False

    def __str__(self) -> str:
        return str(self.node)

    def render_to_output(self, context: RenderContext, buffer: TextIO) -> int:
        own = context.get_buffer(buffer)
        self.node.render(context, own)
        text = own.getvalue()
        return buffer.write(text if is_safe(text + self.follows) else NOWHERE)

    def children(self, static_context: RenderContext, *, include_partials: bool = True) -> Iterable[Node]:
        return [self.node]


def build(template: BoundTemplate, source: str) -> None:
    """Put these nodes into the tree of a text of HTML."""
    places = dict(_deciding(source))
    if not places:
        return
    context = RenderContext(template)
    pending = [template.nodes]
    while pending:
        nodes = pending.pop()
        pending += [inner for node in nodes for inner in _lists(node, context)]
        nodes[:] = [_checked(node, places) for node in nodes]


def _checked(node: Node, places: dict[int, str]) -> Node:
    follows = places.get(node.token.start_index) if isinstance(node, OutputNode | CycleNode) else None
    return node if follows is None else AddressNode(node, follows)


def _lists(node: Node, context: RenderContext) -> list[list[Node]]:
    """The lists of nodes that are in a node."""
    if isinstance(node, BlockNode):
        return [node.nodes]
    if isinstance(node, SpinNode):
        return node.options
    return [found for child in node.children(context, include_partials=False) for found in _lists(child, context)]


def _deciding(source: str) -> Iterator[tuple[int, str]]:
    """(place, the text behind it in the address) of each place in a merge tag that may decide where an address leads.
    All of its places: where a node begins is not always where its tag does."""
    hidden = HiddenTags(source)
    for found in _ATTRIBUTE.finditer(hidden.text):
        value = next((group for group in found.groups() if group is not None), "")
        for tag, follows in _first_tags(hidden, value):
            for place in range(tag.start, tag.start + len(tag.source)):
                yield place, follows


def _first_tags(hidden: HiddenTags, value: str) -> Iterator[tuple[Tag, str]]:
    """The tags of an address that stand before what decides where it leads, each with the text behind it."""
    pieces = hidden.marker.split(value)  # text, number of a tag, text, ...
    depth, has_options = 0, False
    for number, text in zip([None, *pieces[1::2]], pieces[::2], strict=True):
        follows = html_module.unescape(text)
        if number is not None:
            tag = hidden.tags[int(number)]
            depth += _step(tag)
            plain = _PLAIN.fullmatch(tag.source)
            if plain is None or not message_tags.is_ours(plain[1]):
                yield tag, follows
            elif not depth and not has_options:
                return
        # In one branch of a condition, or in one option of spintax, it says nothing about the others.
        before, brace, _rest = follows.partition("{")
        if not depth and not has_options and _DECIDED.search(before):
            return
        has_options = has_options or bool(brace)


def _step(tag: Tag) -> int:
    """1 where a block begins, -1 where one ends."""
    found = _NAME.match(tag.source) if tag.kind == "block" else None
    if found is None or found[2] not in _BLOCKS:
        return 0
    return -1 if found[1] else 1
