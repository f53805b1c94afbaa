"""What a merchant gave to be imported, read: the text of the message, and the files beside it."""

from __future__ import annotations

from dataclasses import dataclass

from django.core.files import File
from django.utils.translation import gettext as _

from templates_app.importing import archive, encoding, mjml
from templates_app.importing.archive import Archive
from templates_app.importing.problems import NotImportable
from templates_app.pictures.uploading import name_of

MAX_HTML = 8 << 20  # bytes: with embedded pictures, which are taken out
ZIP = b"PK\x03\x04"
# What a file that is no message begins with, and the key of the advice.
OTHERS = (
    (b"%PDF", "pdf"),
    (b"\xd0\xcf\x11\xe0", "office"),
    (b"{\\rtf", "office"),
    (b"Rar!", "rar"),
    (b"7z\xbc\xaf", "rar"),
    (b"\x1f\x8b", "rar"),
    (b"\x89PNG", "picture"),
    (b"\xff\xd8\xff", "picture"),
    (b"GIF8", "picture"),
)


@dataclass(frozen=True)
class Source:
    """`kind` is "pasted", "file" or "zip"; `name` what the template shall be called, if somebody said so; `file` what
    was uploaded; `encoding` its name unless it was UTF-8."""

    kind: str
    text: str
    name: str = ""
    file: str = ""
    encoding: str = ""
    country: str = ""
    archive: Archive | None = None

    @property
    def is_mjml(self) -> bool:
        return mjml.is_mjml(self.text)

    def find(self, address: str) -> str:
        """The path in the archive that an address means; "" if there is none."""
        return self.archive.find(address) if self.archive else ""


def pasted(text: str, name: str) -> Source:
    return Source("pasted", text.replace("\r\n", "\n").removeprefix("\ufeff"), name)


def uploaded(file: File, name: str, workspace_id: int, country: str) -> Source:
    """Takes seconds: never call it in a transaction. Raises NotImportable."""
    start = file.read(512)
    file.seek(0)
    if start.startswith(ZIP):
        return _zipped(file, name, workspace_id, country)
    _refuse_others(start)
    if file.size > MAX_HTML:
        text = _(
            "This file is %(mb)d MB; the limit is %(most)d MB. Export the message with its pictures beside it, as ZIP."
        )
        raise NotImportable(text % {"mb": -(-file.size // (1 << 20)), "most": MAX_HTML >> 20})
    decoded = encoding.decode(file.read(), country)
    _refuse_no_html(decoded.text)
    return Source("file", decoded.text, name, name_of(file), decoded.encoding, country)


def _zipped(file: File, name: str, workspace_id: int, country: str) -> Source:
    found = archive.read(file, workspace_id)
    page = found.page()
    decoded = encoding.decode(found.texts[page], country)
    return Source("zip", decoded.text, name, name_of(file), decoded.encoding, country, found)


def _refuse_others(start: bytes) -> None:
    for beginning, key in OTHERS:
        if start.startswith(beginning):
            raise NotImportable(_other(key))


def _refuse_no_html(text: str) -> None:
    if not text.strip():
        raise NotImportable(_("This file is empty. Check that you chose the right one."))
    stripped = text.strip()
    if stripped.startswith(("{", "[")) and stripped.endswith(("}", "]")) and not stripped.startswith(("{{", "{%")):
        raise NotImportable(
            _("This is the data of an editor (JSON), not a message. In that editor, export the message as HTML.")
        )


def _other(key: str) -> str:
    return {
        "pdf": _("This is a PDF. Export the message as HTML in the program that made it."),
        "office": _("This is an Office document. Save it as “Web page, filtered” (.htm) and upload that."),
        "rar": _("Archives of this kind can't be read. Pack the folder as ZIP and upload that."),
        "picture": _("This is a picture. It belongs into the library: Templates, Pictures."),
    }[key]
