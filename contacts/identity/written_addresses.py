"""Finds e-mail addresses in what people write around them: `Ann Ex <ann@shop.example>`, `mailto:`, lists of several.

Nothing is guessed: `ann ex@shop.example` may be two words of one address or a name and an address, so it stays wrong.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from contacts.identity.addresses import BadAddress, clean_email, visible

MAX_LENGTH = 2000
_SEPARATORS = re.compile(r"\s*(?::::|[;,|\r\n\t])\s*|\s+/\s+")
# A part with its separators inside quotation marks is one part.
_QUOTED = re.compile(r'"[^"]*"')
_HIDDEN = str.maketrans({sign: chr(0xE000 + n) for n, sign in enumerate(";,|\r\n\t:")})
_SHOWN = {0xE000 + n: sign for n, sign in enumerate(";,|\r\n\t:")}
# "Ann Ex <ann@shop.example>" and the same in other brackets; "ann@shop.example (Ann Ex)", RFC 5322, 3.4.
_BRACKETS = re.compile(
    r"(?P<name>[^<\[(]*)(?:<(?P<a>[^<>]*@[^<>]*)>|\[(?P<b>[^][]*@[^][]*)\]|\((?P<c>[^()]*@[^()]*)\))"
)
_COMMENT = re.compile(r"(?P<address>[^\s()<>]+@[^\s()<>]+)\s*\((?P<name>[^()@]*)\)")
_PREFIX = re.compile(r"(?:mailto:|(?:e-?mail|courriel)\s*:)\s*", re.IGNORECASE)
_WRAPPING = " \t\"'`<>()[]{}\u00ab\u00bb\u2018\u2019\u201a\u201c\u201d\u201e\u2039\u203a"
_AFTER = _WRAPPING + ".,;:!?"
# A no-break space, a zero-width space or a byte order mark that was decoded as Windows-1252 or Mac Roman.
_MISREAD = ("\u00c2\u00a0", "\u00ac\u2020", "\u2020", "\u00e2\u20ac\u2039", "\u00ef\u00bb\u00bf", "\u00d4\u00aa\u00f8")
# Mac Roman's no-break space is Ê in Windows-1252, which may also be a letter.
_MISREAD_LETTER = re.compile(r"[\u00ca\u00ea][!-~]+@[!-~]+")
_MISREAD_END = re.compile(r"([!-~]+@[!-~]+)[\u00ca\u00ea]+")


@dataclass(frozen=True, slots=True)
class Found:
    """The first address of a text in its stored form, the name written beside it, and the further addresses: `others`
    in their stored form, `unreadable` as written."""

    email: str
    name: str = ""
    others: tuple[str, ...] = ()
    unreadable: tuple[str, ...] = ()

    @property
    def is_alone(self) -> bool:
        return not self.others and not self.unreadable


def find(text: str) -> Found:
    """The addresses of a text. Raises BadAddress if it holds none, with the reason why the text is none."""
    if not text.isascii():
        text = _repaired(text)
    try:
        return Found(_refuse_misread(text, clean_email(text)))
    except BadAddress as problem:
        if "@" not in text or len(text) > MAX_LENGTH or str(problem) == "misread":
            raise
        refusal = problem
    found: list[tuple[str, str]] = []
    unreadable: list[str] = []
    for part in _parts(text):
        try:
            found.append(_address_of(part))
        except BadAddress as problem:
            refusal = problem if str(problem) == "misread" else refusal
            unreadable.append(part)
    if not found:
        raise refusal
    (email, name), *others = found
    further = tuple(dict.fromkeys(other for other, _name in others if other != email))
    return Found(email, name, further, tuple(unreadable))


def _repaired(text: str) -> str:
    """The text without signs that nobody sees, and without what is left of them where they were decoded wrongly."""
    text = text.strip()
    for sign in _MISREAD:
        text = text.removeprefix(sign).removesuffix(sign)
    lines = (visible(line) for line in re.split(r"[\r\n]", text))
    return "\n".join(line for line in lines if line)


def _parts(text: str) -> list[str]:
    """The text at its separators. A piece without an @ belongs to the name in the next one: "Ex, Ann <ann@...>"."""
    hidden = _QUOTED.sub(lambda quoted: quoted[0] if "@" in quoted[0] else quoted[0].translate(_HIDDEN), text)
    parts: list[str] = []
    before = ""
    for piece in _SEPARATORS.split(hidden):
        if "@" in piece:
            parts += _words(f"{before}{piece}".translate(_SHOWN))
            before = ""
        elif piece.strip(_AFTER):
            before += f"{piece}, "
    return parts


def _words(part: str) -> list[str]:
    """The addresses of a part that are separated by spaces alone, if each of its words is one; else the part."""
    words = part.split()
    if len(words) > 1 and all("@" in word for word in words) and not _BRACKETS.search(part):
        return words
    return [part]


def _address_of(part: str) -> tuple[str, str]:
    """(the address in its stored form, the name beside it). Raises BadAddress."""
    name = ""
    if found := _COMMENT.fullmatch(part):
        part, name = found["address"], found["name"]
    elif found := _BRACKETS.match(part):
        part, name = found["a"] or found["b"] or found["c"], found["name"]
    part = _PREFIX.sub("", part.strip(_WRAPPING), count=1)
    if found := _MISREAD_END.fullmatch(part):
        part = found[1]
    part = part.lstrip(_WRAPPING).rstrip(_AFTER)
    email = _refuse_misread(part, clean_email(part.partition("?")[0] if "?" in part.partition("@")[2] else part))
    name = name.strip(_AFTER)
    return email, "" if "@" in name else name


def _refuse_misread(text: str, email: str) -> str:
    """The address. Raises BadAddress if it begins with what may be a wrongly decoded no-break space: it would be a new
    person, who never opted out."""
    if not text.isascii():
        written = visible(text)
        if _MISREAD_LETTER.fullmatch(written):
            raise BadAddress("misread")
        if found := _MISREAD_END.fullmatch(written):
            return clean_email(found[1])
    return email
