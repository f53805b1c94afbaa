"""Reads an uploaded ZIP in a process of its own: its HTML, its style sheets and its pictures."""

from __future__ import annotations

import base64
import posixpath
import shutil
import tempfile
import unicodedata
from contextlib import closing
from dataclasses import dataclass, field
from typing import IO, Any
from urllib.parse import unquote

from django.core.files import File
from django.utils.translation import gettext as _

from kernel import bounded_process
from kernel.bounded_process import Busy, Exceeded, Limits
from templates_app.importing import archive_process
from templates_app.importing.archive_process import MAX_ENTRIES, PICTURES
from templates_app.importing.problems import NotImportable, TryAgain

MODULE = archive_process.__name__
LIMITS = Limits(memory=1 << 30, cpu=20, wall=30)
MAX_MB = 40  # of one upload
MAX_BYTES = MAX_MB << 20
TOO_LARGE = b""  # stands for a picture that was not read to its end


@dataclass
class Archive:
    """`texts` and `pictures`: the bytes of each file by its path; `meant`: its path by each way to write it."""

    texts: dict[str, bytes] = field(default_factory=dict)
    pictures: dict[str, bytes] = field(default_factory=dict)
    meant: dict[str, str] = field(default_factory=dict)
    folder: str = ""  # in which the chosen HTML stands

    def page(self) -> str:
        """The path of the message: index.html, else what stands highest, else the largest."""
        pages = [path for path in self.texts if path.lower().endswith((".html", ".htm"))]
        pages = pages or [path for path in self.texts if path.lower().endswith(".mjml")]
        return min(
            pages,
            key=lambda path: (
                posixpath.basename(path).lower() not in ("index.html", "index.htm"),
                path.count("/"),
                -len(self.texts[path]),
            ),
        )

    def find(self, address: str) -> str:
        """The path of the file that an address in the HTML means; "" if there is none."""
        written = unquote(address.split("?", maxsplit=1)[0].split("#", maxsplit=1)[0]).replace("\\", "/")
        joined = posixpath.normpath(posixpath.join(self.folder, written.lstrip("/")))
        for candidate in (joined, written.lstrip("/").removeprefix("./"), posixpath.basename(written)):
            if path := self.meant.get(plain(candidate)):
                return path
        return ""


def plain(path: str) -> str:
    """A path as it is compared: programs differ in capitals and in how they write accents."""
    return unicodedata.normalize("NFC", path).casefold()


def read(file: File, workspace_id: int) -> Archive:
    """Takes seconds: never call it in a transaction. Raises NotImportable and TryAgain."""
    if file.size > MAX_BYTES:
        text = _(
            "This archive is %(mb)d MB; the limit is %(most)d MB. Make its pictures smaller, 2400 pixels wide at most."
        )
        raise NotImportable(text % {"mb": -(-file.size // (1 << 20)), "most": MAX_MB})
    try:
        with bounded_process.place_for(workspace_id), tempfile.TemporaryFile() as copy:
            file.seek(0)
            shutil.copyfileobj(file, copy)
            copy.flush()
            archive = _read(copy)
    except Busy:
        raise TryAgain(_("Another file is being read at the moment. Try again in a minute.")) from None
    _index(archive)
    return archive


def _read(source: IO[bytes]) -> Archive:
    archive = Archive()
    pieces: list[bytes] = []
    try:
        with closing(bounded_process.messages(MODULE, file=source, limits=LIMITS)) as messages:
            for message in messages:
                if "problem" in message:
                    raise NotImportable(_text(message))
                pieces.append(base64.b64decode(message["data"]))
                if message["is_last"]:
                    _keep(archive, message, TOO_LARGE if "is_too_large" in message else b"".join(pieces))
                    pieces = []
    except Exceeded:
        raise NotImportable(_text({"problem": "bomb", "name": "", "n": 0})) from None
    return archive


def _keep(archive: Archive, message: dict[str, Any], data: bytes) -> None:
    path = message["name"].replace("\\", "/")
    is_picture = path.rpartition(".")[2].lower() in PICTURES
    (archive.pictures if is_picture else archive.texts)[path] = data
    for name in message["names"]:
        archive.meant.setdefault(plain(posixpath.normpath(name.replace("\\", "/"))), path)


def _index(archive: Archive) -> None:
    """The bare name of a file means it, too, where it is the only one of this name."""
    archive.folder = posixpath.dirname(archive.page())
    names: dict[str, set[str]] = {}
    for key, path in archive.meant.items():
        names.setdefault(posixpath.basename(key), set()).add(path)
    for name, paths in names.items():
        if len(paths) == 1:
            archive.meant.setdefault(name, *paths)


def _text(message: dict[str, Any]) -> str:
    texts = {
        "entries": _("This archive has %(n)d files; the limit is %(most)d. Pack only the message and its pictures."),
        "climbs": _(
            "The archive has a file whose path leads out of it (%(name)s). Pack the folder with the message anew, and "
            "upload that."
        ),
        "encrypted": _("This archive is locked with a password. Pack it again without one."),
        "bomb": _("Unpacking this archive takes too much room. Pack only the message and its pictures."),
        "nested": _("In this archive is another one (%(name)s). Extract it and upload that."),
        "no_html": _("There is no HTML file in this archive. Export the message as HTML, with its pictures."),
        "damaged": _("This archive is damaged, or no ZIP. Pack it anew and upload it once more."),
        "damaged_file": _("A file in this archive is damaged (%(name)s). Pack it anew and upload it once more."),
    }
    return texts[message["problem"]] % {"name": message["name"], "n": message["n"], "most": MAX_ENTRIES}
