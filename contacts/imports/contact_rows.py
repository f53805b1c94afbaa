"""One row of a file as a contact to be, or the reason why it is none."""

from __future__ import annotations

import csv
from collections.abc import Callable
from dataclasses import dataclass, field

from django.utils.translation import gettext_lazy as _

from contacts.fields import values
from contacts.identity import phones
from contacts.identity.addresses import BadAddress, clean_email
from contacts.identity.name_lists import split
from contacts.imports import person_names
from contacts.imports.run_settings import Plan
from kernel import csvfiles

REASONS = {
    "no_address": _("No e-mail address"),
    "no_identity": _("No e-mail address, phone number or customer number"),
    "space": _("The address contains a space"),
    "at_signs": _("An address must have exactly one @"),
    "not_valid": _("Not a valid e-mail address"),
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
LONGEST = {"first_name": 120, "last_name": 120, "external_id": 120}
LONGEST_TAG, LONGEST_LIST, LONGEST_COMPANY = 60, 120, 200
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
    """The row is rejected; the message is a key of REASONS."""


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

    def take_over(self, later: Row) -> None:
        """The same person again, further down the file: what the later row says wins, what it leaves empty stays."""
        for name in ("email", "phone", "external_id", "first_name", "last_name", "language", "role"):
            if value := getattr(later, name):
                setattr(self, name, value)
        self.attributes |= later.attributes
        self.tags |= later.tags
        self.lists |= later.lists
        self.companies |= later.companies


def row_reader(plan: Plan) -> Callable[[int, list[str] | csv.Error], Row]:
    """A function (number, cells) -> Row for files with these columns; it raises BadRow. Half an import's time is spent
    in it, so what depends on the mapping alone is worked out once."""
    setters = [(column, _setter(plan, meaning)) for column, meaning in enumerate(plan.mapping) if meaning]
    # Names as a whole are looked at last: a column of its own for the first name counts for more.
    setters.sort(key=lambda pair: plan.mapping[pair[0]] == "full_name")
    identities = [column for column, meaning in enumerate(plan.mapping) if meaning in plan.IDENTITIES]
    last = max(identities)
    nobody = "no_address" if plan.identities == {"email"} else "no_identity"

    def read_row(number: int, cells: list[str] | csv.Error) -> Row:
        cells = readable(cells)
        row, width = Row(number), len(cells)
        for column, put in setters:
            if column < width and (value := cells[column].strip()):
                put(row, csvfiles.bare_cell(value) if value[0] == "'" else value)
        if row.email is None and row.phone is None and row.external_id is None:
            raise BadRow("too_few" if width <= last else nobody)
        return row

    return read_row


def readable(cells: list[str] | csv.Error) -> list[str]:
    """The cells, where there are any. Raises BadRow."""
    if not isinstance(cells, list):
        raise BadRow("unreadable")
    if "\0" in "".join(cells):
        raise BadRow("nul")
    return cells


def _setter(plan: Plan, meaning: str) -> Callable[[Row, str], None]:
    if meaning.startswith("attributes:"):
        return _attribute(plan, meaning.removeprefix("attributes:"))
    if meaning in LONGEST:
        return _text(meaning)
    return {
        "email": _email(plan),
        "phone": _phone(plan),
        "full_name": _full_name,
        "language": _language,
        "tags": _several("tags", LONGEST_TAG),
        "lists": _several("lists", LONGEST_LIST),
        "company": _company,
        "companies": _several("companies", LONGEST_COMPANY),
        "company_role": _role,
    }[meaning]


def email_of(plan: Plan, value: str) -> str:
    """The stored form of an address. Raises BadRow."""
    try:
        email = clean_email(value)
    except BadAddress as problem:
        raise BadRow(str(problem)) from None
    if plan.blocked_domains and email.rpartition("@")[2] in plan.blocked_domains:
        raise BadRow("blocked_domain")
    return email


def phone_of(plan: Plan, value: str) -> str:
    """The stored form of a number. Raises BadRow."""
    try:
        return phones.clean_phone(value, plan.country)
    except phones.BadPhone as problem:
        raise BadRow(str(problem)) from None


def role_of(value: str) -> str:
    """A value of CompanyContact.Role. Raises BadRow."""
    found = ROLES.get(values.fold(value))
    if found is None:
        raise BadRow("not_role")
    return found


def _email(plan: Plan):
    def put(row: Row, value: str) -> None:
        row.email = email_of(plan, value)

    return put


def _phone(plan: Plan):
    def put(row: Row, value: str) -> None:
        row.phone = phone_of(plan, value)

    return put


def _text(name: str):
    longest = LONGEST[name]

    def put(row: Row, value: str) -> None:
        if len(value) > longest:
            raise BadRow("too_long")
        setattr(row, name, value)

    return put


def _attribute(plan: Plan, name: str):
    convert = plan.readers[name]

    def put(row: Row, value: str) -> None:
        try:
            row.attributes[name] = convert(value)
        except values.BadValue as problem:
            raise BadRow(str(problem)) from None

    return put


def _several(name: str, longest: int):
    def put(row: Row, value: str) -> None:
        found = split(value, also=True)
        if any(len(one) > longest for one in found):
            raise BadRow("too_long")
        setattr(row, name, getattr(row, name).union(found))

    return put


def _company(row: Row, value: str) -> None:
    """One, as it is written: “Acme, Inc.” is not two."""
    if len(value) > LONGEST_COMPANY:
        raise BadRow("too_long")
    row.companies |= {value}


def _full_name(row: Row, value: str) -> None:
    first, last = person_names.split_name(value)
    if len(first) > LONGEST["first_name"] or len(last) > LONGEST["last_name"]:
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
