"""A message as checks look at it, whatever kind of template it is."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from django.utils.translation import gettext as _
from lxml.html import HtmlElement

from accounts.models import Workspace
from contacts.models import ContactField
from templates_app import picture_addresses
from templates_app.blocks import rendering, saving
from templates_app.blocks.documents import Block, Document
from templates_app.blocks.types import KINDS
from templates_app.checks.finding import Place
from templates_app.merging.hiding import HiddenTags
from templates_app.models import MessageTemplate, PictureFile
from templates_app.plain_text import text_of
from templates_app.reading.findings import Known
from templates_app.reading.known import known_names
from templates_app.reading.visible import Rendered

MAX_WORDS = 60  # characters of the message that name a place
_BLOCK = re.compile(r'data-block="([a-z0-9]+)"')


@dataclass
class Message:
    """`html` is what is sent, before merging; `marked` the same with `data-block` where a block begins, for a message
    made of blocks. `text` is the merchant's own text part, or nothing."""

    workspace: Workspace
    html: str
    text: str = ""
    subject: str = ""
    preheader: str = ""
    document: Document | None = None
    marked: str = ""
    _blocks: dict[str, Block] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.marked = self.marked or self.html
        self._blocks = {block.id: block for block in self.document or ()}

    # --- what it consists of

    @cached_property
    def hidden(self) -> HiddenTags:
        return HiddenTags(self.marked)

    @cached_property
    def rendered(self) -> Rendered:
        """With merge tags hidden: every branch of its conditions is there."""
        return Rendered(self._one_line_tags)

    @cached_property
    def in_the_dark(self) -> Rendered | None:
        """The same as dark mail programs show it; None for a message that says nothing about the dark."""
        return Rendered(self._one_line_tags, is_dark=True) if "prefers-color-scheme" in self.marked else None

    @property
    def _one_line_tags(self) -> str:
        """A merge tag of several lines would move all places behind it."""
        return self.hidden.marker.sub(
            lambda found: found[0] + "\n" * self.hidden.tags[int(found[1])].source.count("\n"), self.hidden.text
        )

    @property
    def root(self) -> HtmlElement:
        return self.rendered.root

    def elements(self, *tags: str) -> Iterator[HtmlElement]:
        yield from self.root.iter(*tags)

    @cached_property
    def own_pictures(self) -> dict[str, PictureFile]:
        """The files of our library that it shows, by key."""
        keys = picture_addresses.keys_in(self.html, self.workspace.pk)
        files = PictureFile.objects.filter(key__in=keys).defer("data").select_related("picture") if keys else []
        return {file.key: file for file in files}

    @cached_property
    def text_part(self) -> str:
        return self.text or text_of(self.html)

    @cached_property
    def known(self) -> Known:
        return known_names()

    @cached_property
    def unknown_person(self) -> Mapping[str, str | None]:
        """What merge tags have for somebody about whom nothing is known."""
        own_fields = list(ContactField.objects.present().values_list("name", flat=True))
        return (
            dict.fromkeys(own_fields)
            | dict.fromkeys(self.known.of_people - set(own_fields), "")
            | {"email": "a@example.com"}
        )

    # --- words and places

    def shown(self, text: str) -> str:
        """A piece of the tree with its merge tags as they are written."""
        return self.hidden.show(text)

    def words(self, element: HtmlElement) -> str:
        """What an element says, a picture in it by its alt text."""
        pieces = [*element.itertext(), *(image.get("alt") or "" for image in element.iter("img"))]
        return short(self.shown(" ".join(" ".join(pieces).split())))

    def block_of(self, element: HtmlElement) -> Block | None:
        for node in (element, *element.iterancestors()):
            if found := self._blocks.get(node.get("data-block", "")):
                return found
        return None

    def place(self, element: HtmlElement) -> Place:
        if self.document is None:
            return self.line(element.sourceline or 1)
        return self._in_block(self.block_of(element))

    def line(self, line: int, column: int = 1, part: str = "html") -> Place:
        """A place of the HTML or text by its line; of a message made of blocks the block in which it is."""
        if self.document is not None and part == "html":
            before = "\n".join(self.marked.split("\n")[:line])
            found = _BLOCK.findall(before)
            return self._in_block(self._blocks.get(found[-1]) if found else None)
        words = _("Line %(line)d") if part == "html" else _("Plain text, line %(line)d")
        return Place(words % {"line": line}, part=part, line=line, column=column)

    def block_place(self, kind: str) -> Place:
        """The first block of a kind; of a template of HTML, nowhere."""
        return self._in_block(next((block for block in self.document or () if block.type == kind), None))

    def _in_block(self, block: Block | None) -> Place:
        if block is None:
            return Place()
        return Place(KINDS[block.type].summary(block.props), block=block.id)


def of_template(template: MessageTemplate, workspace: Workspace) -> Message:
    """The message of a stored template."""
    if not template.is_of_blocks:
        return Message(workspace, template.html, template.text)
    document = saving.document_of(template)
    language = saving.language_of(document, workspace)
    marked = rendering.render(document, saving.look_of(workspace, language), language, is_marked=True)
    return Message(workspace, template.html, template.text, document=document, marked=marked)


def short(text: str, most: int = MAX_WORDS) -> str:
    return text if len(text) <= most else f"{text[: most - 1]}…"


Check = Callable[[Message], "Iterator"]
