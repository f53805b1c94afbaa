"""The encodings that a file can have, and which one it probably has: its bytes, a library, and where its owner lives
decide. On the page, people can correct it."""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass, field
from typing import IO

import chardet
from django.core.files import File
from django.utils.translation import gettext_lazy as _

from contacts.imports.delimited import has_undecoded

CHUNK_BYTES = 1 << 18
SAMPLE_BYTES = 64 * 1024  # of the lines that aren't ASCII: more makes no guess better
FEW_BYTES = 40  # that aren't ASCII: with fewer, the library only guesses
GROUPS = [
    (
        "Unicode",
        {
            "utf-8": "UTF-8",
            "utf-8-sig": "UTF-8 (BOM)",
            "utf-16": "UTF-16 (BOM)",
            "utf-16-le": "UTF-16 LE",
            "utf-16-be": "UTF-16 BE",
            "utf-32": "UTF-32 (BOM)",
            "utf-32-le": "UTF-32 LE",
            "utf-32-be": "UTF-32 BE",
        },
    ),
    (
        _("Western Europe"),
        {
            "cp1252": "Windows-1252",
            "iso8859-15": "ISO-8859-15",
            "iso8859-1": "ISO-8859-1",
            "mac_roman": "Mac Roman",
            "cp850": "DOS 850",
            "cp437": "DOS 437",
        },
    ),
    (
        _("Central Europe"),
        {
            "cp1250": "Windows-1250",
            "iso8859-2": "ISO-8859-2",
            "mac_latin2": "Mac Central European",
            "cp852": "DOS 852",
        },
    ),
    (
        _("Cyrillic"),
        {
            "cp1251": "Windows-1251",
            "koi8-r": "KOI8-R",
            "koi8-u": "KOI8-U",
            "iso8859-5": "ISO-8859-5",
            "mac_cyrillic": "Mac Cyrillic",
            "cp866": "DOS 866",
        },
    ),
    (_("Greek"), {"cp1253": "Windows-1253", "iso8859-7": "ISO-8859-7"}),
    (_("Turkish"), {"cp1254": "Windows-1254", "iso8859-9": "ISO-8859-9"}),
    (_("Baltic"), {"cp1257": "Windows-1257", "iso8859-13": "ISO-8859-13"}),
    (_("Hebrew"), {"cp1255": "Windows-1255"}),
    (_("Arabic"), {"cp1256": "Windows-1256", "iso8859-6": "ISO-8859-6"}),
    (_("Vietnamese"), {"cp1258": "Windows-1258"}),
    (_("Thai"), {"cp874": "Windows-874"}),
    (_("Japanese"), {"cp932": "Shift-JIS", "euc_jp": "EUC-JP"}),
    (_("Chinese, simplified"), {"gb18030": "GB18030"}),
    (_("Chinese, traditional"), {"big5hkscs": "Big5"}),
    (_("Korean"), {"cp949": "EUC-KR"}),
]
ENCODINGS = {codec: name for _group, names in GROUPS for codec, name in names.items()}
_BOMS = [
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
]
# Names that the library gives for encodings that ours contain.
_WIDER = {
    "iso8859-1": "cp1252",
    "ascii": "cp1252",
    "iso8859-8": "cp1255",
    "tis-620": "cp874",
    "iso8859-11": "cp874",
    "shift_jis": "cp932",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "big5": "big5hkscs",
    "cp950": "big5hkscs",
    "euc_kr": "cp949",
    "johab": "cp949",
    "mac-roman": "mac_roman",
    "mac-latin2": "mac_latin2",
    "mac-cyrillic": "mac_cyrillic",
}
_WESTERN = ("cp1252", "mac_roman", "cp850")
# By what Windows writes there, the encodings of a country, the strictest first.
_EAST_ASIAN = {
    "cp932": ("euc_jp", "cp932"),
    "euc_jp": ("euc_jp", "cp932"),
    "gb18030": ("gb18030",),
    "big5hkscs": ("big5hkscs",),
    "cp949": ("cp949",),
}
# By country, what Windows writes there. Western Europe's elsewhere.
_OF_COUNTRY = {
    country: codec
    for codec, countries in {
        "cp1250": "PL CZ SK HU SI HR RO BA AL",
        "cp1251": "RU BY UA BG RS MK KZ KG MN",
        "cp1253": "GR CY",
        "cp1254": "TR AZ",
        "cp1255": "IL",
        "cp1256": "EG SA AE MA DZ TN LY JO LB IQ KW QA BH OM YE SY SD IR PK",
        "cp1257": "LT LV EE",
        "cp1258": "VN",
        "cp874": "TH",
        "cp932": "JP",
        "gb18030": "CN SG",
        "big5hkscs": "TW HK MO",
        "cp949": "KR",
    }.items()
    for country in countries.split()
}
_WORD = re.compile(r"[^\W\d_]+")
_LOWER = "éèêëàâçùûüôöîïœæäßñáíóúìòå"
_LETTERS = frozenset(_LOWER + "".join(char.upper() for char in _LOWER if char != "ß"))
_SIGNS = frozenset("’‘“”«»–—°ºª…€£§·¿¡\xa0®©™")
_PORTUGUESE = frozenset("ãõÃÕ")
_NORDIC = frozenset("øØðþ")
_OTHER_LETTERS = {"PT": _PORTUGUESE, "BR": _PORTUGUESE, "DK": _NORDIC, "NO": _NORDIC, "FO": _NORDIC, "IS": _NORDIC}
_UNDECODED = re.compile("[\udc80-\udcff]+")
_ESCAPED_QUOTE = re.compile(rb'[^\\,;\t|\r\n"]\\"(?![,;\t|\r\n])')


@dataclass
class ByteEvidence:
    """What the bytes of a whole file tell. `errors` are bytes that UTF-8 can't decode, `sequences` the
    bytes beyond the first of its characters."""

    start: bytes = b""
    sequences: int = 0
    errors: int = 0
    sample: bytearray = field(default_factory=bytearray)  # lines that aren't ASCII, from all over the file
    quotes: bool = False
    escaped_quotes: int = 0  # \" within a cell, as MySQL writes


def choices() -> list[tuple[str, list[tuple[str, str]]]]:
    """The choices of a form, grouped: "Windows-1250 (Central Europe)" can be read without its group."""
    return [
        (str(group), [(codec, f"{name} ({group})" if group != "Unicode" else name) for codec, name in names.items()])
        for group, names in GROUPS
    ]


def label(encoding: str) -> str:
    """The name of an encoding for people."""
    return ENCODINGS.get(encoding, encoding)


def legacy_of(country: str) -> str:
    """The encoding that programs of this country wrote before Unicode."""
    return _OF_COUNTRY.get(country, "cp1252")


def evidence(stream: IO[bytes] | File) -> ByteEvidence:
    """Read a file from its beginning to its end. Memory does not grow with it."""
    found = ByteEvidence()
    decoder = codecs.getincrementaldecoder("utf-8")("surrogateescape")
    stream.seek(0)
    while data := stream.read(CHUNK_BYTES):
        found.start = found.start or data
        found.quotes = found.quotes or b'"' in data
        if b'\\"' in data:
            found.escaped_quotes += len(_ESCAPED_QUOTE.findall(data))
        if data.isascii() and not decoder.getstate()[0]:
            continue
        text = decoder.decode(data)
        _count_errors(found, text)
        # The bytes that continue a character: those beyond one for each.
        found.sequences += max(0, len(data) - len(text))
        if len(found.sample) < SAMPLE_BYTES:
            _add_to_sample(found.sample, data)
    _count_errors(found, decoder.decode(b"", final=True))
    return found


def guess(found: ByteEvidence, country: str) -> str:
    """The encoding of a file. A few bytes that UTF-8 can't decode don't make it another one: they are reported."""
    for bom, encoding in _BOMS:
        if found.start.startswith(bom):
            return encoding
    if wide := _without_bom(found.start[:4096]):
        return wide
    if found.errors <= found.sequences:
        return "utf-8"
    return _legacy(bytes(found.sample), country)


def _count_errors(found: ByteEvidence, text: str) -> None:
    if has_undecoded(text):
        found.errors += sum(map(len, _UNDECODED.findall(text)))


def _add_to_sample(sample: bytearray, data: bytes) -> None:
    lines = data.splitlines(keepends=True)
    if len(lines) > 1:
        del lines[-1]  # its last character may be cut
    for line in lines:
        if not line.isascii():
            sample += line[:2000]
            if len(sample) >= SAMPLE_BYTES:
                return


def _without_bom(start: bytes) -> str:
    """UTF-16 or UTF-32 by the places of its zero bytes; empty if it is neither."""
    zeros = [start[place::4].count(0) * 8 > len(start) for place in range(4)]  # in half of the characters
    return {
        (False, True, True, True): "utf-32-le",
        (True, True, True, False): "utf-32-be",
        (False, True, False, True): "utf-16-le",
        (True, False, True, False): "utf-16-be",
    }.get((zeros[0], zeros[1], zeros[2], zeros[3]), "")


def _legacy(sample: bytes, country: str) -> str:
    """The library's guess; what it can't know well is decided by the country: Spanish and Hungarian look alike to it,
    and so do short texts in the encodings of East Asia."""
    own = legacy_of(country)
    found = _codec(chardet.detect(sample)["encoding"] or "")
    if own == "cp1252" and found not in (*_WESTERN, "cp437"):
        return next((codec for codec in _WESTERN if _is_western(sample, codec, country)), _known(found, own))
    if own in _EAST_ASIAN and found in _EAST_ASIAN:
        return next((codec for codec in _EAST_ASIAN[own] if _decodes(sample, codec)), found)
    if own != "cp1252" and found not in _group_of(own) and sum(byte > 127 for byte in sample) < FEW_BYTES:
        return own
    return _known(found, own)


def _group_of(encoding: str) -> dict[str, str]:
    return next(names for _group, names in GROUPS if encoding in names)


def _codec(name: str) -> str:
    try:
        codec = codecs.lookup(name).name
    except LookupError:
        return ""
    return _WIDER.get(codec, codec)


def _known(encoding: str, otherwise: str) -> str:
    return encoding if encoding in ENCODINGS else otherwise


def _decodes(sample: bytes, encoding: str) -> bool:
    try:
        sample.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True


def _is_western(sample: bytes, encoding: str, country: str) -> bool:
    """Whether the text has only letters of Western Europe, at places where people write them: words that consist mostly
    of accented letters, or have an accented capital in their middle, were decoded wrongly."""
    text = sample.decode(encoding, "replace")
    letters = _LETTERS | _OTHER_LETTERS.get(country, frozenset())
    if any(char not in letters and char not in _SIGNS for char in text if not char.isascii()):
        return False
    words = [word for word in _WORD.findall(text) if not word.isascii()]
    odd = sum(_is_odd(word) for word in words)
    return odd * 10 <= len(words)


def _is_odd(word: str) -> bool:
    accented = sum(not char.isascii() for char in word)
    if len(word) > 2 and accented * 2 > len(word):
        return True
    return not word.isupper() and any(char.isupper() and not char.isascii() for char in word[1:])
