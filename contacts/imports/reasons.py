"""Why a row is rejected, or a value left out: the texts, and what readers of rows raise for them.

A value that can't be read costs that value and not the person: the row comes in without it, and a note says so. A row
is rejected only if nothing is left that says whom it is about.
"""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from contacts.contact_events import limits
from contacts.fields import nothing, values
from contacts.identity import phones
from contacts.imports.delimited import REPLACEMENT, Cells

REASONS = {
    "no_address": _("No e-mail address"),
    "no_identity": _("No e-mail address, phone number or customer number"),
    "no_person": _("No e-mail address or customer number"),
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
    "other_address": _("The contact with this customer number has another e-mail address"),
    "other_number": _("The contact with this e-mail address has another customer number"),
    "in_trash": _("This contact is in the trash: restore it first"),
    "event_footer": _("No event: the row says neither who nor when, as sums at the end of a file"),
    "event_other_amount": _("An earlier row has another amount for this order. That one is kept"),
    "event_status": _("The order was cancelled or refunded, or failed"),
    "unknown_contact": _("No contact has this e-mail address or customer number"),
}

#: A remark on one value of a row that comes in: (column from 0, key of REASONS, the cell).
Note = tuple[int, str, str]


class BadRow(ValueError):
    """Raised for a row that is rejected; the message is a key of REASONS."""


class LeftOut(ValueError):
    """Raised for a value that is left out, or of which a part is; the message is a key of REASONS."""


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


def left_out(value: str, problem: ValueError) -> None:
    """Raise LeftOut for a value that can't be read, unless a program wrote it to say that there is none."""
    if value not in nothing.OF_PROGRAMS:
        raise LeftOut("no_value" if value in nothing.OF_PEOPLE else str(problem)) from None
