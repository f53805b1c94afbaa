"""Reads one row of a file as a company with its key contact."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from contacts.fields import values
from contacts.imports.contact_rows import BadRow, Cells, email_of, phone_of, readable, role_of
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

    def merge_later(self, later: CompanyRow) -> None:
        """Merge a later row about the same company: its filled values win, its empty ones change nothing."""
        for name in self.__slots__[2:]:
            if value := getattr(later, name):
                setattr(self, name, value)


def row_reader(settings: RunSettings) -> Callable[[int, Cells], CompanyRow]:
    """A function (number, cells) -> CompanyRow that raises BadRow."""
    read = {
        "company": ("name", _text("name")),
        "company_status": ("status", _choice(STATUSES, "not_status")),
        "company_kind": ("kind", _choice(KINDS, "not_kind")),
        "company_industry": ("industry", _text("industry")),
        "company_size": ("size", _text("size")),
        "company_website": ("website", _website),
        "email": ("email", lambda value: email_of(settings, value)),
        "phone": ("phone", lambda value: phone_of(settings, value)),
        "contact_email": ("contact_email", lambda value: email_of(settings, value)),
        "company_role": ("role", role_of),
    }
    columns = [(column, *read[meaning]) for column, meaning in enumerate(settings.mapping) if meaning in read]

    def read_row(number: int, cells: Cells) -> CompanyRow:
        cells = readable(cells)
        row = CompanyRow(number)
        for column, name, convert in columns:
            if column < len(cells) and (value := cells[column].strip()):
                setattr(row, name, convert(value))
        if not row.name:
            raise BadRow("no_name")
        return row

    return read_row


def _text(name: str) -> Callable[[str], str]:
    def convert(value: str) -> str:
        value = " ".join(value.split())
        if len(value) > MAX_LENGTHS[name]:
            raise BadRow("too_long")
        return value

    return convert


def _choice(choices: dict[str, str], reason: str) -> Callable[[str], str]:
    def convert(value: str) -> str:
        found = choices.get(values.fold(value))
        if found is None:
            raise BadRow(reason)
        return found

    return convert


def _website(value: str) -> str:
    try:
        address = str(values.read("url", value))
    except values.BadValue as problem:
        raise BadRow(str(problem)) from None
    if len(address) > 200:
        raise BadRow("too_long")
    return address
