"""What can be added to a message, in groups."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from templates_app.blocks.block_type import BlockType
from templates_app.blocks.types import KINDS

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

GROUPS = [("basic", _("Basic")), ("shop", _("Shop")), ("more", _("More"))]


@dataclass(frozen=True)
class Group:
    label: StrOrPromise
    kinds: list[BlockType]


def groups() -> list[Group]:
    return [Group(label, [kind for kind in KINDS.values() if kind.group == slug]) for slug, label in GROUPS]
