"""A row of a file of contacts, as it is read."""

from __future__ import annotations

from dataclasses import dataclass, field

from contacts.imports.consent_rows import RowConsent
from contacts.imports.reasons import Note

#: What an empty cell can empty besides own fields.
CLEARABLE = ("first_name", "last_name", "language")


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

    def names_all(self, address: str) -> bool:
        """Whether what the row says about its address ("email" or "phone") is about everybody who has it: several may
        have one number, and only a row with nothing but a number means them all."""
        return address == "email" or not (self.email or self.external_id)

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
