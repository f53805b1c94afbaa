"""A consent receipt as a PDF.

It uses the built-in font Helvetica, which has the letters of Western European languages and adds nothing to the file's
size. Other letters are shown without their accent or as "?", and the page says so. The JSON receipt has every letter.
"""

from __future__ import annotations

import unicodedata
from datetime import datetime

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from fpdf import FPDF
from fpdf.enums import WrapMode

from contacts.consent import ledger
from contacts.consent.receipts import digest
from contacts.models import Channel, Consent
from kernel.templatetags.ui import colon

ENCODING = "windows-1252"
Colour = tuple[int, int, int]
MUTED, BLACK, LINE = (100, 116, 139), (15, 23, 42), (203, 213, 225)


def readable(text: str) -> str:
    """The text with only the letters that the font has; CR LF, which browsers send, becomes LF."""
    out = []
    for char in text.replace("\r\n", "\n").replace("\t", " "):
        if _has(char):
            out.append(char)
            continue
        bare = "".join(part for part in unicodedata.normalize("NFKD", char) if not unicodedata.combining(part))
        out.append(bare if bare and _has(bare) else "?")
    return "".join(out)


def _has(text: str) -> bool:
    try:
        return bool(text.encode(ENCODING)) and (text.isprintable() or text == "\n")
    except UnicodeEncodeError:
        return False


class _Paper(FPDF):
    """An A4 document with the receipt's hash in its footer. `replaced`: a letter was shown in another form."""

    def __init__(self, sha256: str):
        super().__init__(format="A4")
        self.core_fonts_encoding = ENCODING
        self.sha256, self.replaced = sha256, False
        self.set_margin(18)
        self.set_auto_page_break(True, margin=22)
        self.alias_nb_pages()
        self.add_page()

    def footer(self) -> None:
        self.set_y(-16)
        self.set_font("Courier", size=7)
        self.set_text_color(*MUTED)
        self.cell(0, 4, f"SHA-256 {self.sha256}  ·  {self.page_no()}/{{nb}}", align="C")

    def line_of(self, text: str, *, size: int = 10, style: str = "", colour: Colour = BLACK, gap: float = 0) -> None:
        shown = readable(text)
        self.replaced = self.replaced or shown != text.replace("\r", "")
        self.set_font("Helvetica", style=style, size=size)
        self.set_text_color(*colour)
        self.multi_cell(
            0,
            size * 0.5,
            shown,
            new_x="LMARGIN",
            new_y="NEXT",
            wrapmode=WrapMode.CHAR if _is_long(shown) else WrapMode.WORD,
        )
        if gap:
            self.ln(gap)

    def fact(self, name: str | Promise, value: object) -> None:
        """One line "name: value"; nothing for an empty value."""
        if value not in (None, ""):
            self.line_of(f"{colon(name)} {value}", size=9)

    def rule(self) -> None:
        self.ln(1.5)
        self.set_draw_color(*LINE)
        self.line(self.l_margin, self.get_y(), self.w - self.r_margin, self.get_y())
        self.ln(2.5)


def _is_long(text: str) -> bool:
    return any(len(word) > 60 for word in text.split())


def as_pdf(data: dict, issued_at: datetime) -> bytes:
    """The receipt as a PDF file, in the active language. `data`: as `receipts.receipt` returns it."""
    paper = _Paper(digest(data))
    paper.set_title("Consent receipt")
    person = data["person"]
    paper.line_of(_("Consent receipt"), size=20, style="B", gap=1)
    paper.line_of(data["controller"]["address"], colour=MUTED, gap=3)
    name = f"{person['first_name']} {person['last_name']}".strip()
    for line in (name, person["email"], person["phone"], person["external_id"]):
        if line:
            paper.line_of(line, size=11, style="B" if line == name else "")
    paper.rule()
    _states(paper, data)
    paper.rule()
    paper.line_of(_("All changes in the order they were recorded, oldest first"), size=13, style="B", gap=2)
    if not data["ledger"]:
        paper.line_of(_("No consent has been recorded."))
    for entry in data["ledger"]:
        _entry(paper, entry)
    _closing(paper, issued_at)
    return bytes(paper.output())


def _states(paper: _Paper, data: dict) -> None:
    paper.line_of(_("Current status"), size=13, style="B", gap=1)
    for channel, status in data["channels"].items():
        paper.fact(Channel(channel).label, ledger.status_label(channel, status))
    for choice in data["topics"]:
        words = _("opted in") if choice["wanted"] else _("opted out")
        paper.fact(f"{choice['topic']} ({Channel(choice['channel']).label})", words)


def _entry(paper: _Paper, entry: dict) -> None:
    state = Consent.State(entry["state"]).label
    what = Channel(entry["channel"]).label + (f" · {entry['topic']}" if entry["topic"] else "")
    paper.line_of(f"{state} · {what}", style="B")
    _times(paper, entry)
    paper.fact(_("Source"), Consent.Source(entry["source"]).label)
    if entry["basis"] and entry["state"] == Consent.State.GRANTED:
        paper.fact(_("Lawful basis"), Consent.Basis(entry["basis"]).label)
    paper.fact(_("Wording"), entry["wording"] and _("“%(wording)s”") % {"wording": entry["wording"]})
    paper.fact(_("Wording version"), entry["wording_version"])
    paper.fact(_("Reason"), entry["reason"])
    paper.fact(_("Page"), entry["page"])
    paper.fact(_("IP address"), entry["ip"])
    paper.fact(_("Confirmed from e-mail"), entry["message_id"])
    paper.fact(_("Import number"), entry["import"])
    paper.fact(_("Entered by"), entry["actor"])
    paper.fact(_("Entered from IP address"), entry["entered_from"])
    paper.ln(3)


def _times(paper: _Paper, entry: dict) -> None:
    if entry["claimed_on"]:
        paper.fact(_("Stated date"), entry["claimed_on"])
    else:
        paper.fact(_("Date"), f"{entry['at']}  ({entry['at_local']})")
    recorded = entry["recorded_at"] and f"{entry['recorded_at']}  ({entry['recorded_at_local']})"
    paper.fact(_("Recorded"), recorded or _("unknown: recorded before Fanfare kept this time"))


def _closing(paper: _Paper, issued_at: datetime) -> None:
    paper.rule()
    made = issued_at.isoformat(timespec="seconds")
    paper.line_of(_("Issued on %(when)s.") % {"when": made}, size=8, colour=MUTED)
    words = _(
        "The number below is the SHA-256 of this receipt's canonical JSON. The JSON file contains the same number."
    )
    paper.line_of(words, size=8, colour=MUTED)
    if paper.replaced:
        words = _(
            "Some characters aren't available in this document's font and are shown in a "
            "simpler form. The JSON file has them all."
        )
        paper.line_of(words, size=8, colour=MUTED)
