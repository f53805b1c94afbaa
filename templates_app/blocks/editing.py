"""What can be done to a document in the editor. Each gives a new document."""

from __future__ import annotations

from dataclasses import replace

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _

from templates_app.blocks.documents import MAX_BLOCKS, Block, Document
from templates_app.blocks.types import KINDS


class NotPossible(ValueError):
    """Raised for what can't be done to this document. The message is for the merchant."""


def empty(language: str) -> Document:
    """What a message begins with: its header, and the footer that every message has."""
    return Document((new_block("header", language), new_block("footer", language)), language)


def new_block(kind: str, language: str) -> Block:
    """A block with example words in the language of the message. Raises NotPossible."""
    if kind not in KINDS:
        raise NotPossible(_("There is no block of the kind “%(kind)s”.") % {"kind": kind[:40]})
    with translation.override(language):
        return Block(kind, KINDS[kind].example())


def in_language(document: Document, before: str, language: str) -> Document:
    """The document for another language: words that still are those of a new block in the language `before`, as the
    footer's, are those of a new block in this one. Where we have no words in it, all stays."""
    if language not in dict(settings.LANGUAGES):
        return replace(document, language=language)
    blocks = tuple(_reworded(block, before, language) for block in document)
    return replace(document, blocks=blocks, language=language)


def _reworded(block: Block, before: str, language: str) -> Block:
    if block.type not in KINDS:
        return block
    old, new = new_block(block.type, before).props, new_block(block.type, language).props
    props = {
        name: new.get(name, value) if isinstance(value, str) and value == old.get(name) else value
        for name, value in block.props.items()
    }
    return replace(block, props=props)


def add(document: Document, block: Block, *, after: str = "") -> Document:
    """The document with the block after another; without one, or where it is gone, before the footer. Raises
    NotPossible."""
    if len(document) >= MAX_BLOCKS:
        raise NotPossible(_("A message can have %(most)d blocks at most.") % {"most": MAX_BLOCKS})
    if block.type == "footer":
        raise NotPossible(_("A message has one footer."))
    blocks = list(document)
    place = next((at + 1 for at, one in enumerate(blocks) if one.id == after), None)
    if place is None:
        place = next((at for at, one in enumerate(blocks) if one.type == "footer"), len(blocks))
    return replace(document, blocks=(*blocks[:place], block, *blocks[place:]))


def duplicate(document: Document, block_id: str) -> tuple[Document, Block]:
    """(document, the copy, which stands after the block). Raises NotPossible, LookupError."""
    block = document.blocks[document.place_of(block_id)]
    copy = Block(block.type, block.props)
    return add(document, copy, after=block_id), copy


def remove(document: Document, block_id: str) -> Document:
    """Raises NotPossible for the footer, LookupError for a block that is not there."""
    place = document.place_of(block_id)
    kind = KINDS.get(document.blocks[place].type)
    if kind is not None and not kind.is_removable:
        raise NotPossible(_("Every message needs its footer: it says who writes, and how to unsubscribe."))
    return replace(document, blocks=document.blocks[:place] + document.blocks[place + 1 :])


def move(document: Document, block_id: str, place: int) -> Document:
    """The document with the block at another place, from 0; a place beyond the ends is the end. Raises LookupError."""
    block = document.blocks[document.place_of(block_id)]
    others = [one for one in document if one.id != block_id]
    place = max(0, min(place, len(others)))
    return replace(document, blocks=(*others[:place], block, *others[place:]))


def change(document: Document, block_id: str, props: dict) -> Document:
    """The document with other properties of a block. Raises LookupError."""
    place = document.place_of(block_id)
    changed = replace(document.blocks[place], props=props)
    return replace(document, blocks=(*document.blocks[:place], changed, *document.blocks[place + 1 :]))
