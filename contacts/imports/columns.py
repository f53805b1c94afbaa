"""Guesses what the columns of a file hold: as in the last file with the same column names, else by name and content."""

from __future__ import annotations

import hashlib
import itertools
import json
import re
from collections.abc import Container
from typing import Any

from django.utils.translation import gettext

from accounts.models import Workspace
from contacts.fields import values
from contacts.imports import consent_columns, format_inference, headings, kind_inference, phone_countries
from contacts.imports.contact_rows import ROLES
from contacts.imports.sniffing import FileSample
from contacts.models import ContactField, ContactImport
from kernel import words
from kernel.tenancy import require_workspace_id

Kind = ContactField.Kind
Target = ContactImport.Target
# How many values of a consent column are remembered for the next file with the same columns.
MAX_REMEMBERED = 200
OWN_EXPORT_ID = "fanfare_id"

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
    own = set(ContactField.objects.present().values_list("name", flat=True)) if target == Target.CONTACTS else set()
    has_last_names = any(_guess(name, own, target) == "last_name" for name in names)
    mapping: list[str] = []
    for column in range(width):
        name = names[column] if column < len(names) else ""
        guess = _guess_consent(sample, column, name) if target == Target.CONTACTS else ""
        guess = guess or _guess(name, own, target)
        if not guess and target == Target.CONTACTS and headings.fold(name) in headings.FIRST_OR_FULL_NAME:
            guess = "first_name" if has_last_names else "full_name"
        if guess == "company_role" and not _are_roles(sample, column):
            guess = ""
        mapping.append("" if guess in mapping and guess not in consent_columns.REPEATABLE else guess)
    return _one_channel(_guess_identity(sample, mapping, target))


def guess_reading(sample: FileSample, target: str = Target.CONTACTS) -> list[format_inference.Reading]:
    """How the dates and numbers of each column are read: as its cells prove, else as in the last file, else as usual
    in the workspace's country; and the country of its phone numbers, where it is another one."""
    workspace = Workspace.objects.get(pk=require_workspace_id())
    conventions = values.conventions(workspace)
    last = _last_with_header(sample, target)
    remembered = last.reading if last else []
    rows, names = sample.rows[int(sample.has_header) :], sample.rows[0] if sample.has_header else []
    found = []
    for n, column in enumerate(sample.evidence):
        before = remembered[n] if n < len(remembered) else {}
        reading = format_inference.choose_reading(column, conventions, before)
        if country := before.get("country") or phone_countries.guess(rows, names, n, workspace.country):
            reading["country"] = country
        if target == Target.CONTACTS:
            reading |= consent_reading(sample, n, before)
        found.append(reading)
    return found


def consent_reading(
    sample: FileSample, column: int, remembered: format_inference.Reading | None = None, *, asked: bool = False
) -> dict[str, Any]:
    """How a column that says yes or no is read: what its values mean as "consent", as in the last file or by
    themselves. Empty for another column, unless it is `asked` for."""
    name = heading(sample, column)
    found = cells_of(sample, column)
    earlier = (remembered or {}).get("consent")
    if not asked and earlier is None and _guess_consent(sample, column, name) not in consent_columns.ANSWERS:
        return {}
    kind = consent_columns.kind_of(name)
    shown = list(consent_columns.folded_values(found).items())[: consent_columns.MAX_VALUES]
    states = {folded: consent_columns.state_of(text, kind, earlier) for folded, text in shown}
    return {"consent": dict([*states.items(), *(earlier or {}).items()][:MAX_REMEMBERED])}


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
    that was left out of the last file with the same column names and what Fanfare's own exports add."""
    if target != Target.CONTACTS or _last_with_header(sample, target):
        return mapping, {}
    conventions = values.conventions(Workspace.objects.get(pk=require_workspace_id()))
    mapping, fields = list(mapping), {}
    taken = set(ContactField.objects.present().values_list("name", flat=True))
    for n, meaning in enumerate(mapping):
        found = values_of(sample, n)
        if meaning or not found or _is_of_own_export(sample, n):
            continue
        label = heading(sample, n) or gettext("Column %(n)d") % {"n": n + 1}
        name = new_field_name(label, n, taken)
        taken.add(name)
        kind = new_field_kind(found, label, reading[n] if n < len(reading) else {}, conventions)
        fields[name] = {"label": label[:80], "kind": kind}
        mapping[n] = f"new:{name}"
    return mapping, fields


def new_field_kind(
    found: list[str], label: str, reading: format_inference.Reading, conventions: values.ReadOptions
) -> str:
    """The kind of a new field for a column's values. Never a choice: its options are entered on the page of the fields,
    because a file's first rows may not show all of them."""
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


def _is_own_export(sample: FileSample) -> bool:
    return OWN_EXPORT_ID in map(str.strip, sample.rows[0])


def _is_of_own_export(sample: FileSample, column: int) -> bool:
    """Whether this is a column that Fanfare's own export has beside a contact's values, such as its id."""
    return _is_own_export(sample) and heading(sample, column).replace("_", " ") in consent_columns.OWN_EXPORT_ONLY


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
        return consent_columns.OWN_EXPORT.get(name.strip(), "")
    known = MEANINGS_BY_HEADER[Target.CONTACTS].get(headings.fold(name), "")
    if known and consent_columns.heading_of(name) is None:
        return ""
    return consent_columns.guess_meaning(name, cells_of(sample, column))


def _not_asked_before(sample: FileSample, mapping: list[str], last: ContactImport) -> list[str]:
    """The mapping of the last file; but where that one was never asked about a column that says yes or no, the column
    is proposed as what it is."""
    for column, meaning in enumerate(mapping):
        asked = column < len(last.reading) and "consent" in last.reading[column]
        if not asked and (not meaning or ":" in meaning):
            guess = _guess_consent(sample, column, heading(sample, column))
            if guess in consent_columns.ANSWERS:
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
        others = {"email"} if meaning == "email" else {"email", "phone", "external_id"}
        if others & set(mapping):
            continue
        for column, known in enumerate(mapping):
            found = values_of(sample, column)
            if not known and found and sum(map(looks_like, found)) * 2 > len(found):
                mapping[column] = meaning
                break
    return mapping


def _are_roles(sample: FileSample, column: int) -> bool:
    """Whether most cells are roles of a person in a company. Job titles are not."""
    found = values_of(sample, column)
    return sum(values.fold(cell) in ROLES for cell in found) * 2 >= len(found)
