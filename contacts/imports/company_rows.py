"""Reads one row of a file as a company with its key contact."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from contacts.fields import nothing, values
from contacts.identity import phones
from contacts.imports.contact_cells import find_email, role_of
from contacts.imports.delimited import Cells
from contacts.imports.reasons import BadRow, LeftOut, Note, left_out, readable, refuse_undecoded, why_not
from contacts.imports.run_settings import RunSettings

MAX_LENGTHS = {"name": 200, "industry": 120, "size": 40}
STATUSES = {
    "active": "active", "actif": "active", "active client": "active", "actif/ve": "active",
    "inactive": "inactive", "inactif": "inactive", "dormant": "inactive",
    "abandoned": "abandoned", "abandonne": "abandoned", "abandonnee": "abandoned",
    "perdu": "abandoned", "lost": "abandoned",
}  # fmt: skip
KINDS = {
    "prospect": "prospect", "lead": "prospect", "piste": "prospect",
    "client": "client", "customer": "client", "cliente": "client",
    "loyal": "loyal", "loyal client": "loyal", "loyal customer": "loyal", "fidele": "loyal", "client fidele": "loyal",
}  # fmt: skip


@dataclass(slots=True)
class CompanyRow:
    number: int
    name: str = ""
    status: str = ""
    kind: str = ""
    industry: str = ""
    size: str = ""
    email: str = ""
    phone: str = ""
    website: str = ""
    contact_email: str = ""
    role: str = ""
    notes: tuple[Note, ...] = ()

    def merge_later(self, later: CompanyRow) -> None:
        """Merge a later row about the same company: its filled values win, its empty ones change nothing."""
        for name in SIDE_VALUES:
            if value := getattr(later, name):
                setattr(self, name, value)


SIDE_VALUES = tuple(name for name in CompanyRow.__slots__ if name not in ("number", "name", "notes"))


def row_reader(settings: RunSettings) -> Callable[[int, Cells], CompanyRow]:
    """A function (number, cells) -> CompanyRow that raises BadRow. A value that can't be read is left out with a note;
    the name must be readable."""
    read = {
        "company": ("name", _text("name")),
        "company_status": ("status", _choice(STATUSES, "not_status")),
        "company_kind": ("kind", _choice(KINDS, "not_kind")),
        "company_industry": ("industry", _text("industry")),
        "company_size": ("size", _text("size")),
        "company_website": ("website", _website),
        "email": ("email", _email(settings)),
        "contact_email": ("contact_email", _email(settings)),
        "company_role": ("role", lambda value: (role_of(value), "")),
    }
    columns = [(column, *read[meaning]) for column, meaning in enumerate(settings.mapping) if meaning in read]
    columns += [
        (column, "phone", _phone(settings.country_of(column)))
        for column, meaning in enumerate(settings.mapping)
        if meaning == "phone"
    ]
    name_columns = [column for column, meaning in enumerate(settings.mapping) if meaning == "company"]

    def read_row(number: int, cells: Cells) -> CompanyRow:
        cells = readable(cells)
        row = CompanyRow(number)
        for column, name, convert in columns:
            if column < len(cells) and (value := cells[column].strip()):
                try:
                    refuse_undecoded(value)
                    _put(row, name, convert, value)
                except LeftOut as problem:
                    row.notes += ((column, str(problem), value),)
        if not row.name:
            raise BadRow(why_not(row.notes, name_columns) or "no_name")
        return row

    return read_row


#: Turns the text of a cell into (the stored value, a key of REASONS that says what of the text is left out or "").
#: Raises ValueError with a key of REASONS.
Convert = Callable[[str], tuple[str, str]]


def _put(row: CompanyRow, name: str, convert: Convert, value: str) -> None:
    try:
        stored, remark = convert(value)
    except ValueError as problem:
        left_out(value, problem)
        return
    setattr(row, name, stored)
    if remark:
        raise LeftOut(remark)


def _text(name: str) -> Convert:
    def convert(value: str) -> tuple[str, str]:
        value = " ".join(value.split())
        if len(value) > MAX_LENGTHS[name]:
            raise values.BadValue("too_long")
        return ("" if nothing.is_no_name(value) else value), ""

    return convert


def _email(settings: RunSettings) -> Convert:
    def convert(value: str) -> tuple[str, str]:
        found = find_email(settings, value)
        return found.email, "" if found.is_alone else "more_addresses"

    return convert


def _phone(country: str) -> Convert:
    return lambda value: phones.find_phone(value, country)


def _choice(choices: dict[str, str], reason: str) -> Convert:
    def convert(value: str) -> tuple[str, str]:
        found = choices.get(values.fold(value))
        if found is None:
            raise values.BadValue(reason)
        return found, ""

    return convert


def _website(value: str) -> tuple[str, str]:
    address = str(values.read("url", value))
    if len(address) > 200:
        raise values.BadValue("too_long")
    return address, ""
