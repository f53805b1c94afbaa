"""Reads the cells of a contact: each meaning of a column has a function that puts a cell into a row."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Protocol

from contacts.fields import nothing, values
from contacts.identity import name_lists, phones, written_addresses
from contacts.identity.addresses import BadAddress, plain_email
from contacts.identity.written_addresses import Found
from contacts.imports import person_names
from contacts.imports.languages import language_code
from contacts.imports.reasons import BadRow, LeftOut, left_out
from contacts.imports.rows import Row
from contacts.imports.run_settings import RunSettings

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

#: Puts the value of a cell into a row. Raises LeftOut, or BadRow if the row must not come in at all.
Setter = Callable[[Row, str], None]


def setter(settings: RunSettings, column: int, meaning: str) -> Setter:
    """What puts the cells of a column with this meaning into a row."""
    if meaning.startswith("attributes:"):
        return _attribute(settings, meaning.removeprefix("attributes:"))
    if meaning in ("first_name", "last_name"):
        return _text(meaning)
    setters: dict[str, Setter] = {
        "email": _email(settings),
        "phone": partial(put_phone, country=settings.country_of(column)),
        "external_id": _external_id,
        "full_name": _full_name,
        "language": _language,
        "tags": _names("tags", MAX_TAG_LENGTH),
        "lists": _names("lists", MAX_LIST_LENGTH),
        "company": _company,
        "companies": _names("companies", MAX_COMPANY_LENGTH),
        "company_role": _role,
    }
    return setters[meaning]


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


class _HasPhone(Protocol):
    phone: str | None


def put_phone(row: _HasPhone, value: str, country: str) -> None:
    """Put the number of a cell into a row, of whatever kind of file. Raises LeftOut with what there is to say of it."""
    try:
        row.phone, remark = phones.find_phone(value, country)
    except phones.BadPhone as problem:
        left_out(value, problem)
        return
    if remark:
        raise LeftOut(remark)


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


def settle_names(row: Row) -> None:
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
