"""Reads one row of a file as a contact, or says why it is rejected."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from django.utils.translation import gettext_lazy as _

from contacts.fields import values
from contacts.identity import phones
from contacts.identity.addresses import BadAddress, clean_email
from contacts.identity.name_lists import split
from contacts.imports import person_names
from contacts.imports.delimited import Cells
from contacts.imports.run_settings import RunSettings
from kernel import csvfiles

REASONS = {
    "no_address": _("No e-mail address"),
    "no_identity": _("No e-mail address, phone number or customer number"),
    "space": _("The address contains a space"),
    "at_signs": _("An address must have exactly one @"),
    "not_valid": _("Not a valid e-mail address"),
    "domain": _("The domain after the @ is not valid"),
    "nul": _("The row contains a NUL character"),
    "too_long": _("A value is longer than its field allows"),
    "unreadable": _("The row can't be read. A quotation mark may be missing"),
    "too_few": _("The row has fewer columns than the one with the address"),
    "blocked_domain": _("This domain is blocked in this workspace"),
    "erased": _("This person asked for their data to be deleted"),
    "conflict": _("The address, phone number and customer number belong to different contacts"),
    "not_language": _("Unknown language"),
    "not_role": _("Unknown role. Use administrator or internal"),
    "no_name": _("No company name"),
    "not_status": _("Unknown status. Use active, inactive or abandoned"),
    "not_kind": _("Unknown type. Use prospect, client or loyal"),
    **phones.REASONS,
    **values.REASONS,
}
MAX_LENGTHS = {"first_name": 120, "last_name": 120, "external_id": 120}
MAX_TAG_LENGTH, MAX_LIST_LENGTH, MAX_COMPANY_LENGTH = 60, 120, 200
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


class BadRow(ValueError):
    """Raised for a row that is rejected; the message is a key of REASONS."""


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

    def merge_later(self, later: Row) -> None:
        """Merge a later row about the same person: its filled values win, its empty ones change nothing."""
        for name in ("email", "phone", "external_id", "first_name", "last_name", "language", "role"):
            if value := getattr(later, name):
                setattr(self, name, value)
        self.attributes |= later.attributes
        self.tags |= later.tags
        self.lists |= later.lists
        self.companies |= later.companies


#: Puts the value of a cell into a row. Raises BadRow.
Setter = Callable[[Row, str], None]


def row_reader(settings: RunSettings) -> Callable[[int, Cells], Row]:
    """A function (number, cells) -> Row for files with these columns; it raises BadRow. An import spends half its time
    in it, so everything that depends on the mapping alone is computed once, here."""
    setters = [(column, _setter(settings, meaning)) for column, meaning in enumerate(settings.mapping) if meaning]
    # Full names are read last: a separate column for the first name has priority.
    setters.sort(key=lambda pair: settings.mapping[pair[0]] == "full_name")
    identities = [column for column, meaning in enumerate(settings.mapping) if meaning in settings.IDENTITIES]
    last_identity = max(identities)
    no_identity = "no_address" if settings.identities == {"email"} else "no_identity"

    def read_row(number: int, cells: Cells) -> Row:
        cells = readable(cells)
        row, width = Row(number), len(cells)
        for column, put in setters:
            if column < width and (value := cells[column].strip()):
                put(row, csvfiles.bare_cell(value) if value[0] == "'" else value)
        if row.email is None and row.phone is None and row.external_id is None:
            raise BadRow("too_few" if width <= last_identity else no_identity)
        return row

    return read_row


def readable(cells: Cells) -> list[str]:
    """The cells. Raises BadRow for a row that can't be split into cells, or one with a NUL character."""
    if not isinstance(cells, list):
        raise BadRow("unreadable")
    if "\0" in "".join(cells):
        raise BadRow("nul")
    return cells


def _setter(settings: RunSettings, meaning: str) -> Setter:
    if meaning.startswith("attributes:"):
        return _attribute(settings, meaning.removeprefix("attributes:"))
    if meaning in MAX_LENGTHS:
        return _text(meaning)
    return {
        "email": _email(settings),
        "phone": _phone(settings),
        "full_name": _full_name,
        "language": _language,
        "tags": _names("tags", MAX_TAG_LENGTH),
        "lists": _names("lists", MAX_LIST_LENGTH),
        "company": _company,
        "companies": _names("companies", MAX_COMPANY_LENGTH),
        "company_role": _role,
    }[meaning]


def email_of(settings: RunSettings, value: str) -> str:
    """The stored form of an address. Raises BadRow, also for a blocked domain."""
    try:
        email = clean_email(value)
    except BadAddress as problem:
        raise BadRow(str(problem)) from None
    if settings.blocked_domains and email.rpartition("@")[2] in settings.blocked_domains:
        raise BadRow("blocked_domain")
    return email


def phone_of(settings: RunSettings, value: str) -> str:
    """The stored form of a number. Raises BadRow."""
    try:
        return phones.clean_phone(value, settings.country)
    except phones.BadPhone as problem:
        raise BadRow(str(problem)) from None


def role_of(value: str) -> str:
    """A value of CompanyContact.Role. Raises BadRow."""
    found = ROLES.get(values.fold(value))
    if found is None:
        raise BadRow("not_role")
    return found


def _email(settings: RunSettings) -> Setter:
    def put(row: Row, value: str) -> None:
        row.email = email_of(settings, value)

    return put


def _phone(settings: RunSettings) -> Setter:
    def put(row: Row, value: str) -> None:
        row.phone = phone_of(settings, value)

    return put


def _text(name: str) -> Setter:
    max_length = MAX_LENGTHS[name]

    def put(row: Row, value: str) -> None:
        if len(value) > max_length:
            raise BadRow("too_long")
        setattr(row, name, value)

    return put


def _attribute(settings: RunSettings, name: str) -> Setter:
    convert = settings.readers[name]

    def put(row: Row, value: str) -> None:
        try:
            row.attributes[name] = convert(value)
        except values.BadValue as problem:
            raise BadRow(str(problem)) from None

    return put


def _names(column: str, max_length: int) -> Setter:
    def put(row: Row, value: str) -> None:
        names = split(value, any_separator=True)
        if any(len(name) > max_length for name in names):
            raise BadRow("too_long")
        setattr(row, column, getattr(row, column).union(names))

    return put


def _company(row: Row, value: str) -> None:
    """One company name, kept as written: “Acme, Inc.” is not two companies."""
    if len(value) > MAX_COMPANY_LENGTH:
        raise BadRow("too_long")
    row.companies |= {value}


def _full_name(row: Row, value: str) -> None:
    first, last = person_names.split_name(value)
    if len(first) > MAX_LENGTHS["first_name"] or len(last) > MAX_LENGTHS["last_name"]:
        raise BadRow("too_long")
    row.first_name = row.first_name or first
    row.last_name = row.last_name or last


def _language(row: Row, value: str) -> None:
    code = person_names.language_code(value)
    if code is None:
        raise BadRow("not_language")
    row.language = code


def _role(row: Row, value: str) -> None:
    row.role = role_of(value)
