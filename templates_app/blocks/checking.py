"""Blocks that come from outside: each goes through the form of its kind, however it came (pasted, restored, copied from
another workspace)."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _

from contacts.imports.languages import common_codes
from templates_app.blocks import block_forms
from templates_app.blocks.block_type import BlockForm
from templates_app.blocks.documents import Block, Document, Unreadable, none
from templates_app.blocks.types import KINDS

# Hexadecimal, or with a digit as in "block00": no name of an action, which has the same place in addresses ("restore").
_ID = re.compile(r"[a-f]+|(?=[a-z]*[0-9])[a-z0-9]+")


def checked_block(block: Block) -> Block:
    """The block with cleaned properties. Raises Unreadable, with a message for the merchant."""
    kind = KINDS.get(block.type)
    if kind is None:
        raise Unreadable(_("There is no block of the kind “%(kind)s”.") % {"kind": block.type[:40]})
    if not _ID.fullmatch(block.id):
        raise none()
    forms = block_forms.given(kind, block.props)
    if not all(map(_has_values, forms.each)):
        raise none()
    if errors := block_forms.errors_of(forms):
        raise Unreadable(f"{kind.label}: {errors[0]}")
    return Block(block.type, block_forms.props_of(forms), block.id)


def checked(document: Document) -> Document:
    """The document with cleaned blocks and one footer. Raises Unreadable."""
    if document.language and document.language not in {*dict(settings.LANGUAGES), *common_codes()}:
        raise Unreadable(_("This message is in a language that isn't offered here. Choose another one."))
    blocks = tuple(map(checked_block, document))
    if [block.type for block in blocks].count("footer") != 1:
        raise Unreadable(_("A message has one footer."))
    return replace(document, blocks=blocks)


def _has_values(form: BlockForm) -> bool:
    """Whether each property is one value. Of a list or a dict, a text would show what Python writes for it."""
    data: Any = form.data
    return not any(isinstance(data.get(form.add_prefix(name)), list | dict) for name in form.fields)
