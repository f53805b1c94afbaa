"""Tells by its first bytes what kind of file it is. Files that can't be imported are refused with the one sentence that
helps."""

from __future__ import annotations

import re

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from contacts.imports.limits import Unreadable
from contacts.models import ContactImport

Format = ContactImport.Format
OLD_EXCEL = b"\xd0\xcf\x11\xe0"  # also of Word, and of encrypted workbooks
_ZIP = b"PK\x03\x04"
_ARCHIVE = gettext_lazy("This is an archive. Extract it and import the file inside.")
_PICTURE = gettext_lazy("This is a picture. Export your contacts as CSV or Excel (.xlsx).")
_PDF = gettext_lazy(
    "This is a PDF, which holds no table. Export your contacts as CSV or Excel (.xlsx) from the program that made it."
)
_DOCUMENT = gettext_lazy("This is a text document. Copy its table into a spreadsheet and save it as .xlsx.")
_OTHER = {
    b"%PDF": _PDF,
    b"\x1f\x8b": _ARCHIVE,
    b"7z\xbc\xaf": _ARCHIVE,
    b"Rar!": _ARCHIVE,
    b"BZh": _ARCHIVE,
    b"\xfd7zXZ": _ARCHIVE,
    b"\x28\xb5\x2f\xfd": _ARCHIVE,
    b"\x89PNG": _PICTURE,
    b"\xff\xd8\xff": _PICTURE,
    b"GIF8": _PICTURE,
    b"RIFF": _PICTURE,
    b"II*\0": _PICTURE,
    b"MM\0*": _PICTURE,
    b"{\\rtf": _DOCUMENT,
}
_TAR, _TAR_AT = b"ustar", 257
_VCARD = re.compile(r"\s*BEGIN:VCARD\s", re.IGNORECASE)
_JSON = re.compile(r'\s*(?:\[\s*(?:\{|\]|\[)|\{\s*(?:"|\}))')
_LDIF = re.compile(r"\s*(?:version:\s*\d+\s+|#[^\n]*\n\s*)*dn::? ", re.IGNORECASE)
_XML_SHEET = re.compile(r"\s*<\?xml.{0,2000}(?:schemas-microsoft-com:office:spreadsheet|Excel\.Sheet)", re.DOTALL)
_WEB_PAGE = re.compile(
    r"\s*(?:<\?xml[^>]*>\s*)?(?:<!--.*?-->\s*)*<(?:!doctype html|html|head|body|table|meta|div|style)\b",
    re.IGNORECASE | re.DOTALL,
)
_XML = re.compile(r"\s*<\?xml\b")


def is_workbook(start: bytes) -> bool:
    """Whether a spreadsheet program wrote it: a ZIP archive, as of Excel and LibreOffice, or an old Excel file."""
    return start.startswith((_ZIP, OLD_EXCEL))


def refuse_others(start: bytes) -> None:
    """Raises Unreadable for pictures, archives, PDF and other files that hold no text."""
    for magic, sentence in _OTHER.items():
        if start.startswith(magic):
            raise Unreadable(str(sentence))
    if start[_TAR_AT : _TAR_AT + len(_TAR)] == _TAR:
        raise Unreadable(str(_ARCHIVE))


def of_text(text: str) -> str:
    """The format of a text by its beginning: CSV, unless its records are vCards or JSON. Raises Unreadable."""
    if _VCARD.match(text):
        return Format.VCARD
    if _JSON.match(text):
        return Format.JSON
    if _XML_SHEET.match(text):
        raise Unreadable(_("This is an XML spreadsheet of Excel 2003. Open it in Excel and save it as .xlsx."))
    if _WEB_PAGE.match(text):
        raise Unreadable(_("This is a web page, even if it is called .xls. Open it in Excel and save it as .xlsx."))
    if _XML.match(text):
        raise Unreadable(_("This is an XML file. Export your contacts as CSV or Excel (.xlsx)."))
    if _LDIF.match(text):
        raise Unreadable(_("This is an LDIF file. Export your address book as vCard or CSV."))
    return Format.CSV
