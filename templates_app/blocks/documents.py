"""The document: blocks in order, as JSON {"v": 1, "language", "blocks": [{"id", "type", "props"}]}."""

from __future__ import annotations

import hashlib
import json
import re
import secrets
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _

VERSION = 1
MAX_BLOCKS = 200
MAX_ITEMS = 24
_LANGUAGE = re.compile(r"([a-z]{2})?")
_ID = re.compile(r"[a-z0-9]{4,16}")


class Unreadable(ValueError):
    """Raised for what is no document, or one that is too large. The message is for the merchant."""


def none() -> Unreadable:
    """What is raised for what is no document at all."""
    return Unreadable(_("This is no message made of blocks. Undo or copy again in the editor."))


@dataclass(frozen=True)
class Block:
    """`props` holds JSON values by name: texts, numbers, booleans; `items`, where a kind of block has them, a list of
    such dicts."""

    type: str
    props: dict[str, Any] = field(default_factory=dict)
    id: str = field(default_factory=lambda: secrets.token_hex(4))

    def as_json(self) -> dict[str, Any]:
        return {"id": self.id, "type": self.type, "props": self.props}


@dataclass(frozen=True)
class Document:
    """`language` is the code of the language that it is written in; empty for the workspace's."""

    blocks: tuple[Block, ...] = ()
    language: str = ""

    def __iter__(self) -> Iterator[Block]:
        return iter(self.blocks)

    def __len__(self) -> int:
        return len(self.blocks)

    def find(self, block_id: str) -> Block | None:
        return next((block for block in self.blocks if block.id == block_id), None)

    def place_of(self, block_id: str) -> int:
        """Where the block stands, from 0. Raises LookupError."""
        for place, block in enumerate(self.blocks):
            if block.id == block_id:
                return place
        raise LookupError(block_id)

    def as_json(self) -> dict[str, Any]:
        return {"v": VERSION, "language": self.language, "blocks": [block.as_json() for block in self.blocks]}


def mark_of(part: Block | Document) -> str:
    """A digest by which is found out whether somebody changed it meanwhile."""
    return hashlib.sha256(json.dumps(part.as_json(), sort_keys=True).encode()).hexdigest()[:16]


def read(stored: object) -> Document:
    """The document of a JSON that has its shape. What is in the blocks is not looked at: `checking.checked` does that
    for what comes from outside. Raises Unreadable."""
    if not isinstance(stored, dict) or not _is_version(stored.get("v")) or not isinstance(stored.get("blocks"), list):
        raise none()
    listed = stored["blocks"]
    if len(listed) > MAX_BLOCKS:
        raise Unreadable(
            _("This message has %(count)d blocks; the limit is %(most)d. Split it into two messages.")
            % {"count": len(listed), "most": MAX_BLOCKS}
        )
    language = stored.get("language", "")
    if not isinstance(language, str) or not _LANGUAGE.fullmatch(language):
        raise none()
    blocks = tuple(map(_read_block, listed))
    if len({block.id for block in blocks}) != len(blocks):
        raise none()
    return Document(blocks, language)


def _is_version(value: object) -> bool:
    return value == VERSION and not isinstance(value, bool)  # True equals 1


def _read_block(stored: object) -> Block:
    if not isinstance(stored, dict):
        raise none()
    block_id, kind, props = stored.get("id"), stored.get("type"), stored.get("props")
    if not isinstance(block_id, str) or not _ID.fullmatch(block_id):
        raise none()
    if not isinstance(kind, str) or not isinstance(props, dict):
        raise none()
    return Block(kind, props, block_id)
