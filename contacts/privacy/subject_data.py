"""Everything stored about one person (GDPR art. 15 and 20), in sections of rows: ours and those of higher apps."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from collections.abc import Callable
from dataclasses import dataclass

from django.db.models import Model, QuerySet

from contacts.changes import describing, of_contact
from contacts.consent.consent_rules import ADDRESS
from contacts.exports.formats import as_text
from contacts.imports import effects
from contacts.models import (
    CompanyContact,
    Consent,
    Contact,
    ContactChange,
    ContactEvent,
    ContactImport,
    ContactTag,
    ImportedContacts,
    ListMember,
    Note,
    Signup,
    Suppression,
    TopicChoice,
)
from kernel.csvfiles import safe_cell
from kernel.extensions import Extensions

Rows = Callable[[Contact], list[dict]]


@dataclass(frozen=True)
class Section:
    """`rows(contact)` runs in the active scope and returns dicts that all have the same keys; it reads `models`."""

    rows: Rows
    models: tuple[type[Model], ...]


SECTIONS: Extensions[Section] = Extensions("subject data", "Sections of what a person gets who asks for their data.")


def register(name: str, rows: Rows, *models: type[Model]) -> None:
    """Add a section, which reads these models."""
    SECTIONS.add(Section(rows, models), name)


def collect(contact: Contact) -> dict[str, list[dict]]:
    """The rows of every section, in the active scope."""
    return {name: section.rows(contact) for name, section in SECTIONS.items()}


def as_json(contact: Contact) -> bytes:
    return _json(collect(contact))


def _json(sections: dict[str, list[dict]]) -> bytes:
    return json.dumps(sections, ensure_ascii=False, indent=2, default=as_text).encode()


def as_zip(contact: Contact) -> bytes:
    """A ZIP file with one CSV file a section, for spreadsheets, and a JSON file with all sections."""
    out, sections = io.BytesIO(), collect(contact)
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("everything.json", _json(sections))
        for name, rows in sections.items():
            archive.writestr(f"{name}.csv", _csv(rows))
    return out.getvalue()


def _csv(rows: list[dict]) -> str:
    out = io.StringIO()
    writer = csv.writer(out)
    if rows:
        writer.writerow(rows[0])
    writer.writerows([safe_cell(as_text(cell)) for cell in row.values()] for row in rows)
    return "\ufeff" + out.getvalue()


def _values(queryset: QuerySet, *fields: str) -> list[dict]:
    return list(queryset.values(*fields))


def _person(contact: Contact) -> list[dict]:
    fields = (
        "email phone external_id first_name last_name language status sms_status whatsapp_status tracking_status "
        "frequency paused_until source created_at updated_at engaged_at deleted_at"
    )
    return _values(_all_of(contact), *fields.split())


def _all_of(contact: Contact) -> QuerySet[Contact]:
    """This contact, then the contacts that were merged into it."""
    return Contact.objects.filter(pk__in=contact.ids_of_person).order_by("-merged_into_id", "pk")


def _suppressions(contact: Contact) -> list[dict]:
    rows: list[dict] = []
    for channel, column in ADDRESS.items():
        addresses = _all_of(contact).exclude(**{column: None}).values_list(column, flat=True)
        found = Suppression.objects.filter(channel=channel, recipient__in=list(addresses))
        columns = ("channel", "recipient", "reason", "note", "at")
        rows += [_without_others(row, contact) for row in _values(found, *columns)]
    return rows


def _without_others(suppression: dict, contact: Contact) -> dict:
    """The suppression without its address, and without the note if it may be about another contact with the number."""
    recipient = suppression.pop("recipient")
    others = Contact.objects.exclude(pk__in=contact.ids_of_person)
    if ADDRESS[suppression["channel"]] == "phone" and others.filter(phone=recipient).exists():
        suppression["note"] = ""
    return suppression


CONSENT = [
    "channel",
    "state",
    "basis",
    "source",
    "wording",
    "reason",
    "page",
    "message_id",
    "claimed_on",
    "recorded_at",
]
SIGN_UP = ["form__name", "email", "data", "wording", "page", "address", "user_agent", "asked_at", "confirmed_at"]


def _consents(contact: Contact) -> list[dict]:
    rows = Consent.objects.filter(contact__in=contact.ids_of_person).select_related("topic").order_by("id")
    return [_consent(row) for row in rows]


def _consent(row: Consent) -> dict:
    """Without a member's IP address, which is not the person's data."""
    topic = row.topic and row.topic.name
    known = {name: getattr(row, name) for name in CONSENT}
    return {"topic": topic, "ip": row.person_address, "at": row.said_at, **known}


def _topic_choices(contact: Contact) -> list[dict]:
    rows = _values(TopicChoice.objects.filter(contact=contact), "topic__name", "channel", "wanted", "at")
    return [{"topic": row.pop("topic__name"), **row} for row in rows]


def _sign_ups(contact: Contact) -> list[dict]:
    rows = _values(Signup.objects.filter(contact__in=contact.ids_of_person), *SIGN_UP)
    return [{"form": row.pop("form__name"), "ip": row.pop("address"), **row} for row in rows]


def _companies(contact: Contact) -> list[dict]:
    rows = CompanyContact.objects.filter(contact=contact).values_list("company__name", "role")
    return [{"company": name, "role": role} for name, role in rows]


def _names(model: type[ContactTag] | type[ListMember], path: str, key: str) -> Rows:
    """A section of one column: the names that the rows of `model` point to."""
    return lambda contact: [{key: name} for name in model.objects.filter(contact=contact).values_list(path, flat=True)]


def _notes(contact: Contact) -> list[dict]:
    return _values(Note.objects.filter(contact=contact), "text", "at")


def _events(contact: Contact) -> list[dict]:
    events = ContactEvent.objects.filter(contact_id__in=contact.ids_of_person).select_related("name")
    return [
        {
            "event": event.name.label,
            "at": event.at,
            "value": event.value,
            "currency": event.currency,
            "properties": event.properties,
            "source": event.get_source_display(),
        }
        for event in events.order_by("at", "id").iterator(chunk_size=1000)
    ]


def _imports(contact: Contact) -> list[dict]:
    people = contact.ids_of_person
    imports = effects.imports_of(people).order_by("id")
    found = effects.on(people, [row.pk for row in imports])
    return [
        {
            "file": row.name,
            "effects": ", ".join(found[row.pk]),
            "consent": row.consent_source,
            "at": row.finished_at or row.uploaded_at,
        }
        for row in imports
    ]


def _fields(contact: Contact) -> list[dict]:
    return [{"field": name, "value": value} for name, value in contact.attributes.items()]


def _changes(contact: Contact) -> list[dict]:
    """Of tags, lists, fields and the like, oldest first. They are kept for CHANGE_DAYS."""
    found = of_contact.of(contact.ids_of_person, kinds=ContactChange.Kind.values)[::-1]
    words = describing.words_for(found)
    return [
        {"at": row.at, "change": row.kind, "what": words.what(row), "channel": row.channel, "source": words.source(row)}
        for row in found
    ]


register("person", _person, Contact)
register("fields", _fields, Contact)
register("tags", _names(ContactTag, "tag__name", "tag"), ContactTag)
register("lists", _names(ListMember, "contact_list__name", "list"), ListMember)
register("companies", _companies, CompanyContact)
register("notes", _notes, Note)
register("events", _events, ContactEvent)
register("changes", _changes, ContactChange)
register("consents", _consents, Consent)
register("topic_choices", _topic_choices, TopicChoice)
register("imports", _imports, ContactImport, ImportedContacts)
register("sign_ups", _sign_ups, Signup)
register("suppressions", _suppressions, Suppression)
