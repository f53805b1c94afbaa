"""From the bytes of an HTML file to its text."""

from __future__ import annotations

import codecs
import io
import re
from dataclasses import dataclass

from django.utils.translation import gettext as _

from contacts.imports import encodings
from templates_app.importing.problems import NotImportable

LOOKED_AT = 4096  # bytes in which a file may say its encoding (HTML: 1024; mail programs write more before it)
_DECLARED = re.compile(rb"<meta[^>]{0,200}?charset\s*=\s*[\"']?\s*([\w.:-]{2,40})", re.IGNORECASE)
_IN_XML = re.compile(rb"^\s*<\?xml[^>]{0,200}?encoding\s*=\s*[\"']([\w.:-]{2,40})", re.IGNORECASE)
_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
# What browsers read for these names (Encoding Standard, 4.2).
_WIDER = {"iso8859-1": "cp1252", "ascii": "cp1252", "iso8859-9": "cp1254", "shift_jis": "cp932", "gb2312": "gb18030"}
_META = re.compile(r"(<meta[^>]{0,200}?charset\s*=\s*[\"']?\s*)[\w.:-]{2,40}", re.IGNORECASE)


@dataclass(frozen=True)
class Decoded:
    """`encoding`: the name for people, or "" for UTF-8."""

    text: str
    encoding: str


def decode(data: bytes, country: str) -> Decoded:
    """The text, which says UTF-8 of itself. The encoding is what the file says, if that can be; otherwise what
    the country's programs wrote before UTF-8, or what the bytes suggest. Raises NotImportable."""
    for bom, codec in _BOMS:
        if data.startswith(bom):
            return _decoded(data[len(bom) :], codec)
    for codec in _candidates(data, country):
        try:
            return _decoded(data, codec)
        except NotImportable:
            continue
    raise _unreadable()


def _candidates(data: bytes, country: str) -> list[str]:
    found = encodings.evidence(io.BytesIO(data))
    guess = encodings.guess(found, country)
    if guess.startswith(("utf-16", "utf-32")):
        return [guess]
    declared = _declared(data[:LOOKED_AT])
    # A file that says UTF-16 in ASCII is not (HTML, 13.2.3.2).
    first = [declared] if declared and not declared.startswith("utf-16") else []
    return list(dict.fromkeys([*first, "utf-8", encodings.legacy_of(country), guess, "cp1252"]))


def _declared(start: bytes) -> str:
    found = _IN_XML.search(start) or _DECLARED.search(start)
    if found is None:
        return ""
    try:
        codec = codecs.lookup(found[1].decode("ascii")).name
    except LookupError:
        return ""
    return _WIDER.get(codec, codec)


def _decoded(data: bytes, codec: str) -> Decoded:
    try:
        text = data.decode(codec)
    except (UnicodeDecodeError, LookupError, AttributeError):
        raise _unreadable() from None
    if not isinstance(text, str) or "\0" in text:
        raise _unreadable()
    is_utf8 = codec in ("utf-8", "utf-8-sig")
    return Decoded(
        _META.sub(r"\1utf-8", text.removeprefix("\ufeff"), count=1), "" if is_utf8 else encodings.label(codec)
    )


def _unreadable() -> NotImportable:
    return NotImportable(
        _(
            "This file has characters that can't be read. Open it in the program that made it, save it as HTML in "
            "UTF-8, and upload it again."
        )
    )
