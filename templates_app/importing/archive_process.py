"""Reads a ZIP archive in a process of its own (kernel.bounded_process), without Django and without writing a file.

Yields {"name", "names", "data", "is_last"}: a piece of a file, the data in base64; `names` are the ways in which its
name may have been meant. A problem is the last message: {"problem", "name", "n"}.
"""

from __future__ import annotations

import base64
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from typing import Any

MAX_ENTRIES = 2000
MAX_PIECE = 4 << 20  # bytes of a message
MAX_TEXT = 8 << 20  # bytes of an HTML file: more can't become a message
MAX_PICTURE = 20 << 20
MAX_TOTAL = 200 << 20  # bytes of all that is unpacked
MAX_RATIO = 300  # unpacked to packed; HTML has 10
MAX_FREE = 10 << 20  # bytes that may be packed however well
TEXTS = ("html", "htm", "mjml", "css")
PICTURES = ("png", "jpg", "jpeg", "gif", "webp", "avif", "svg", "bmp", "heic", "tif", "tiff")
ARCHIVES = ("zip", "rar", "7z", "gz", "tar", "tgz")
IS_UTF8, IS_ENCRYPTED = 0x800, 0x1  # of an entry's flags (APPNOTE 4.4.4)
CODECS = ("utf-8", "cp437", "cp850", "cp1252")  # in which programs write names without saying so


class Problem(Exception):
    """Raised with the key of a text for the merchant, a name and a number for it."""

    def __init__(self, key: str, name: str = "", n: int = 0):
        super().__init__(key)
        self.key, self.name, self.n = key, name, n


def main(_arguments: Sequence[str], file: Any) -> Iterator[Any]:
    try:
        yield from _files(file)
    except Problem as problem:
        yield {"problem": problem.key, "name": problem.name[:200], "n": problem.n}
    except MemoryError:
        yield {"problem": "bomb", "name": "", "n": 0}
    except Exception:  # whatever the library says of a stranger's file, the merchant mends it alike
        yield {"problem": "damaged", "name": "", "n": 0}


def _files(file: Any) -> Iterator[Any]:
    archive = zipfile.ZipFile(file)
    entries = [entry for entry in archive.infolist() if not entry.is_dir()]
    if len(entries) > MAX_ENTRIES:
        raise Problem("entries", n=len(entries))
    for entry in entries:
        _refuse_odd(entry)
    wanted = [entry for entry in entries if _ending(entry) in (*TEXTS, *PICTURES) and not _is_hidden(entry.filename)]
    if not any(_ending(entry) in ("html", "htm", "mjml") for entry in wanted):
        inner = next((entry for entry in entries if _ending(entry) in ARCHIVES), None)
        raise Problem("nested", inner.filename) if inner else Problem("no_html")
    left = MAX_TOTAL
    # Texts first: without one, no picture need be read.
    for entry in sorted(wanted, key=lambda entry: _ending(entry) in PICTURES):
        for piece in _pieces(archive, entry):
            left -= len(piece["raw"])
            if left < 0:
                raise Problem("bomb", entry.filename)
            raw = piece.pop("raw")
            yield piece | {"data": base64.b64encode(raw).decode()}


def _refuse_odd(entry: zipfile.ZipInfo) -> None:
    name = entry.orig_filename.replace("\\", "/")
    parts = name.split("/")
    if name.startswith("/") or ".." in parts or "\0" in name or parts[0].endswith(":"):
        raise Problem("climbs", name)
    if entry.flag_bits & IS_ENCRYPTED:
        raise Problem("encrypted", name)
    if entry.file_size > MAX_FREE and entry.file_size > MAX_RATIO * max(entry.compress_size, 1):
        raise Problem("bomb", name)


def _is_hidden(name: str) -> bool:
    """Whether a system has put it there: macOS keeps attributes beside each file."""
    return any(part.startswith((".", "__MACOSX")) for part in name.split("/"))


def _ending(entry: zipfile.ZipInfo) -> str:
    return entry.filename.rpartition(".")[2].lower()


def _pieces(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> Iterator[dict[str, Any]]:
    most = MAX_PICTURE if _ending(entry) in PICTURES else MAX_TEXT
    names = _names(entry)
    try:
        with archive.open(entry) as source:
            done = 0
            while True:
                raw = source.read(MAX_PIECE)
                done += len(raw)
                if done > most:
                    yield {"name": names[0], "names": names, "raw": b"", "is_last": True, "is_too_large": True}
                    return
                yield {"name": names[0], "names": names, "raw": raw, "is_last": len(raw) < MAX_PIECE}
                if len(raw) < MAX_PIECE:
                    return
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError):
        raise Problem("damaged_file", names[0]) from None


def _names(entry: zipfile.ZipInfo) -> list[str]:
    """The name as it was probably meant first. Without the flag for UTF-8, the library has read it as CP437."""
    name = entry.filename
    if entry.flag_bits & IS_UTF8 or name.isascii():
        return [name]
    raw = name.encode("cp437", "replace")
    found = []
    for codec in CODECS:
        try:
            found.append(raw.decode(codec))
        except UnicodeDecodeError:
            continue
    return list(dict.fromkeys(found))
