"""Guesses what the columns of a file hold: as in the last file with the same column names, else by name and content."""

from __future__ import annotations

import hashlib
import itertools
import json
import re
from collections.abc import Container, Mapping
from typing import Any

from django.utils.translation import gettext

from accounts.models import Workspace
from contacts.fields import values
from contacts.imports import (
    consent_answers,
    consent_columns,
    consent_headings,
    consent_objects,
    consent_values,
    credentials,
    customer_numbers,
    event_headings,
    event_reading,
    event_zones,
    format_inference,
    headings,
    kind_inference,
    phone_countries,
)
from contacts.imports.contact_cells import ROLES
from contacts.imports.programs import registry
from contacts.imports.programs.mapping import map_columns
from contacts.imports.programs.program import FIELD, LEAVE_OUT, Program
from contacts.imports.sniffing import FileSample
from contacts.models import ContactField, ContactImport
from kernel import words
from kernel.tenancy import require_workspace_id

Kind = ContactField.Kind
Target = ContactImport.Target
# How many values of a consent column are remembered for the next file with the same columns.
MAX_REMEMBERED = 200
OWN_EXPORT_ID = "fanfare_id"
# As programs' APIs write the names of fields: attributes.CITY.
_WRAPPER = re.compile(r"^(?:attributes|properties|fields|merge_fields|custom_fields)[./](?=.)")
_MARKED = re.compile(r"'[\d+]")

MEANINGS_BY_HEADER = {
    Target.CONTACTS: headings.by_heading(headings.CONTACTS),
    Target.COMPANIES: headings.by_heading(headings.COMPANIES_FILE),
    Target.SUPPRESSION: headings.by_heading(headings.SUPPRESSION),
}


def header_key(sample: FileSample) -> str:
    """A SHA-256 in hex, equal for files with the same column names; empty for a file without a header."""
    if not sample.has_header:
        return ""
    return hashlib.sha256(json.dumps([name.strip().lower() for name in sample.rows[0]]).encode()).hexdigest()


def guess_mapping(sample: FileSample, target: str = Target.CONTACTS) -> list[str]:
    """What each column holds: "email", "first_name", "attributes:city", or "" to leave it out."""
    width = max(len(row) for row in sample.rows)
    if last := _last_with_header(sample, target):
        own = {f"attributes:{name}" for name in ContactField.objects.present().values_list("name", flat=True)}
        known = [meaning if meaning in own or not meaning.startswith("attributes:") else "" for meaning in last.mapping]
        return _not_asked_before(sample, known, last) if target == Target.CONTACTS else known
    names = sample.rows[0] if sample.has_header else []
    if target == Target.EVENTS:
        meanings = event_headings.guess([*names, *[""] * (width - len(names))])
        meanings = _guess_identity(sample, _without_odd_times(sample, meanings), target)
        of_the_seller = event_headings.of_the_seller(names)
        meanings = ["" if column in of_the_seller else meaning for column, meaning in enumerate(meanings)]
        return customer_numbers.leave_out_foreign(sample, meanings)
    own = set(ContactField.objects.present().values_list("name", flat=True)) if target == Target.CONTACTS else set()
    guesses: list[str | None] = [None] * width
    if target == Target.CONTACTS:
        guesses = _of_program(sample, own, width)
    has_last_names = any(_guess(name, own, target) == "last_name" for name in names)
    for column in range(width):
        if guesses[column] is not None:
            continue
        name = names[column] if column < len(names) else ""
        guess = _guess_consent(sample, column, name) if target == Target.CONTACTS else ""
        guess = guess or _guess(name, own, target)
        if not guess and target == Target.CONTACTS and headings.fold(name) in headings.FIRST_OR_FULL_NAME:
            guess = "first_name" if has_last_names else "full_name"
        if guess == "company_role" and not _are_roles(sample, column):
            guess = ""
        guesses[column] = "" if guess in guesses and guess not in consent_answers.REPEATABLE else guess
    return _one_channel(_guess_identity(sample, [guess or "" for guess in guesses], target))


def program_of(sample: FileSample) -> Program | None:
    """The program that exported a file of contacts; None if it isn't known."""
    if not sample.has_header or _is_own_export(sample):
        return None
    return registry.recognise(tuple(sample.rows[0]))


def states_of_program(sample: FileSample, column: int) -> Mapping[str, str]:
    """What values of a column about consent mean in the program that exported the file, where it is known."""
    program = program_of(sample)
    return program.states_of(headings.fold(heading(sample, column))) if program else {}


def _columns_of_program(sample: FileSample) -> dict[int, str]:
    """By column, its meaning in the program that exported the file, as of `programs.mapping.map_columns`."""
    program = program_of(sample)
    if program is None:
        return {}
    names = sample.rows[0]
    return map_columns(program, names, {n for n in range(len(names)) if values_of(sample, n)})


def _of_program(sample: FileSample, own: Container[str], width: int) -> list[str | None]:
    """The meaning of each column as the program that exported the file means it; None where that isn't known."""
    mapping: list[str | None] = [None] * width
    for column, meaning in _columns_of_program(sample).items():
        if meaning == FIELD:
            names = (heading(sample, column), new_field_label(sample, column))
            known = (f"attributes:{slug}" for slug in map(field_name, names) if slug in own)
            mapping[column] = next((one for one in known if one not in mapping), "")
        else:
            mapping[column] = "" if meaning == LEAVE_OUT else meaning
    return mapping


def guess_reading(sample: FileSample, target: str = Target.CONTACTS) -> list[format_inference.Reading]:
    """How the dates and numbers of each column are read: as its cells prove, else as in the last file, else as usual
    in the workspace's country; and the country of its phone numbers, where it is another one."""
    workspace = Workspace.objects.get(pk=require_workspace_id())
    conventions = values.conventions(workspace)
    last = _last_with_header(sample, target)
    remembered = last.reading if last else []
    rows, names = sample.rows[int(sample.has_header) :], sample.rows[0] if sample.has_header else []
    of_program = _columns_of_program(sample) if target == Target.CONTACTS else {}
    found = []
    for n, column in enumerate(sample.evidence):
        before = remembered[n] if n < len(remembered) else {}
        # A shop's orders are often written as in the country of its program: 03/04 is in March, and nothing says so.
        reading = format_inference.choose_reading(column, conventions, before, asks_dates=target == Target.EVENTS)
        if not _is_own_export(sample) and _is_marked_as_text(sample, n, of_program.get(n, "")):
            reading["text_marks"] = True
        if country := before.get("country") or phone_countries.guess(rows, names, n, workspace.country):
            reading["country"] = country
        if target == Target.CONTACTS:
            if consent_objects.are_objects(cells_of(sample, n)):
                reading["objects"] = True
            reading |= _consent_reading(sample, n, of_program.get(n, ""), before)
        found.append(reading)
    return found


def guess_event(sample: FileSample, target: str, file_name: str) -> dict[str, str]:
    """Name and currency of a file of events, as of the last one with these columns (ContactImport.event). The name only
    if the file is called the same, but for digits: a shop's refunds have the columns of its orders."""
    last = _last_with_header(sample, target) if target == Target.EVENTS else None
    if last is None:
        return {}
    same = headings.letters_of(last.name) == headings.letters_of(file_name)
    return {answer: text for answer, text in last.event.items() if same or answer != "name"}


def _consent_reading(
    sample: FileSample, column: int, meaning: str, remembered: format_inference.Reading
) -> dict[str, Any]:
    """How a column that says yes or no is read: what its values mean as "consent", as in the last file, in the program
    that exported it or by themselves. Empty for another column. `meaning` is that of the program, if it is known."""
    name = heading(sample, column)
    earlier = remembered.get("consent")
    meaning = meaning or _guess_consent(sample, column, name)
    if earlier is None and meaning not in consent_answers.ANSWERS:
        return {}
    kind = consent_headings.kind_of(name)
    known = {**states_of_program(sample, column), **(earlier or {})}
    shown = list(consent_values.folded_values(cells_of(sample, column)).items())[: consent_columns.MAX_VALUES]
    states = {folded: consent_values.state_of(text, kind, known) for folded, text in shown}
    if kind == "reason" and _is_mostly_filled(sample, column):
        # A suppression list: who stands there without a reason is no subscriber either.
        known.setdefault("", "pending")
    return {"consent": dict([*states.items(), *known.items()][:MAX_REMEMBERED])}


def _is_mostly_filled(sample: FileSample, column: int) -> bool:
    """Whether most rows from all over the file have something in the column: the first rows may be sorted by it. Some
    column, such as the address, is filled in about every row."""
    filled = [evidence.filled for evidence in sample.evidence]
    return column < len(filled) and filled[column] * 2 > max(filled)


def heading(sample: FileSample, column: int) -> str:
    """The name of a column; empty without a header."""
    names = sample.rows[0] if sample.has_header else []
    return " ".join(names[column].split()) if column < len(names) else ""


def cells_of(sample: FileSample, column: int) -> dict[str, int]:
    """The different cells of a column, from all over the file, with how often each was seen."""
    found = dict(sample.evidence[column].distinct) if column < len(sample.evidence) else {}
    # A workbook's evidence has the header, too.
    if found.get(name := heading(sample, column)) == 1:
        del found[name]
    return found


def add_new_fields(
    sample: FileSample, mapping: list[str], reading: list[format_inference.Reading], target: str = Target.CONTACTS
) -> tuple[list[str], dict]:
    """(mapping, new fields as of ContactImport.to_make), in which each column that nothing is known about becomes a new
    field, with its heading as label and a kind that its values fit. A column without values is left out, and so are one
    that was left out of the last file with the same column names, what Fanfare's own exports add, and passwords."""
    if target != Target.CONTACTS or _last_with_header(sample, target):
        return mapping, {}
    conventions = values.conventions(Workspace.objects.get(pk=require_workspace_id()))
    mapping, fields = list(mapping), {}
    taken = set(ContactField.objects.present().values_list("name", flat=True))
    of_program = _columns_of_program(sample)
    for n, meaning in enumerate(mapping):
        found = values_of(sample, n)
        if meaning or not found or _is_of_own_export(sample, n) or of_program.get(n) == LEAVE_OUT:
            continue
        if credentials.holds_secrets(heading(sample, n), found):
            continue
        label = new_field_label(sample, n)
        name = new_field_name(label, n, taken)
        taken.add(name)
        kind = new_field_kind(found, label, reading[n] if n < len(reading) else {}, conventions)
        fields[name] = {"label": label, "kind": kind}
        mapping[n] = f"new:{name}"
    return mapping, fields


def new_field_label(sample: FileSample, column: int) -> str:
    """The name of the field that a column becomes. Headings of a program may be technical: DATE_OF_BIRTH."""
    name = heading(sample, column)
    if program := program_of(sample):
        name = program.label_of(headings.fold(name)) or _readable(name)
    return (name or gettext("Column %(n)d") % {"n": column + 1})[:80]


def _readable(name: str) -> str:
    """A technical name as people write it: "Date of birth" for DATE_OF_BIRTH."""
    name = _WRAPPER.sub("", name)
    words_of_it = name.replace("_", " ").strip()
    if name.isupper() and len(name) > 3:
        words_of_it = words_of_it.lower()
    return words_of_it[:1].upper() + words_of_it[1:]


def new_field_kind(
    found: list[str], label: str, reading: format_inference.Reading, conventions: values.ReadOptions
) -> str:
    """The kind of a new field for a column's values. Never a choice: its options are entered on the page of the fields,
    because a file's first rows may not show all of them."""
    if reading.get("text_marks"):
        found = [cell.removeprefix("'") for cell in found]
    kind = kind_inference.propose(found, label, **conventions | format_inference.read_options(reading))
    return Kind.TEXT.value if kind == Kind.CHOICE else str(kind)


def new_field_name(label: str, column: int, taken: Container[str]) -> str:
    """A merge tag for a new field that no other field has: "city", else "city_2"."""
    slug = field_name(label) or f"column_{column + 1}"
    names = (slug if n == 1 else f"{slug[:36]}_{n}" for n in itertools.count(1))
    return next(name for name in names if name not in taken and name not in ContactField.RESERVED)


def field_name(label: str) -> str:
    """The merge tag of a column: "Ville préférée" becomes ville_preferee."""
    name = "_".join(re.findall(r"[a-z0-9]+", words.fold(label)))[:40]
    return f"field_{name}" if name[:1].isdigit() else name


def values_of(sample: FileSample, column: int) -> list[str]:
    """Filled cells of a column, from all over the file."""
    if column >= len(sample.evidence):
        return []
    cells = sample.evidence[column].cells
    # The evidence of a workbook holds its header, too.
    name = sample.rows[0][column].strip() if sample.has_header and column < len(sample.rows[0]) else ""
    return [cell for cell in cells if cell != name]


def has_text_marks(found: list[str]) -> bool:
    """Whether an apostrophe marks the numbers of a column as text, as in '01200 of a spreadsheet or of Shopify."""
    marked = sum(bool(_MARKED.match(cell)) for cell in found)
    return marked * 2 > len(found) and not any(cell[:1].isdigit() for cell in found)


def _is_marked_as_text(sample: FileSample, column: int, meaning: str) -> bool:
    """Whether an apostrophe before a number says that it is text. In a column of ids, beside ids without one, too."""
    found = values_of(sample, column)
    meaning = meaning or MEANINGS_BY_HEADER[Target.CONTACTS].get(headings.fold(heading(sample, column)), "")
    return has_text_marks(found) or (meaning == "external_id" and any(map(_MARKED.match, found)))


def _is_own_export(sample: FileSample) -> bool:
    return OWN_EXPORT_ID in map(str.strip, sample.rows[0])


def _is_of_own_export(sample: FileSample, column: int) -> bool:
    """Whether this is a column that Fanfare's own export has beside a contact's values, such as its id."""
    return _is_own_export(sample) and heading(sample, column).replace("_", " ") in consent_answers.OWN_EXPORT_ONLY


def _last_with_header(sample: FileSample, target: str) -> ContactImport | None:
    """The newest finished import with these column names."""
    key = header_key(sample)
    if not key:
        return None
    last = (
        ContactImport.objects.filter(header_key=key, target=target, state=ContactImport.State.DONE)
        .order_by("-id")
        .first()
    )
    return last if last and len(last.mapping) == max(len(row) for row in sample.rows) else None


def _guess_consent(sample: FileSample, column: int, name: str) -> str:
    """The meaning of a column about consent. A column that is known by its name as something else needs more than
    values: "Tags" may well say "subscribed"."""
    if _is_own_export(sample):
        return consent_answers.OWN_EXPORT.get(name.strip(), "")
    known = MEANINGS_BY_HEADER[Target.CONTACTS].get(headings.fold(name), "")
    if known and consent_headings.heading_of(name) is None:
        return ""
    return consent_columns.guess_meaning(name, cells_of(sample, column))


def _not_asked_before(sample: FileSample, mapping: list[str], last: ContactImport) -> list[str]:
    """The mapping of the last file; but where that one was never asked about a column that says yes or no, the column
    is proposed as what it is."""
    for column, meaning in enumerate(mapping):
        asked = column < len(last.reading) and "consent" in last.reading[column]
        if not asked and (not meaning or ":" in meaning):
            guess = _guess_consent(sample, column, heading(sample, column))
            if guess in consent_answers.ANSWERS:
                mapping[column] = guess
    return _one_channel(mapping)


def _one_channel(mapping: list[str]) -> list[str]:
    """In a file without phone numbers, a status is that of the e-mail address."""
    if "email" in mapping and "phone" not in mapping:
        return ["email_consent" if meaning == "consent" else meaning for meaning in mapping]
    return mapping


def _guess(name: str, own_fields: set[str], target: str) -> str:
    slug = field_name(name)
    if slug in own_fields:
        return f"attributes:{slug}"
    return MEANINGS_BY_HEADER[Target(target)].get(headings.fold(name), "")


def _guess_identity(sample: FileSample, mapping: list[str], target: str) -> list[str]:
    """Where no column name says which one holds the e-mail addresses: use one in which most cells look like some. The
    same for phone numbers, where nothing else says who a row is about."""
    if target == Target.COMPANIES:
        return mapping
    for meaning, looks_like in (("email", kind_inference.looks_like_email), ("phone", kind_inference.looks_like_phone)):
        if meaning == "phone" and target == Target.EVENTS:
            continue  # a number may be several people's
        others = {"email"} if meaning == "email" else {"email", "phone", "external_id"}
        if others & set(mapping):
            continue
        for column, known in enumerate(mapping):
            found = values_of(sample, column)
            if not known and found and sum(map(looks_like, found)) * 2 > len(found):
                mapping[column] = meaning
                break
    return mapping


def _without_odd_times(sample: FileSample, mapping: list[str]) -> list[str]:
    """The mapping without a time of day whose column holds something else, such as the hours of a delivery, and without
    zones that aren't known."""
    mapping = list(mapping)
    for meaning, is_understood in (("event_clock", event_reading.is_clock), ("event_zone", event_zones.zone_of)):
        if meaning in mapping:
            column = mapping.index(meaning)
            found = values_of(sample, column)
            if not found or not all(map(is_understood, found)):
                mapping[column] = ""
    return mapping


def _are_roles(sample: FileSample, column: int) -> bool:
    """Whether most cells are roles of a person in a company. Job titles are not."""
    found = values_of(sample, column)
    return sum(values.fold(cell) in ROLES for cell in found) * 2 >= len(found)
