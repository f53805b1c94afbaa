"""Choose among many rows of a workspace: tags, lists, segments, imports, and kinds that other apps register.

Rows are never all offered at once: names are looked up by id, and choices are found by a search text.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import Case, CharField, Func, QuerySet, Value, When
from django.db.models.functions import Concat
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from contacts.fields import language_names
from contacts.models import Contact, ContactImport, ContactList, Segment, SignupForm, Tag
from kernel import parameters
from kernel.extensions import Extensions

MAX_FOUND = 20  # choices of a kind that one search shows
MAX_QUERY_LENGTH = 120


# Compared by identity: a hash of its labels would be another one in another language, and dictionaries of kinds would
# not find it there.
@dataclass(frozen=True, eq=False)
class Kind:
    """One kind of row with a name. `rows` returns a queryset of those that may be chosen, in the active scope; `order`
    is the order of search results, and `name` the column that they are searched by."""

    key: str
    label: Any
    plural: Any
    rows: Callable[[], QuerySet]
    order: tuple[str, ...] = ("name",)
    name: str = "name"

    def named(self, keys: Iterable[str]) -> dict[str, str]:
        """Names by key (the id as text) of the rows that exist, in one query. Invalid keys are ignored."""
        ids = parameters.as_numbers(keys)
        return (
            {str(pk): name for pk, name in self.rows().filter(pk__in=ids).values_list("pk", self.name)} if ids else {}
        )

    def find(self, query: str) -> Found:
        """Rows whose name begins with the query, then rows that contain it elsewhere."""
        rows = self.rows().order_by(*self.order)
        if query := clean(query):
            begins = Case(When(**{f"{self.name}__istartswith": query}, then=Value(0)), default=Value(1))
            rows = rows.filter(**{f"{self.name}__icontains": query}).order_by(begins, *self.order)
        found = [Choice(self, str(pk), name) for pk, name in rows.values_list("pk", self.name)[: MAX_FOUND + 1]]
        return Found(self, found[:MAX_FOUND], more=len(found) > MAX_FOUND)


class LanguageKind(Kind):
    """All languages that a contact may have. They are no rows: a file can bring any code of two letters."""

    def named(self, keys: Iterable[str]) -> dict[str, str]:
        return {key: language_names.name(key) for key in keys if language_names.is_code(key)}

    def find(self, query: str) -> Found:
        found = [Choice(self, code, name) for code, name in language_names.search(clean(query))]
        return Found(self, found[:MAX_FOUND], more=len(found) > MAX_FOUND)


@dataclass(frozen=True)
class Choice:
    """One row of a kind. `is_gone`: it was chosen, and has been deleted since."""

    kind: Kind
    key: str
    name: str
    is_gone: bool = False

    def __str__(self) -> str:
        return gettext("No. %(number)s, deleted") % {"number": self.key} if self.is_gone else self.name


@dataclass(frozen=True)
class Found:
    """What a search found of one kind, and whether there is more."""

    kind: Kind
    choices: list[Choice]
    more: bool


KINDS: Extensions[Kind] = Extensions("picker kinds", "Kinds of things that are chosen by name, such as tags.")


def register(kind: Kind) -> Kind:
    return KINDS.add(kind, kind.key)


def clean(query: str) -> str:
    """The search text without superfluous white space, at most MAX_QUERY_LENGTH characters."""
    return " ".join(query.split())[:MAX_QUERY_LENGTH]


def _imports() -> QuerySet:
    """Imports of contacts that have begun. Files often have the same name, so the day tells them apart."""
    day = Func("uploaded_at", Value("YYYY-MM-DD"), function="to_char", output_field=CharField())
    begun = ContactImport.objects.filter(target=ContactImport.Target.CONTACTS).exclude(
        state=ContactImport.State.UPLOADED
    )
    return begun.annotate(file_and_day=Concat("name", Value(" · "), day))


SEGMENT = register(Kind("segment", _("Segment"), _("Segments"), Segment.objects.present))
LIST = register(Kind("list", _("List"), _("Lists"), ContactList.objects.present))
TAG = register(Kind("tag", _("Tag"), _("Tags"), Tag.objects.present))
FORM = register(Kind("form", _("Sign-up form"), _("Sign-up forms"), SignupForm.objects.present))
IMPORT = register(Kind("import", _("Import"), _("Imports"), _imports, order=("-id",), name="file_and_day"))
LANGUAGE = register(LanguageKind("language", _("Language"), _("Languages"), Contact.objects.none))
