"""Blocks that come from outside: each goes through the form of its kind, however it came (pasted, restored, copied from
another workspace)."""

from __future__ import annotations

from dataclasses import replace

from django.utils.translation import gettext as _

from templates_app.blocks import block_forms
from templates_app.blocks.documents import Block, Document, Unreadable
from templates_app.blocks.types import KINDS


def checked_block(block: Block) -> Block:
    """The block with cleaned properties. Raises Unreadable, with a message for the merchant."""
    kind = KINDS.get(block.type)
    if kind is None:
        raise Unreadable(_("There is no block of the kind “%(kind)s”.") % {"kind": block.type[:40]})
    forms = block_forms.given(kind, block.props)
    if errors := block_forms.errors_of(forms):
        raise Unreadable(f"{kind.label}: {errors[0]}")
    return Block(block.type, block_forms.props_of(forms), block.id)


def checked(document: Document) -> Document:
    """The document with cleaned blocks and one footer. Raises Unreadable."""
    blocks = tuple(map(checked_block, document))
    if [block.type for block in blocks].count("footer") != 1:
        raise Unreadable(_("A message has one footer."))
    return replace(document, blocks=blocks)
