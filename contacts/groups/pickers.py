"""Choosing among many things of a workspace: tags, lists, segments, and what other apps add. They are never offered all
at once; names are asked for by id, and things are found by what somebody types."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import Case, QuerySet, Value, When
from django.utils.translation import gettext_lazy as _

from contacts.models import ContactList, Segment, Tag
from kernel.extensions import Extensions

MOST_FOUND = 20  # of a kind, by one search
LONGEST_WORDS = 120


@dataclass(frozen=True)
class Kind:
    """One kind of thing with a name. `rows` answers a queryset of those that may be chosen, in the active scope;
    `order` is the order in which they are found."""

    key: str
    label: Any
    plural: Any
    rows: Callable[[], QuerySet]
    order: tuple[str, ...] = ("name",)

    def named(self, keys: Iterable[str]) -> dict[str, str]:
        """Names by key (the id as text) of those that exist, in one query."""
        ids = [int(key) for key in keys if key.isascii() and key.isdigit() and len(key) < 19]
        return {str(pk): name for pk, name in self.rows().filter(pk__in=ids).values_list("pk", "name")} if ids else {}

    def find(self, words: str) -> Found:
        """What begins with the words, then what contains them elsewhere."""
        rows = self.rows().order_by(*self.order)
        if words := clean(words):
            begins = Case(When(name__istartswith=words, then=Value(0)), default=Value(1))
            rows = rows.filter(name__icontains=words).order_by(begins, *self.order)
        found = [Choice(self, str(pk), name) for pk, name in rows.values_list("pk", "name")[: MOST_FOUND + 1]]
        return Found(self, found[:MOST_FOUND], more=len(found) > MOST_FOUND)


@dataclass(frozen=True)
class Choice:
    """One thing of a kind. `is_gone`: it was chosen, and was deleted since."""

    kind: Kind
    key: str
    name: str
    is_gone: bool = False


@dataclass(frozen=True)
class Found:
    """What a search found of a kind, and whether there is more."""

    kind: Kind
    choices: list[Choice]
    more: bool


KINDS: Extensions[Kind] = Extensions("picker kinds", "Kinds of things that are chosen by name, such as tags.")


def register(kind: Kind) -> Kind:
    return KINDS.add(kind, kind.key)


def clean(words: str) -> str:
    return " ".join(words.replace("\0", "").split())[:LONGEST_WORDS]


SEGMENT = register(Kind("segment", _("Segment"), _("Segments"), lambda: Segment.objects.present()))
LIST = register(Kind("list", _("List"), _("Lists"), lambda: ContactList.objects.present()))
TAG = register(Kind("tag", _("Tag"), _("Tags"), lambda: Tag.objects.present()))
