"""Reads the cards of a vCard file (versions 2.1, RFC 2426 and RFC 6350) as records: a telephone's or an address book's
export."""

from __future__ import annotations

import quopri
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from contacts.imports.delimited import lines

MAX_PROPERTY_LENGTH = 100_000  # characters; longer ones are pictures
MAX_VALUES = 5  # addresses or numbers of a card that become columns of their own
_PARTS = {
    "N": ("Last name", "First name"),
    "ADR": ("", "", "Address", "City", "Region", "Postcode", "Country"),
    "ORG": ("Company",),
}
_TEXTS = {
    "FN": "Full name",
    "NICKNAME": "Nickname",
    "TITLE": "Job title",
    "NOTE": "Note",
    "URL": "Website",
    "LANG": "Language",
}
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)
_SEMICOLON, _COMMA = re.compile(r"(?<!\\);"), re.compile(r"(?<!\\),")
_DAY = re.compile(r"(\d{4})(\d\d)(\d\d)")


@dataclass
class Property:
    """One line of a card: `item1.EMAIL;TYPE=HOME:ann@shop.example`."""

    name: str
    parameters: list[str]  # in capitals
    value: str

    def text(self) -> str:
        return _unescape(self.value)

    @property
    def rank(self) -> int:
        """Which of several comes first: the preferred one, then a mobile number."""
        if any(parameter in ("PREF", "TYPE=PREF", "PREF=1") or ",PREF" in parameter for parameter in self.parameters):
            return 0
        return 1 if any("CELL" in parameter for parameter in self.parameters) else 2


def records(pieces: Iterable[str]) -> Iterator[tuple[int, dict[str, str]]]:
    """(line on which the card begins, its values by column)."""
    card: list[Property] | None = None
    first, agents = 0, 0
    for line, text in _unfolded(pieces):
        found = _property(text)
        if found is None:
            continue
        if found.name == "BEGIN":
            if card and card[-1].name == "AGENT" and not card[-1].value:
                agents += 1  # a card within the card (vCard 2.1): somebody's assistant
                continue
            if card:  # it has no end
                yield first, _record(card)
            card, first, agents = [], line, 0
        elif found.name == "END" and agents:
            agents -= 1
        elif found.name == "END" and card is not None:
            yield first, _record(card)
            card = None
        elif card is not None and not agents:
            card.append(found)
    if card:  # the file was cut
        yield first, _record(card)


def _record(card: list[Property]) -> dict[str, str]:
    record: dict[str, str] = {}
    for name, column in (("EMAIL", "Email"), ("TEL", "Phone")):
        values = sorted((found for found in card if found.name == name and found.text()), key=lambda found: found.rank)
        for n, found in enumerate(values[:MAX_VALUES], 1):
            record[column if n == 1 else f"{column} {n}"] = found.text().removeprefix("tel:").removeprefix("mailto:")
    for found in card:
        if found.name in _PARTS:
            parts = [_unescape(part) for part in _SEMICOLON.split(found.value)]
            named = zip(_PARTS[found.name], parts, strict=False)
            record = {column: value for column, value in named if column and value} | record
        elif found.name in _TEXTS and found.text():
            record.setdefault(_TEXTS[found.name], found.text())
        elif found.name == "CATEGORIES":
            record.setdefault("Tags", "; ".join(_unescape(part) for part in _COMMA.split(found.value)))
        elif found.name == "BDAY":
            record.setdefault("Birthday", _DAY.sub(r"\1-\2-\3", found.text()))
    return record


def _unfolded(pieces: Iterable[str]) -> Iterator[tuple[int, str]]:
    """(line, text) of each property: long ones continue on lines that begin with a space, or after a soft line end of
    quoted-printable."""
    first, text = 0, ""
    for number, line in enumerate(lines(pieces), 1):
        if line[:1] in (" ", "\t"):
            more = line[1:]
        elif text.endswith("=") and "QUOTED-PRINTABLE" in text.partition(":")[0].upper():
            text, more = text[:-1], line
        else:
            if text:
                yield first, text
            first, text, more = number, line, ""
        if len(text) < MAX_PROPERTY_LENGTH:
            text += more
    if text:
        yield first, text


def _property(text: str) -> Property | None:
    head, colon, value = text.partition(":")
    if not colon:
        return None
    name, *parameters = head.upper().split(";")
    if "QUOTED-PRINTABLE" in head.upper():
        value = _of_quoted_printable(value, parameters)
    return Property(name.rpartition(".")[2].strip(), parameters, value.strip())


def _of_quoted_printable(value: str, parameters: list[str]) -> str:
    charset = next((name.removeprefix("CHARSET=") for name in parameters if name.startswith("CHARSET=")), "utf-8")
    data = quopri.decodestring(value.encode("utf-8", "replace"))
    try:
        return data.decode(charset)
    except (LookupError, UnicodeDecodeError):
        return data.decode("cp1252", "replace")


def _unescape(text: str) -> str:
    return _ESCAPED.sub(lambda found: "\n" if found[1] in "nN" else found[1], text).strip()
