"""What an import did to whom: the ids of its contacts by effect, up to 1,000 to a row (ImportedContacts).

Each chunk adds rows for each effect. Once the import has ended, `sort` makes the rows of an effect disjoint and
ascending, so that a page of contacts or the imports of one contact are found by reading a row or two.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db.backends.utils import CursorWrapper
from django.db.models import Exists, Max, Min, OuterRef, Q, QuerySet

from contacts.models import Contact, ContactImport, ImportedContacts
from contacts.models.contact import ContactQuerySet

Effect = ImportedContacts.Effect
#: The effects of which each contact of an import has one; it may have been kept out besides.
WRITTEN = (Effect.CREATED, Effect.UPDATED, Effect.SUBSCRIBED)
BLOCK = 1000

ADD = f"""
INSERT INTO contacts_importedcontacts (workspace_id, contact_import_id, effect, first_id, last_id, contact_ids)
SELECT %(ws)s, %(import)s, effect, min(id), max(id), array_agg(id ORDER BY id) FROM (
    SELECT effect, id, (row_number() OVER (PARTITION BY effect ORDER BY id) - 1) / {BLOCK} AS block FROM ({{rows}}) r) b
GROUP BY effect, block
"""  # noqa: S608
OVERLAP = """
SELECT EXISTS (SELECT FROM (
    SELECT first_id, lag(last_id) OVER (PARTITION BY effect ORDER BY first_id, last_id) AS before
    FROM contacts_importedcontacts WHERE workspace_id = %(ws)s AND contact_import_id = %(import)s) o
WHERE first_id <= before)
"""
SORT = f"""
WITH taken AS (
    DELETE FROM contacts_importedcontacts WHERE workspace_id = %(ws)s AND contact_import_id = %(import)s
    RETURNING effect, contact_ids
)
{ADD.format(rows="SELECT DISTINCT effect, id FROM taken CROSS JOIN unnest(contact_ids) AS u(id)")}
"""  # noqa: S608
FORGET = """
UPDATE contacts_importedcontacts SET contact_ids = array_remove(contact_ids, %(contact)s)
WHERE workspace_id = %(ws)s AND first_id <= %(contact)s AND last_id >= %(contact)s AND %(contact)s = ANY(contact_ids)
"""


def add(rows: str) -> str:
    """The statement that stores the effects of a chunk. `rows` is a query with the columns `effect` and `id`; the
    parameters are those of `people.params_of`."""
    return ADD.format(rows=rows)


def add_ids(cursor: CursorWrapper, contact_import: ContactImport, effect: Effect, contact_ids: Iterable[int]) -> None:
    """Store that the import had this effect on these contacts."""
    params: dict[str, Any] = {
        "ws": contact_import.workspace_id,
        "import": contact_import.pk,
        "effect": effect.value,
        "ids": sorted(contact_ids),
    }
    rows = "SELECT %(effect)s AS effect, u.id FROM unnest(%(ids)s::bigint[]) AS u(id)"
    cursor.execute(add(rows), params)


def sort(cursor: CursorWrapper, contact_import: ContactImport) -> None:
    """Sort the ids of an import that has ended. New contacts are in order already: only updates cost anything here."""
    params = {"ws": contact_import.workspace_id, "import": contact_import.pk}
    cursor.execute(OVERLAP, params)
    if cursor.fetchone()[0]:
        cursor.execute(SORT, params)


def forget(cursor: CursorWrapper, workspace_id: int, contact_id: int) -> None:
    """Remove a contact from the records of all imports."""
    cursor.execute(FORGET, {"ws": workspace_id, "contact": contact_id})


def imports_of(contact_ids: list[int]) -> QuerySet[ContactImport]:
    """The imports that had an effect on any of these contacts."""
    return ContactImport.objects.filter(Exists(_with_any(contact_ids).filter(contact_import=OuterRef("pk"))))


def on(contact_ids: list[int], import_ids: list[int]) -> dict[int, list[Effect]]:
    """By import, the effects that it had on these contacts."""
    found: dict[int, list[Effect]] = {}
    rows = _with_any(contact_ids).filter(contact_import__in=import_ids)
    for import_id, effect in (
        rows.order_by("contact_import", "effect").values_list("contact_import", "effect").distinct()
    ):
        found.setdefault(import_id, []).append(Effect(effect))
    return found


def count(contact_import: ContactImport) -> dict[str, int]:
    """By effect, how many contacts an import had it on, those who are deleted or erased since included."""
    counts: dict[str, int] = {}
    rows = ImportedContacts.objects.filter(contact_import=contact_import)
    for effect, number in rows.values_list("effect", "contact_ids__len"):
        counts[effect] = counts.get(effect, 0) + number
    return counts


def page(contact_import: ContactImport, effect: str, *, after: int, size: int) -> list[Contact]:
    """At most `size` contacts with this effect and an id above `after`, in the order of their ids. Erased and merged
    contacts are left out, those in the trash are not."""
    people: list[Contact] = []
    blocks = ImportedContacts.objects.filter(contact_import=contact_import, effect=effect).order_by("first_id", "id")
    visible = Contact.objects.filter(erased_at=None, merged_into_id=None)
    while len(people) < size and (block := blocks.filter(last_id__gt=after).first()):
        ids = [pk for pk in block.contact_ids if pk > after]
        people += visible.filter(pk__in=ids).order_by("pk")[: size - len(people)]
        after = people[-1].pk if len(people) == size else block.last_id
    return people


def written_by(contacts: ContactQuerySet, import_id: int) -> ContactQuerySet:
    """Those of the contacts that an import created or updated."""
    blocks = ImportedContacts.objects.filter(contact_import=import_id, effect__in=WRITTEN)
    bounds = blocks.aggregate(first=Min("first_id"), last=Max("last_id"))
    if bounds["first"] is None:
        return contacts.none()
    # Name the workspace: on the engine connection row-level security adds no condition, and the index begins with it.
    inside = blocks.filter(
        workspace=OuterRef("workspace"),
        first_id__lte=OuterRef("pk"),
        last_id__gte=OuterRef("pk"),
        contact_ids__contains=[OuterRef("pk")],
    )
    return contacts.filter(Q(pk__gte=bounds["first"], pk__lte=bounds["last"]), Exists(inside))


def _with_any(contact_ids: list[int]) -> QuerySet[ImportedContacts]:
    bounds = {"first_id__lte": max(contact_ids), "last_id__gte": min(contact_ids)}
    return ImportedContacts.objects.filter(**bounds, contact_ids__overlap=contact_ids)
