"""The notes of an import: values that were left out of rows that came in."""

from collections.abc import Iterator, Mapping

from django.http import StreamingHttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _

from accounts.access import access
from accounts.requests import WorkspaceRequest
from contacts.forms.imports import meanings
from contacts.imports import targets
from contacts.imports.reasons import REASONS
from contacts.models import ContactField, ContactImport, ImportNote
from kernel import csvfiles
from kernel.tenancy import scope

CHUNK = 2000


@access("contacts.import")
def download(request: WorkspaceRequest, pk: int) -> StreamingHttpResponse:
    """The notes as a CSV file: line number, column, reason, the cell, and the cells of the row."""
    contact_import = get_object_or_404(ContactImport, pk=pk)
    response = StreamingHttpResponse(_lines(contact_import), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="notes-{contact_import.pk}.csv"'
    return response


def _lines(contact_import: ContactImport) -> Iterator[str]:
    """The CSV text in chunks. Each chunk opens a scope of its own, because the stream outlives the request's scope."""
    yield csvfiles.write([[_("Row"), _("Column"), _("Reason"), _("Value"), *contact_import.headings]])
    after = 0
    while True:
        with scope(contact_import.workspace_id):
            notes = list(ImportNote.objects.filter(contact_import=contact_import, id__gt=after).order_by("id")[:CHUNK])
        if not notes:
            return
        after = notes[-1].pk
        lines = [
            [note.line, note.column, REASONS.get(note.reason, note.reason), note.cell, *note.cells] for note in notes
        ]
        yield csvfiles.write(lines).removeprefix("\ufeff")


def totals(contact_import: ContactImport, noted: Mapping[str, int]) -> list[tuple[str, str, int]]:
    """(what the column was imported as, its name in the file, number of notes), the most first. `noted` is as of
    ContactImport.noted_columns."""
    labels = {meaning: str(label) for meaning, label in meanings.labels(contact_import.target).items()}
    labels |= {f"attributes:{name}": label for name, label in ContactField.objects.values_list("name", "label")}
    new = contact_import.to_make.get("fields", {})
    labels |= {f"attributes:{name}": field["label"] for name, field in new.items()}
    found = []
    for column, number in sorted(noted.items(), key=lambda pair: -pair[1]):
        n = int(column)
        meaning = targets.field_meaning(contact_import.mapping[n]) if n < len(contact_import.mapping) else ""
        heading = contact_import.headings[n].strip() if n < len(contact_import.headings) else ""
        heading = heading or _("Column %(n)d") % {"n": n + 1}
        found.append((labels.get(meaning, heading), heading, number))
    return found


def shown(notes: list[tuple[int, str, str, str]]) -> list[tuple[int, str, str, str]]:
    """(line, column, reason in words, cell) of notes given as (line, column, reason, cell)."""
    return [(line, column, str(REASONS.get(reason, reason)), cell) for line, column, reason, cell in notes]
