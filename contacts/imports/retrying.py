"""Rejected rows that were mended: their file is the file of the original's rejected rows, uploaded again.

That file has the original's columns after two of its own, the line and the reason. The heading of the first one names
the original import, in the language of the member who downloaded it: "Line (import 12)".
"""

from __future__ import annotations

import re
from functools import cache

from django.conf import settings
from django.db.backends.utils import CursorWrapper
from django.utils import translation
from django.utils.translation import gettext as _

from contacts.imports.prefetch import Chunk
from contacts.models import ContactField, ContactImport
from kernel import parameters
from kernel.csvfiles import bare_cell

State = ContactImport.State
#: The fields of an import that `take_over` sets.
SETTINGS = ("target", "mode", "channels", "basis", "consent_source", "clear_empty", "event")
TAKEN_OVER = (*SETTINGS, "retry_of_id", "mapping", "reading", "to_make")
MAX_DIGITS = 18  # of an id, so that it fits a bigint

MARK = """
UPDATE contacts_rejectedrow SET imported_by_id = %(import)s
WHERE workspace_id = %(ws)s AND contact_import_id = %(original)s AND line = ANY(%(lines)s) AND imported_by_id IS NULL
"""
UNMARK = """
UPDATE contacts_rejectedrow SET imported_by_id = NULL
WHERE workspace_id = %(ws)s AND contact_import_id = %(original)s AND imported_by_id = %(import)s
"""


def own_headings(import_id: int) -> list[str]:
    """The headings of the line and of the reason, in the active language."""
    return [_("Line (import %(number)d)") % {"number": import_id}, _("Reason")]


def column_names(contact_import: ContactImport) -> list[str]:
    """A name for each column of the file: its heading, else its position."""
    names = [name.strip() for name in contact_import.headings]
    width = max(len(names), len(contact_import.mapping))
    return [names[n] if n < len(names) and names[n] else _("Column %(n)d") % {"n": n + 1} for n in range(width)]


def line_column(headings: list[str]) -> tuple[int, int] | None:
    """(position of the column with the lines, id of the original import), if the file is one of rejected rows."""
    for position, heading in enumerate(headings):
        if found := _line_heading().fullmatch(heading.strip()):
            return position, int(next(filter(None, found.groups())))
    return None


def take_over(contact_import: ContactImport) -> None:
    """If the file holds rejected rows of an import of this workspace, take over how that one was read and mapped, its
    mode, consent, tags and lists. The caller saves the import."""
    found = line_column(contact_import.headings)
    original = (
        ContactImport.objects.filter(pk=found[1], state__in=(State.DONE, State.FAILED)).first() if found else None
    )
    if original is None:
        return
    contact_import.retry_of_id = original.pk
    for name in SETTINGS:
        setattr(contact_import, name, getattr(original, name))
    _map_as(contact_import, original)
    contact_import.to_make = {
        "tags": list(original.tags.filter(deleted_at=None).values_list("name", flat=True)),
        "lists": list(original.lists.filter(deleted_at=None).values_list("name", flat=True)),
        "fields": {},
    }


def mark(cursor: CursorWrapper, contact_import: ContactImport, chunk: Chunk) -> None:
    """Note at the original's rejected rows that the rows of this chunk are imported now."""
    found = line_column(contact_import.headings) if contact_import.retry_of_id else None
    if found is None:
        return
    position = found[0]
    cells = (row[position].strip() for row in chunk.accepted() if position < len(row))
    cursor.execute(MARK, _params(contact_import) | {"lines": parameters.as_numbers(cells)})


def unmark(cursor: CursorWrapper, contact_import: ContactImport) -> None:
    """Note that this import was undone: the rows that it took are only rejected again."""
    if contact_import.retry_of_id:
        cursor.execute(UNMARK, _params(contact_import))


def _map_as(contact_import: ContactImport, original: ContactImport) -> None:
    """Map and read each column as the one with the same name in the original, wherever it stands now."""
    own = {f"attributes:{name}" for name in ContactField.objects.present().values_list("name", flat=True)}
    positions: dict[str, list[int]] = {}
    for n, name in enumerate(_names_in_each_language(original)):
        for written in name:
            positions.setdefault(written, []).append(n)
    headings = [bare_cell(heading.strip()) for heading in contact_import.headings]
    mapping, reading = [], []
    for n in range(len(contact_import.mapping)):
        before = positions.get(headings[n], []) if n < len(headings) else []
        column = before.pop(0) if before else None
        meaning = original.mapping[column] if column is not None and column < len(original.mapping) else ""
        mapping.append(meaning if meaning in own or not meaning.startswith("attributes:") else "")
        reading.append(original.reading[column] if column is not None and column < len(original.reading) else {})
    contact_import.mapping, contact_import.reading = mapping, reading


def _names_in_each_language(original: ContactImport) -> list[set[str]]:
    """For each column the names that a file of its rejected rows may have."""
    found = []
    for code, _language in settings.LANGUAGES:
        with translation.override(code):
            found.append(column_names(original))
    return [set(names) for names in zip(*found, strict=True)]


@cache
def _line_heading() -> re.Pattern[str]:
    """The heading of the lines in each language, with the id of the import as a group."""
    texts = []
    for code, _language in settings.LANGUAGES:
        with translation.override(code):
            texts.append(_("Line (import %(number)d)"))
    digits = rf"(\d{{1,{MAX_DIGITS}}})"
    return re.compile("|".join(digits.join(map(re.escape, text.split("%(number)d"))) for text in texts), re.IGNORECASE)


def _params(contact_import: ContactImport) -> dict:
    return {"ws": contact_import.workspace_id, "import": contact_import.pk, "original": contact_import.retry_of_id}
