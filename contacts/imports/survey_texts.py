"""Says in sentences what the survey of a file found, and how its lines became rows."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from contacts.imports import encodings
from contacts.models import ContactImport

MAX_PLACES = 8


@dataclass(frozen=True)
class Notice:
    """A sentence about the file; `details` are lines of it, as (line, text)."""

    tone: str
    text: str
    details: list[tuple[int, str]]


def notices(contact_import: ContactImport) -> list[Notice]:
    """What the merchant should know about how the file was read, the most important first."""
    found = contact_import.survey
    if not found:
        return []
    told = [_about_quotes(contact_import, found), _about_torn(found), *_about_encoding(contact_import, found)]
    return [notice for notice in told if notice]


def lines_sentence(contact_import: ContactImport, rows: int) -> str:
    """Where all lines of the file went, if `rows` rows were read to its end; empty if its lines aren't known."""
    total = contact_import.lines
    if not total or contact_import.format not in (ContactImport.Format.CSV, *ContactImport.WORKBOOKS):
        return ""
    header = int(contact_import.has_header)
    titles = min(contact_import.skip_lines, total)
    within = contact_import.survey.get("cell_lines", 0) if contact_import.multiline_cells else 0
    blank = total - rows - header - titles - within
    parts = [ngettext("%(n)s row", "%(n)s rows", rows) % {"n": _number(rows)}]
    if header:
        parts.append(_("1 with the column names"))
    if titles:
        parts.append(ngettext("%(n)s skipped above them", "%(n)s skipped above them", titles) % {"n": _number(titles)})
    if within:
        words = ngettext("%(n)s within a cell of another row", "%(n)s within cells of other rows", within)
        parts.append(words % {"n": _number(within)})
    if blank > 0:
        parts.append(ngettext("%(n)s blank", "%(n)s blank", blank) % {"n": _number(blank)})
    words = ngettext("The file has %(n)s line: %(parts)s.", "The file has %(n)s lines: %(parts)s.", total)
    return words % {"n": _number(total), "parts": ", ".join(parts)}


def _about_quotes(contact_import: ContactImport, found: dict) -> Notice | None:
    if not contact_import.multiline_cells:
        if not found["more_rows"]:
            return None
        words = ngettext(
            "Read line by line: %(n)s row more than if quotation marks span lines.",
            "Read line by line: %(n)s rows more than if quotation marks span lines.",
            found["more_rows"],
        )
        return Notice("info", words % {"n": _number(found["more_rows"])}, [])
    if not found["swallowed"]:
        return None
    words = ngettext(
        "%(n)s line within quotation marks looks like a row of its own (lines %(places)s).",
        "%(n)s lines within quotation marks look like rows of their own (lines %(places)s).",
        found["swallowed"],
    )
    advice = ngettext(
        "Read line by line, the file has %(n)s row more: untick “Quotation marks may span lines”.",
        "Read line by line, the file has %(n)s rows more: untick “Quotation marks may span lines”.",
        found["more_rows"],
    )
    text = words % {"n": _number(found["swallowed"]), "places": _places(found["swallowing"])}
    return Notice("warning", f"{text} {advice % {'n': _number(found['more_rows'])}}", [])


def _about_torn(found: dict) -> Notice | None:
    if not found["torn"]:
        return None
    text = _("A quotation mark is never closed: lines %(places)s were read one by one.")
    return Notice("warning", text % {"places": _places(found["torn"])}, [])


def _about_encoding(contact_import: ContactImport, found: dict) -> list[Notice]:
    names = {"encoding": encodings.label(contact_import.encoding), "other": encodings.label(found["fallback"])}
    examples = (contact_import.preview or {}).get("undecoded", [])
    told = []
    if n := found["lost"]:
        words = ngettext(
            "%(n)s character can't be read as %(encoding)s. The value with it is left out: choose another encoding, or"
            " mend the file.",
            "%(n)s characters can't be read as %(encoding)s. Values with them are left out: choose another encoding, or"
            " mend the file.",
            n,
        )
        told.append(Notice("warning", words % (names | {"n": _number(n)}), _details(examples, lost=True)))
    if n := found["read_as_fallback"]:
        words = ngettext(
            "%(n)s character isn't %(encoding)s and was read as %(other)s.",
            "%(n)s characters aren't %(encoding)s and were read as %(other)s.",
            n,
        )
        told.append(Notice("warning", words % (names | {"n": _number(n)}), _details(examples, lost=False)))
    return told


def _details(examples: list, *, lost: bool) -> list[tuple[int, str]]:
    return [(line, text) for line, text, is_lost in examples if is_lost == lost][:5]


def _places(places: list[list[int]]) -> str:
    """Line ranges as people write them: 2–4, 9–12."""
    return ", ".join(f"{first}–{last}" for first, last in places[:MAX_PLACES]) + (
        ", …" if len(places) > MAX_PLACES else ""
    )


def _number(n: int) -> str:
    return number_format(n, force_grouping=True)
