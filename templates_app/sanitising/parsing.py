"""bleach's HTML parser with limits. Merge tags stay where they are, even where HTML would move text.

bleach's own tokenizer subclass is made for fragments (it turns unknown tags into text). The vendored html5lib parser is
used directly, so that the tree is the same as a browser's. Names in camelCase are html5lib's.
"""

import re
from collections import deque
from typing import Any

from bleach import html5lib_shim as shim
from bleach._vendor.html5lib import treebuilders

from . import limits
from .merge_tags import AS_TEXT, CLOSE, OPEN, MergeTags, is_output
from .reporting import Report

TYPES = shim.constants.tokenTypes
TEXT_TYPES = (TYPES["Characters"], TYPES["SpaceCharacters"])
_SPACE = " \t\n\x0c\r"
_SPLIT = re.compile(f"({OPEN}[0-9]{{1,6}}{CLOSE})")
_TEXT_PHASES = ("inBody", "inCell", "inCaption", "afterBody", "afterAfterBody")


class BoundedTokenizer(shim.HTMLTokenizer):
    """Refuses input that would take quadratic time to read, and joins neighbouring characters into one token."""

    _emitted = None
    _work = 0
    temporaryBuffer = ""

    def __iter__(self):
        characters: list[str] = []
        for token in self._tokens():
            if token["type"] == TYPES["ParseError"]:
                continue
            if token["type"] in TEXT_TYPES:
                characters.append(token["data"])
                continue
            yield from self._text("".join(characters))
            characters = []
            yield token
        yield from self._text("".join(characters))

    def _tokens(self):
        self.tokenQueue: deque = deque()
        while self.state():
            self._charge()
            self.stream.errors.clear()
            while self.tokenQueue:
                token = self.tokenQueue.popleft()
                if token is self.currentToken:
                    self._emitted = token
                yield token

    def ended_inside_a_tag(self) -> bool:
        """Whether the input ends inside a tag, which HTML ignores. Ask after the last token."""
        token = self.currentToken
        return token is not None and token is not self._emitted and isinstance(token.get("data"), list)

    def _text(self, text: str):
        rest = text.lstrip(_SPACE)
        space = text[: len(text) - len(rest)]
        if space:
            yield {"type": TYPES["SpaceCharacters"], "data": space}
        if rest:
            yield {"type": TYPES["Characters"], "data": rest}

    def _charge(self) -> None:
        """Called for each state, so it costs next to nothing where nothing grows."""
        if self.temporaryBuffer:
            self._work += len(self.temporaryBuffer)
        token = self.currentToken
        if token is not None and token is not self._emitted:
            self._work += self._growing(token)
        if self._work > limits.MAX_WORK:
            raise limits.too_complex()

    def _growing(self, token: Any) -> int:
        data = token.get("data")
        if token["type"] == TYPES["Comment"]:
            return len(data)
        if isinstance(data, list):
            del data[limits.MAX_ATTRIBUTES : -1]
            return len(token["name"]) + (len(data[-1][0]) + len(data[-1][1]) if data else 0)
        return sum(len(token.get(key) or "") for key in ("name", "publicId", "systemId"))


class _DocumentTokenizer(BoundedTokenizer):
    """A merge tag in text becomes a comment where HTML would move text: between table rows, in the head, and so on."""

    def __iter__(self):
        """What stands after </body> is held back until it is known whether anything follows that HTML puts into the
        body. Then the merge tags before it belong there, too: else they would be put after it."""
        held: list[dict] = []
        for token in super().__iter__():
            if self._is_after_body() and _may_wait(token):
                held.append(token)
                continue
            if held and self._is_after_body():
                self.parser.phase = self.parser.phases["inBody"]
                held = [waiting for waiting in held if waiting["type"] != TYPES["EndTag"]]
            yield from held
            held = []
            yield token
        yield from held

    def _is_after_body(self) -> bool:
        phases = self.parser.phases
        return self.parser.phase in (phases["afterBody"], phases["afterAfterBody"])

    def _text(self, text: str):
        for piece in _SPLIT.split(text):
            if _SPLIT.fullmatch(piece) and self._would_move(piece):
                yield {"type": TYPES["Comment"], "data": AS_TEXT + piece}
            elif piece:
                yield from super()._text(piece)

    def _would_move(self, marker: str) -> bool:
        phases, phase = self.parser.phases, self.parser.phase
        if phase is phases["text"]:
            return False
        output = is_output(self.parser.merge_tags.source(marker[1:-1]))
        return not (output and any(phase is phases[name] for name in _TEXT_PHASES))


def _may_wait(token: Any) -> bool:
    """Whether a token after </body> leaves the body closed: white space, comments (merge tags among them), </html>."""
    if token["type"] == TYPES["EndTag"]:
        return token["name"] in ("html", "body")
    return token["type"] in (TYPES["Comment"], TYPES["SpaceCharacters"])


_Tree: Any = treebuilders.getTreeBuilder("etree")


class _BoundedTree(_Tree):
    most_elements = limits.MAX_ELEMENTS

    def reset(self) -> None:
        super().reset()
        self._created = self._misplaced = 0

    def insertElementNormal(self, token: Any) -> Any:
        self._admit()
        return super().insertElementNormal(token)

    def insertElementTable(self, token: Any) -> Any:
        self._admit()
        return super().insertElementTable(token)

    def insertComment(self, token: Any, parent: Any = None) -> None:
        self._admit()
        super().insertComment(token, parent)

    def _admit(self) -> None:
        self._created += 1
        if self._created > self.most_elements:
            raise limits.too_many_elements(self.most_elements)
        if len(self.openElements) > limits.MAX_DEPTH:
            raise limits.too_deep()

    def getTableMisnestedNodePosition(self) -> Any:
        self._misplaced += 1
        if self._misplaced > limits.MAX_MISPLACED:
            raise limits.too_complex()
        return super().getTableMisnestedNodePosition()


class _Parser(shim.HTMLParser):
    def __init__(self, merge_tags: MergeTags, most_elements: int) -> None:
        self.merge_tags = merge_tags
        super().__init__(tree=_BoundedTree, namespaceHTMLElements=False)
        self.tree.most_elements = most_elements

    def _parse(self, stream: Any, innerHTML: bool = False, container: str = "div", scripting: bool = True, **options):
        self.innerHTMLMode, self.container, self.scripting = innerHTML, container, True
        self.tokenizer = _DocumentTokenizer(stream, parser=self, **options)
        self.reset()
        self.mainLoop()


def parse(text: str, merge_tags: MergeTags, report: Report, most_elements: int = limits.MAX_ELEMENTS) -> Any:
    """The root of the tree. Its children are the doctype, <html>, and comments around it."""
    parser = _Parser(merge_tags, most_elements)
    parser.parse(text)
    if parser.tokenizer.ended_inside_a_tag():
        report.add("unfinished")
    return parser.tree.document._element
