"""What the library of templates shows: its tabs, search and order."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.contrib.postgres.aggregates import ArrayAgg
from django.db.models import CharField, Count, Exists, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.fields.json import KT
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.models import User
from kernel import words
from templates_app.designs import CATEGORIES
from templates_app.models import LARGE, MessageTemplate, TemplateFavourite
from templates_app.uses import USES

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

A_PAGE = 60
MOST_COUNTED = 999
FAVOURITES, ARCHIVED = "favourites", "archived"
CATEGORY_LABELS = dict(CATEGORIES)
#: Orders by name: the field (for kernel.pagination) and its label.
ORDERS = {
    "": ("-updated_at", _("Last edited")),
    "newest": ("-id", _("Newest first")),
    "name": ("name_key", pgettext_lazy("order", "Name")),
}


@dataclass(frozen=True)
class Tab:
    slug: str
    label: StrOrPromise
    n: int

    @property
    def count(self) -> str:
        return str(self.n) if self.n <= MOST_COUNTED else f"{MOST_COUNTED}+"


def found(tab: str, query: str, person: User) -> QuerySet[MessageTemplate]:
    """The templates of a tab in which all words of the query stand: in their name, their text, or the subject of what
    uses them. Without what they say, and with `is_starred` of this person and `written_in`, where it is a language of
    their own."""
    templates = MessageTemplate.objects.present().filter(original=None, archived_at__isnull=tab != ARCHIVED)
    if tab == FAVOURITES:
        templates = templates.filter(_favourite_of(person))
    elif tab in CATEGORY_LABELS:
        templates = templates.filter(category=tab)
    if query:
        templates = templates.filter(_worded(query))
    written_in = Coalesce(KT("document__language"), Value(""), output_field=CharField())
    return (
        templates.defer(*LARGE)
        .select_related("edited_by", "created_by")
        .annotate(is_starred=_favourite_of(person), written_in=written_in, translated_into=_translated_into())
    )


def _translated_into() -> Subquery:
    # Without an order: it would be grouped by, and each language be a row.
    translations = MessageTemplate.objects.present().filter(original=OuterRef("pk")).order_by()
    return Subquery(translations.values("original").annotate(n=ArrayAgg("language", order_by="language")).values("n"))


def is_favourite_of(person: User, template: MessageTemplate) -> bool:
    return TemplateFavourite.objects.filter(user=person, template=template).exists()


def _favourite_of(person: User) -> Exists:
    return Exists(TemplateFavourite.objects.filter(user=person, template=OuterRef("pk")))


def _worded(query: str) -> Q:
    typed = words.typed(query)
    if not typed:
        return Q(pk__in=[])
    condition = Q()
    for word in typed:
        condition &= Q(words__contains=word)
    for use in USES:
        condition |= Q(pk__in=use.worded(typed))
    return condition


def tabs(person: User) -> list[Tab]:
    """The tabs: all, the person's favourites, each category that has templates, and the archived ones."""
    present = MessageTemplate.objects.present().filter(original=None)
    rows = present.annotate(archived=Q(archived_at__isnull=False)).values_list("category", "archived")
    counts: Counter[str] = Counter()
    for category, archived, n in rows.annotate(n=Count("pk")).order_by():
        counts.update({ARCHIVED: n} if archived else {"": n, category or "-": n})
    favourites = present.filter(_favourite_of(person), archived_at=None).count()
    return [
        Tab("", pgettext_lazy("templates", "All"), counts[""]),
        Tab(FAVOURITES, _("Favourites"), favourites),
        *(Tab(slug, label, counts[slug]) for slug, label in CATEGORIES if counts[slug]),
        *([Tab(ARCHIVED, _("Archived"), counts[ARCHIVED])] if counts[ARCHIVED] else []),
    ]
