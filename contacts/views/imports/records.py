"""What became of an import: its result, which fills in by itself while it runs, and for good how its file was read and
what it did to whom."""

from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render

from accounts.access import access
from accounts.requests import WorkspaceRequest
from contacts.forms.imports import formats, meanings
from contacts.imports import (
    effects,
    encodings,
    format_inference,
    outcomes,
    owners,
    retrying,
    stored_file,
    survey_texts,
    undoing,
)
from contacts.imports.effects import Effect
from contacts.models import Channel, ContactField, ContactImport, RejectedRow
from contacts.views.imports import forecasts, notes
from kernel import parameters

SHOWN_ROWS = 20
PAGE_SIZE = 50
#: States in which the result changes by itself.
UNDER_WAY = (ContactImport.State.RUNNING, ContactImport.State.UNDOING)


@dataclass(frozen=True)
class Column:
    """A column of the file: its name, what it was imported as ("" if it was left out), and how its values were read."""

    name: str
    meaning: str
    reading: str


def page(request: WorkspaceRequest, contact_import: ContactImport) -> HttpResponse:
    return render(request, "contacts/imports/show.html", _context(contact_import))


@access("contacts.view")
def result(request: WorkspaceRequest, pk: int) -> HttpResponse:
    """The content of the page as a fragment, which asks for itself again while the import runs."""
    contact_import = get_object_or_404(imports(), pk=pk)
    return render(request, "contacts/imports/_result.html", _context(contact_import))


@access("contacts.view")
def contacts(request: WorkspaceRequest, pk: int) -> HttpResponse:
    """The contacts on which the import had one effect, page by page."""
    contact_import = get_object_or_404(imports(), pk=pk)
    counts = _counts(contact_import)
    effect = parameters.text(request.GET, "effect") or next(iter(counts), Effect.CREATED.value)
    if effect not in Effect.values:
        raise Http404
    after = parameters.number(request.GET, "after") or 0
    people = effects.page(contact_import, effect, after=after, size=PAGE_SIZE + 1)
    context = {
        "import": contact_import,
        "effects": [(Effect(name), number) for name, number in counts.items()],
        "effect": Effect(effect),
        "people": people[:PAGE_SIZE],
        "next": people[PAGE_SIZE - 1].pk if len(people) > PAGE_SIZE else None,
    }
    return render(request, "contacts/imports/contacts.html", context)


def imports() -> QuerySet[ContactImport]:
    """The imports with what their pages show."""
    return ContactImport.objects.select_related("job", "uploaded_by", "undone_by")


def _context(contact_import: ContactImport) -> dict[str, Any]:
    stuck = undoing.is_stuck(contact_import)
    under_way = contact_import.state in UNDER_WAY and not stuck
    context = {
        "import": contact_import,
        "under_way": under_way,
        "stalled": outcomes.is_stalled(contact_import),
        "original": outcomes.original_of(contact_import),
        "can_undo": undoing.is_possible(contact_import),
        "undo_is_stuck": stuck,
        "may_resume": contact_import.state == ContactImport.State.FAILED and stored_file.is_there(contact_import),
        "undone": (contact_import.preview or {}).get("undone"),
    }
    # While it is under way, the page asks for itself every two seconds, and shows no more than this.
    return context if under_way else context | _record(contact_import)


def _record(contact_import: ContactImport) -> dict[str, Any]:
    """What became of the file, for good."""
    remaining = RejectedRow.objects.filter(contact_import=contact_import, imported_by_id=None)
    rejected = list(remaining[:SHOWN_ROWS])
    reasons = owners.reasons(contact_import, rejected)
    retries = outcomes.retries_of(contact_import)
    first_notes = contact_import.notes.values_list("line", "column", "reason", "cell")[:SHOWN_ROWS]
    counts = _counts(contact_import)
    return {
        "noted": notes.totals(contact_import, contact_import.noted_columns),
        "notes": notes.shown(list(first_notes)),
        "file_notices": survey_texts.notices(contact_import),
        "lines_sentence": _lines_sentence(contact_import),
        "refused": forecasts.refused(contact_import.refused),
        "retries": retries,
        "rejected": [(row, reasons[row.pk]) for row in rejected],
        "rejected_left": contact_import.rejected_kept - sum(retry.rows for retry in retries),
        "rejected_not_kept": contact_import.rejected - contact_import.rejected_kept,
        "effects": [(Effect(name), number) for name, number in counts.items()],
        "people": sum(counts.get(effect.value, 0) for effect in effects.WRITTEN),
        "columns": _columns(contact_import),
        "encoding": encodings.label(contact_import.encoding),
        "delimiter": dict(formats.DELIMITERS).get(contact_import.delimiter),
        "channels": [Channel(name).label for name in contact_import.channels],
        "tags": contact_import.tags.all(),
        "lists": contact_import.lists.all(),
    }


def _lines_sentence(contact_import: ContactImport) -> str:
    finished = contact_import.state in (ContactImport.State.DONE, ContactImport.State.UNDONE)
    return survey_texts.lines_sentence(contact_import, contact_import.rows) if finished else ""


def _counts(contact_import: ContactImport) -> dict[str, int]:
    """The numbers of contacts by effect, in the order of the effects."""
    found = effects.count(contact_import)
    return {effect: found[effect] for effect in Effect.values if effect in found}


def _columns(contact_import: ContactImport) -> list[Column]:
    labels = {meaning: str(label) for meaning, label in meanings.labels(contact_import.target).items()}
    fields = {f"attributes:{field.name}": field for field in ContactField.objects.all()}
    labels |= {meaning: field.label for meaning, field in fields.items()}
    found = []
    for n, name in enumerate(retrying.column_names(contact_import)):
        meaning = contact_import.mapping[n] if n < len(contact_import.mapping) else ""
        reading = contact_import.reading[n] if n < len(contact_import.reading) else {}
        way = reading.get(fields[meaning].kind, "") if meaning in fields else ""
        described = format_inference.WAY_LABELS.get(way, "")
        found.append(Column(name, labels.get(meaning, meaning.partition(":")[2] or meaning), str(described)))
    return found
