"""Reads one row of a file as a contact, or says why it is rejected.

A value that can't be read costs that value and not the person: the row comes in without it, and a note says so. A row
is rejected only if nothing is left that says whom it is about.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import cast

from django.utils.translation import gettext_lazy as _

from contacts.contact_events import limits
from contacts.fields import nothing, values
from contacts.identity import name_lists, phones, written_addresses
from contacts.identity.addresses import BadAddress, plain_email
from contacts.identity.written_addresses import Found
from contacts.imports import consent_columns, consent_rows, person_names
from contacts.imports.consent_rows import RowConsent
from contacts.imports.delimited import REPLACEMENT, Cells
from contacts.imports.languages import language_code
from contacts.imports.run_settings import RunSettings
from kernel import csvfiles

REASONS = {
    "no_address": _("No e-mail address"),
    "no_identity": _("No e-mail address, phone number or customer number"),
    "space": _("The address contains a space"),
    "at_signs": _("An address must have exactly one @"),
    "not_valid": _("Not a valid e-mail address"),
    "domain": _("The domain after the @ is not valid"),
    "misread": _("The address begins with a letter that may be a wrongly read space"),
    "more_addresses": _("Several e-mail addresses. The first one is kept"),
    "no_value": _("A word for “no value”, such as N/A"),
    "undecodable": _("A character can't be read in the encoding of the file"),
    "nul": _("The row contains a NUL character"),
    "too_long": _("A value is longer than its field allows"),
    "unreadable": _("The row can't be read. A quotation mark may be missing"),
    "too_few": _("The row has fewer columns than the one with the address"),
    "blocked_domain": _("This domain is blocked in this workspace"),
    "erased": _("This person asked for their data to be deleted"),
    "conflict": _("The e-mail address and the customer number belong to different contacts"),
    "two_addresses": _("An earlier row of this file has this customer number with another e-mail address"),
    "shared_phone": _(
        "Several contacts have this phone number. Add a column with their e-mail addresses or customer numbers"
    ),
    "not_language": _("Unknown language"),
    "not_role": _("Unknown role. Use administrator or internal"),
    "no_name": _("No company name"),
    "not_status": _("Unknown status. Use active, inactive or abandoned"),
    "not_kind": _("Unknown type. Use prospect, client or loyal"),
    **phones.REASONS,
    **values.REASONS,
    **limits.REASONS,
    "unknown_contact": _("No contact has this e-mail address or customer number"),
}
MAX_LENGTHS = {"first_name": 120, "last_name": 120, "external_id": 120}
MAX_TAG_LENGTH, MAX_LIST_LENGTH, MAX_COMPANY_LENGTH = 60, 120, 200
#: What an empty cell can empty besides own fields.
CLEARABLE = ("first_name", "last_name", "language")
ROLES = {
    "administrator": "administrator",
    "admin": "administrator",
    "administrateur": "administrator",
    "administratrice": "administrator",
    "internal": "internal",
    "internal contact": "internal",
    "interne": "internal",
    "contact interne": "internal",
    "contact": "internal",
}


#: A remark on one value of a row that comes in: (column from 0, key of REASONS, the cell).
Note = tuple[int, str, str]


class BadRow(ValueError):
    """Raised for a row that is rejected; the message is a key of REASONS."""


class LeftOut(ValueError):
    """Raised for a value that is left out, or of which a part is; the message is a key of REASONS."""


@dataclass(slots=True)
class Row:
    number: int
    email: str | None = None
    phone: str | None = None
    external_id: str | None = None
    first_name: str = ""
    last_name: str = ""
    language: str = ""
    role: str = ""
    attributes: dict = field(default_factory=dict)
    tags: frozenset = frozenset()
    lists: frozenset = frozenset()
    companies: frozenset = frozenset()
    notes: tuple[Note, ...] = ()
    # The name beside the address: "Ann Ex <ann@shop.example>".
    written_name: str = ""
    # What empty cells empty, where the merchant wants it: names of own fields, "first_name", "last_name", "language".
    cleared: frozenset[str] = frozenset()
    consent: RowConsent | None = None  # only if the file has columns of it

    def merge_later(self, later: Row) -> None:
        """Merge a later row about the same person: its filled values win, its empty ones change nothing unless they are
        to empty a field."""
        for name in later.cleared:
            if name in CLEARABLE:
                setattr(self, name, "")
            else:
                self.attributes.pop(name, None)
        self.cleared |= later.cleared
        for name in ("email", "phone", "external_id", "first_name", "last_name", "language", "role"):
            if value := getattr(later, name):
                setattr(self, name, value)
        self.attributes |= later.attributes
        self.tags |= later.tags
        self.lists |= later.lists
        self.companies |= later.companies
        if self.consent is not None and later.consent is not None:
            self.consent.merge_later(later.consent)


#: Puts the value of a cell into a row. Raises LeftOut, or BadRow if the row must not come in at all.
Setter = Callable[[Row, str], None]


def row_reader(settings: RunSettings) -> Callable[[int, Cells], Row]:
    """A function (number, cells) -> Row for files with these columns; it raises BadRow. An import spends half its time
    in it, so everything that depends on the mapping alone is computed once, here."""
    meanings = [(column, meaning) for column, meaning in enumerate(settings.mapping) if meaning]
    setters = [
        (column, _setter(settings, column, meaning))
        for column, meaning in meanings
        if meaning not in consent_columns.MEANINGS
    ]
    # Full names are read last: a separate column for the first name has priority.
    setters.sort(key=lambda pair: settings.mapping[pair[0]] == "full_name")
    identities = [column for column, meaning in meanings if meaning in settings.IDENTITIES]
    clearable, words = _clearable(settings), nothing.WORDS
    no_identity = "no_address" if settings.identities == {"email"} else "no_identity"

    def read_row(number: int, cells: Cells) -> Row:
        cells = readable(cells)
        row, width = Row(number), len(cells)
        for column, put in setters:
            if column < width and (value := cells[column].strip()):
                try:
                    refuse_undecoded(value)
                    put(row, _bare(settings, column, value) if value[0] == "'" else value)
                except LeftOut as problem:
                    row.notes += ((column, str(problem), value),)
        if row.email is None and row.phone is None and row.external_id is None:
            raise BadRow(why_not(row.notes, identities) or ("too_few" if width <= identities[-1] else no_identity))
        if row.written_name or row.first_name in words or row.last_name in words:
            _settle_names(row)
        if clearable:
            row.cleared = frozenset(
                name
                for column, name in clearable
                if column < width and (not (value := cells[column].strip()) or value in words)
            )
        return row

    if not settings.consent.writes:
        return read_row
    read_consent = consent_rows.reader(settings.consent)

    def read_row_with_consent(number: int, cells: Cells) -> Row:
        row = read_row(number, cells)
        row.consent = read_consent(cast(list[str], cells))  # read_row has refused what is none
        return row

    return read_row_with_consent


def refusal_reader(settings: RunSettings) -> Callable[[int, list[str]], Row]:
    """A function that reads a rejected row: only whom it is about, as far as that can be read, and what it says about
    consent."""
    identities = [
        (column, _setter(settings, column, meaning))
        for column, meaning in enumerate(settings.mapping)
        if meaning in settings.IDENTITIES
    ]
    read_consent = consent_rows.reader(settings.consent)

    def read_refusal(number: int, cells: list[str]) -> Row:
        row = Row(number, consent=read_consent(cells))
        for column, put in identities:
            if column < len(cells) and (value := cells[column].strip()):
                with contextlib.suppress(BadRow, LeftOut):
                    put(row, _bare(settings, column, value) if value[0] == "'" else value)
        return row

    return read_refusal


def _bare(settings: RunSettings, column: int, value: str) -> str:
    """The value without an apostrophe that says that it is text, and no formula or number."""
    if column in settings.text_marks and (value[1:2].isdigit() or value[1:2] == "+"):
        return value[1:]
    return csvfiles.bare_cell(value)


def _clearable(settings: RunSettings) -> list[tuple[int, str]]:
    """(column, what an empty cell empties), as of Row.cleared: never an identity, consent, tags, lists or companies."""
    if not settings.clear_empty:
        return []
    found = []
    for column, meaning in enumerate(settings.mapping):
        if meaning in CLEARABLE:
            found.append((column, meaning))
        elif meaning == "full_name":
            found += [(column, name) for name in ("first_name", "last_name") if name not in settings.mapping]
        elif meaning.startswith("attributes:"):
            found.append((column, meaning.removeprefix("attributes:")))
    return found


def why_not(notes: tuple[Note, ...], columns: list[int]) -> str:
    """The reason of the first note on one of these columns, or ""."""
    return next((reason for column, reason, _cell in notes if column in columns and reason != "no_value"), "")


def readable(cells: Cells) -> list[str]:
    """The cells. Raises BadRow for a row that can't be split into cells, or one with a NUL character."""
    if not isinstance(cells, list):
        raise BadRow("unreadable")
    if "\0" in "".join(cells):
        raise BadRow("nul")
    return cells


def refuse_undecoded(value: str) -> None:
    """Raise LeftOut for a value in which something couldn't be decoded: nobody is greeted as “Ren\ufffde”."""
    if REPLACEMENT in value:
        raise LeftOut("undecodable")


def _setter(settings: RunSettings, column: int, meaning: str) -> Setter:
    if meaning.startswith("attributes:"):
        return _attribute(settings, meaning.removeprefix("attributes:"))
    if meaning in ("first_name", "last_name"):
        return _text(meaning)
    return {
        "email": _email(settings),
        "phone": _phone(settings.country_of(column)),
        "external_id": _external_id,
        "full_name": _full_name,
        "language": _language,
        "tags": _names("tags", MAX_TAG_LENGTH),
        "lists": _names("lists", MAX_LIST_LENGTH),
        "company": _company,
        "companies": _names("companies", MAX_COMPANY_LENGTH),
        "company_role": _role,
    }[meaning]


def left_out(value: str, problem: ValueError) -> None:
    """Raise LeftOut for a value that can't be read, unless a program wrote it to say that there is none."""
    if value not in nothing.OF_PROGRAMS:
        raise LeftOut("no_value" if value in nothing.OF_PEOPLE else str(problem)) from None


def find_email(settings: RunSettings, value: str) -> Found:
    """The addresses of a cell. Raises BadAddress, also if the first one is at a blocked domain."""
    found = written_addresses.find(value)
    if settings.blocked_domains and found.email.rpartition("@")[2] in settings.blocked_domains:
        raise BadAddress("blocked_domain")
    return found


def role_of(value: str) -> str:
    """A value of CompanyContact.Role. Raises BadValue."""
    found = ROLES.get(values.fold(value))
    if found is None:
        raise values.BadValue("not_role")
    return found


def _email(settings: RunSettings) -> Setter:
    blocked_domains = settings.blocked_domains

    def put(row: Row, value: str) -> None:
        # Nearly every address is plain.
        if (email := plain_email(value)) and not (blocked_domains and email.rpartition("@")[2] in blocked_domains):
            row.email = email
            return
        try:
            found = find_email(settings, value)
        except BadAddress as problem:
            if str(problem) == "blocked_domain":  # refused by the merchant, whatever else identifies the person
                raise BadRow("blocked_domain") from None
            left_out(value, problem)
            return
        row.email, row.written_name = found.email, found.name
        if not found.is_alone:
            raise LeftOut("more_addresses")

    return put


def _phone(country: str) -> Setter:
    def put(row: Row, value: str) -> None:
        try:
            row.phone, remark = phones.find_phone(value, country)
        except phones.BadPhone as problem:
            left_out(value, problem)
            return
        if remark:
            raise LeftOut(remark)

    return put


def _text(name: str) -> Setter:
    max_length = MAX_LENGTHS[name]

    def put(row: Row, value: str) -> None:
        if len(value) > max_length:
            raise LeftOut("too_long")
        setattr(row, name, value)

    return put


def _external_id(row: Row, value: str) -> None:
    if value in nothing.WORDS:  # or all people without a number would be one person
        return
    if len(value) > MAX_LENGTHS["external_id"]:
        raise LeftOut("too_long")
    row.external_id = value


def _attribute(settings: RunSettings, name: str) -> Setter:
    convert, is_text = settings.readers[name], name in settings.texts

    def put(row: Row, value: str) -> None:
        if is_text and value in nothing.WORDS:
            return
        try:
            row.attributes[name] = convert(value)
        except values.BadValue as problem:
            left_out(value, problem)

    return put


def _names(column: str, max_length: int) -> Setter:
    def put(row: Row, value: str) -> None:
        names = name_lists.read(value)
        fitting = [name for name in names if len(name) <= max_length and not nothing.is_no_name(name)]
        setattr(row, column, getattr(row, column).union(fitting))
        if any(len(name) > max_length for name in names):
            raise LeftOut("too_long")

    return put


def _company(row: Row, value: str) -> None:
    """One company name, kept as written: “Acme, Inc.” is not two companies."""
    if nothing.is_no_name(value):
        return
    if len(value) > MAX_COMPANY_LENGTH:
        raise LeftOut("too_long")
    row.companies |= {value}


def _full_name(row: Row, value: str) -> None:
    if nothing.is_no_name(value):
        return
    first, last = person_names.split_name(value)
    if len(first) > MAX_LENGTHS["first_name"] or len(last) > MAX_LENGTHS["last_name"]:
        raise LeftOut("too_long")
    row.first_name = row.first_name or first
    row.last_name = row.last_name or last


def _settle_names(row: Row) -> None:
    """Empty names that are words for nothing. Where none is left, take the one that is written beside the address."""
    first, last = row.first_name, row.last_name
    if nothing.is_no_name(first, last):
        row.first_name = ""
    if nothing.is_no_name(last, first):
        row.last_name = ""
    if row.written_name and not row.first_name and not row.last_name:
        first, last = person_names.split_name(row.written_name)
        if len(first) <= MAX_LENGTHS["first_name"] and len(last) <= MAX_LENGTHS["last_name"]:
            row.first_name, row.last_name = first, last


def _language(row: Row, value: str) -> None:
    if code := language_code(value):
        row.language = code
    else:
        left_out(value, values.BadValue("not_language"))


def _role(row: Row, value: str) -> None:
    try:
        row.role = role_of(value)
    except values.BadValue as problem:
        left_out(value, problem)
