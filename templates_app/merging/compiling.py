"""Compile texts for a batch: what is the same for everyone is encoded once, per person only the slots are filled in.

A slot is a place whose content depends on the person: an output, a loop, any tag with its block. The merge library
renders it. Results are cached by the values that the slot reads, so 5,000 first names cost 5,000 renderings and not a
million. `if` and `unless` are split further: the library evaluates their conditions, their blocks are compiled.

Some tags carry state from one place of the text to another (`assign`, `capture`, `cycle`, ...). Such a text can't be
split into slots and is rendered as a whole, with the same result.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from operator import itemgetter
from typing import Any, TypeVar
from weakref import WeakSet

from liquid import Environment
from liquid.ast import BlockNode, Node
from liquid.builtin.content import ContentNode
from liquid.builtin.expressions import FilteredExpression, Path
from liquid.builtin.output import OutputNode
from liquid.builtin.tags.comment_tag import CommentNode
from liquid.builtin.tags.if_tag import IfNode
from liquid.builtin.tags.unless_tag import UnlessNode
from liquid.template import BoundTemplate
from markupsafe import escape

from templates_app.merging import read_only, spintax_nodes
from templates_app.merging.filtering import TOO_LARGE, OverBudget
from templates_app.merging.localising import LANGUAGE, LOCALISED
from templates_app.merging.metering import MAX_OUTPUT, Meter, MeteredContext
from templates_app.merging.spintax_nodes import SEED, SpinNode

Encode = Callable[[str], bytes]
Piece = Callable[[dict], bytes]
Length = Callable[[Any], int]
T = TypeVar("T")

CARRYING_TAGS = {"assign", "capture", "cycle", "break", "continue", "liquid", "increment", "decrement", "ifchanged"}
CARRYING_LOOP = re.compile(r"offset\s*:\s*'?continue")
MAX_CACHED = 8192  # renderings per slot
MAX_CACHED_BYTES = 32_000_000  # of all texts of this process
MAX_CACHED_LENGTH = 4000  # bytes of a rendering
CACHE_ENTRY = 250  # bytes that a dict takes for a key and a short text
MAX_REPEATED = 100  # values in a text that is put together before its size is counted
_ABSENT = object()


class NotCompilable(Exception):
    """Raised for a text that can't be split into slots. Render it as a whole."""


@dataclass(frozen=True)
class Outline:
    """A text for callers that assemble it themselves: encoded literal text, and numbers that are indexes of `slots`."""

    pieces: tuple[bytes | int, ...]
    slots: tuple[Piece, ...]
    begin: Callable[[], None]  # to be called before the slots are filled for another person


class CompiledText:
    """A text as bytes and slots in order. Not for several threads at once."""

    def __init__(self, template: BoundTemplate, encode: Encode, encoded_names: frozenset[str]):
        """Compile a template of the merge library. Raises NotCompilable, and RecursionError for deeply nested ones.

        `encode` is called once for literal text and each time for a slot's text; its results must be fit to be joined.
        For `encoded_names`, the values already have the encoded bytes, under the name with a NUL before it.
        """
        analysis = template.analyze(include_partials=False)
        if CARRYING_TAGS & set(analysis.tags) or CARRYING_LOOP.search(str(template)):
            raise NotCompilable
        self._template, self._encode, self._encoded_names = template, encode, encoded_names
        self._meter, self._repeated = Meter(), 0
        self._max_length = template.env.output_stream_limit or MAX_OUTPUT
        self.caches: list[dict] = []
        _texts.add(self)
        self._parts = self._split(template.nodes)
        self._assemble = self._assembly(*self._parts)

    def render(self, values: dict) -> bytes:
        """The encoded text for one person. Raises what the merge library raises, OverBudget, too."""
        self._meter.begin()
        text = self._assemble(values)
        if len(text) > self._max_length:
            raise OverBudget(TOO_LARGE)
        return text

    def outline(self) -> Outline:
        """The text in pieces. A condition with its blocks is one slot here. The size of the text is not limited."""
        pieces, order, slots = self._parts
        numbers = {at: number for number, (at, _) in enumerate(slots)}
        found = [numbers[at] if (piece := pieces[at]) is None else piece for at in order]
        return Outline(tuple(found), tuple(slot for _, slot in slots), self._meter.begin)

    def _compile(self, nodes: list[Node]) -> Piece:
        """A function that renders `nodes`: their literal text and their slots."""
        return self._assembly(*self._split(nodes))

    def _split(self, nodes: list[Node]) -> tuple[list[bytes | None], list[int], list[tuple[int, Piece]]]:
        """(pieces, order, slots): pieces are literal text, or None for a slot; order has the indexes of pieces as they
        appear in the text; slots are (index of the piece, function). Equal outputs are rendered once per person."""
        pieces: list[bytes | None] = []
        order: list[int] = []
        slots: dict[object, tuple[int, Piece]] = {}
        literal = ""
        for node in [*nodes, None]:
            if isinstance(node, ContentNode):
                literal += node.text
                continue
            if isinstance(node, CommentNode):
                continue
            if literal:
                order.append(len(pieces))
                pieces.append(self._encode(literal))
                literal = ""
            if node is not None:
                # The library writes a block that shows tags (raw) like one that has them: only outputs can be compared.
                key: object = str(node) if isinstance(node, OutputNode) else node
                found = slots.get(key)
                if found is None:
                    found = slots[key] = (len(pieces), self._slot(node))
                    pieces.append(None)
                else:
                    self._repeated += 1 if _plain_name(node) else MAX_REPEATED + 1
                order.append(found[0])
        return pieces, order, list(slots.values())

    def _slot(self, node: Node) -> Piece:
        if isinstance(node, SpinNode):
            return self._choice(node)
        if isinstance(node, (IfNode, UnlessNode)) and not node.blank:
            return self._branches(node)
        name = _plain_name(node)
        if name in self._encoded_names:
            key = "\0" + name
            return lambda values: values[key]
        if name is not None:
            return self._plain(name, node)
        return self._rendered(node)

    def _choice(self, node: SpinNode) -> Piece:
        options, choice = [self._compile(option) for option in node.options], node.choice
        return lambda values: options[choice(values.get(SEED))](values)

    def _plain(self, name: str, node: Node) -> Piece:
        """An output without filters. Text values only need escaping, so they skip the library."""
        encode, escapes = self._encode, bool(self._template.env.autoescape)

        def plain(values: dict) -> bytes:
            value = values.get(name)
            if value.__class__ is str:
                return encode(str(escape(value)) if escapes else value)
            return encode(self._render(node, values))

        return self._cached(plain, (name,), len)

    def _rendered(self, node: Node) -> Piece:
        encode = self._encode
        names, is_pure = _reads(self._template.env, [node])
        is_pure = is_pure and not spintax_nodes.is_in([node], self._template)

        def render(values: dict) -> bytes:
            return encode(self._render(node, values))

        return self._cached(render, names, len) if is_pure else render

    def _branches(self, node: IfNode | UnlessNode) -> Piece:
        template, meter = self._template, self._meter
        negated = isinstance(node, UnlessNode)
        consequence = self._block(node.consequence)
        others = [(branch.expression, self._block(branch.block)) for branch in node.alternatives]
        default = self._block(node.default) if node.default else self._compile([])
        conditions = [node.condition, *(condition for condition, _ in others)]
        names, is_pure = _reads(template.env, [OutputNode(node.token, condition) for condition in conditions])

        def choose(values: dict) -> Piece:
            meter.step()
            context = MeteredContext(template, globals=values, meter=meter)
            if bool(node.condition.evaluate(context)) is not negated:
                return consequence
            for condition, block in others:
                if condition.evaluate(context):
                    return block
            return default

        chosen = self._cached(choose, names, _no_length) if is_pure else choose
        return lambda values: chosen(values)(values)

    def _block(self, block: BlockNode) -> Piece:
        """A block of white space renders to nothing, as in the library (there for `elsif` at least)."""
        return self._compile([] if block.blank else block.nodes)

    def _render(self, node: Node, values: dict) -> str:
        template = self._template
        buffer = template._get_buffer()
        node.render(MeteredContext(template, globals=values, meter=self._meter), buffer)
        text = buffer.getvalue()
        self._meter.output(len(text))
        return text

    def _cached(self, function: Callable[[dict], T], names: tuple[str, ...], length: Length) -> Callable[[dict], T]:
        """The function with a cache. Its result must depend on the values of `names` only."""
        cache: dict = {}
        self.caches.append(cache)

        def compute(key: Any, values: dict) -> T:
            result = function(values)
            size = length(result)
            if size > MAX_CACHED_LENGTH:
                return result
            if len(cache) >= MAX_CACHED:
                cache.clear()
            _cache_size.add(size + CACHE_ENTRY + sum([len(values.get(name) or "") for name in names]))
            cache[key] = result
            return result

        def by_one(values: dict) -> T:
            key = values.get(name, _ABSENT)
            # Only text is cached: 1, 1.0 and True are the same key of a dict, but three different values for Liquid.
            if key.__class__ is not str and key is not _ABSENT:
                return function(values)
            return cache[key] if key in cache else compute(key, values)

        def by_many(values: dict) -> T:
            key = tuple([values.get(name, _ABSENT) for name in names])
            for value in key:
                if value.__class__ is not str and value is not _ABSENT:
                    return function(values)
            return cache[key] if key in cache else compute(key, values)

        if len(names) == 1:
            name = names[0]
            return by_one
        return by_many

    def _assembly(self, pieces: list, order: list[int], slots: list[tuple[int, Piece]]) -> Piece:
        if not slots:
            whole = b"".join([pieces[at] for at in order])
            return lambda values: whole
        in_order = itemgetter(*order) if len(order) > 1 else lambda filled: (filled[order[0]],)
        meter = self._meter

        def assemble(values: dict) -> bytes:
            filled = pieces.copy()
            for at, slot in slots:
                filled[at] = slot(values)
            text = b"".join(in_order(filled))
            meter.output(len(text))
            return text

        def assemble_many(values: dict) -> bytes:
            filled = pieces.copy()
            for at, slot in slots:
                filled[at] = slot(values)
            found = in_order(filled)
            meter.output(sum(map(len, found)))  # before it is made
            return b"".join(found)

        # A value is short, and what else fills a slot is counted there. Only repetitions could make a text that is far
        # too large before it is counted.
        return assemble if self._repeated <= MAX_REPEATED else assemble_many


class _CacheSize:
    """How much the caches of all texts hold. They are emptied together: a tenant with many large texts would otherwise
    fill a lane's memory."""

    def __init__(self) -> None:
        self._size = 0

    def add(self, size: int) -> None:
        self._size += size
        if self._size > MAX_CACHED_BYTES:
            self._size = size
            for text in list(_texts):
                for cache in text.caches:
                    cache.clear()


_texts: WeakSet[CompiledText] = WeakSet()
_cache_size = _CacheSize()


def _no_length(_result: object) -> int:
    return 0


def _plain_name(node: Node) -> str | None:
    """The name in `{{ name }}`; None for anything more."""
    if not isinstance(node, OutputNode) or not isinstance(node.expression, FilteredExpression):
        return None
    expression = node.expression
    if expression.filters or not isinstance(expression.left, Path) or len(expression.left.path) != 1:
        return None
    name = expression.left.path[0]
    return name if isinstance(name, str) else None


def _reads(env: Environment, nodes: list[Node]) -> tuple[tuple[str, ...], bool]:
    """(names that the nodes read, whether the same values always give the same text). A date filter may render the
    current time."""
    analysis = BoundTemplate(env, nodes).analyze(include_partials=False)
    names = sorted(set(map(read_only.root, read_only.read_names(analysis))))
    reads = [*names, LANGUAGE] if LOCALISED & set(analysis.filters) else names
    return tuple(reads), "date" not in analysis.filters and not {"now", "today"} & set(names)
