"""Reads languages as they are written in files: as codes, or as words of several languages (Unicode CLDR)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache, lru_cache

from babel import Locale

from contacts.fields.values import fold

#: Names of languages are understood in these languages, and each language's name in itself.
READ_IN = ("en", "fr", "de", "es", "it", "pt", "nl")
# ISO 639-2: the three-letter codes of common languages, in both forms where there are two.
_THREE_LETTERS = {
    "eng": "en", "fra": "fr", "fre": "fr", "deu": "de", "ger": "de", "spa": "es", "ita": "it", "por": "pt", "nld": "nl",
    "dut": "nl", "pol": "pl", "rus": "ru", "zho": "zh", "chi": "zh", "jpn": "ja", "kor": "ko", "ara": "ar", "tur": "tr",
    "swe": "sv", "dan": "da", "nor": "no", "nob": "nb", "fin": "fi", "ces": "cs", "cze": "cs", "slk": "sk", "slo": "sk",
    "hun": "hu", "ron": "ro", "rum": "ro", "bul": "bg", "ell": "el", "gre": "el", "ukr": "uk", "heb": "he", "hin": "hi",
    "cat": "ca", "eus": "eu", "baq": "eu", "hrv": "hr", "srp": "sr", "slv": "sl", "lit": "lt", "lav": "lv", "est": "et",
}  # fmt: skip
_OWN_NAMES = sorted({*_THREE_LETTERS.values(), "id", "vi", "th", "fa", "sq", "mk", "is", "ga", "cy", "gl", "ka", "hy"})
# Codes that were replaced (IANA language subtag registry), and others that many programs write.
_ALIASES = {
    "iw": "he", "in": "id", "ji": "yi", "mandarin": "zh", "castellano": "es", "castilian": "es", "flamand": "nl",
}  # fmt: skip
_CODE = re.compile(r"([a-z]{2,3})(?:[-_][a-z0-9]+)*(?:[.@][\w.@-]+)?")


@lru_cache(1000)
def language_code(text: str) -> str | None:
    """The two-letter code of a language: fr for "Français", "fr-FR", "French (Canada)" and "fr_FR.UTF-8"; None if it is
    no language."""
    word = fold(text)
    if found := _CODE.fullmatch(word.split(",")[0].split(";")[0].strip()):  # also Accept-Language: "fr-FR,fr;q=0.9"
        code = _ALIASES.get(found[1]) or _THREE_LETTERS.get(found[1]) or found[1]
        if code in _codes():
            return code
    for name in (word, re.sub(r"\s*[(\[].*", "", word), re.split(r" - |,|/", word)[0].strip()):
        if code := _ALIASES.get(name) or _names().get(name):
            return code
    return None


def common_codes() -> list[str]:
    """The codes of common languages, in which a merchant may write; those of most merchants first."""
    return [*READ_IN, *(code for code in _OWN_NAMES if code not in READ_IN)]


@cache
def _codes() -> frozenset[str]:
    known: Mapping[str, str] = Locale("en").languages
    return frozenset(code for code in known if len(code) == 2)


@cache
def _names() -> dict[str, str]:
    """Codes by folded name. Where two languages have a name in common, the first reader's wins."""
    names: dict[str, str] = {}
    for reader in READ_IN:
        # "pt" before "pt_BR": regional names, such as "Brazilian Portuguese", are other names of the language.
        words: Mapping[str, str] = Locale(reader).languages
        for code, name in sorted(words.items(), key=lambda pair: len(pair[0])):
            if code.partition("_")[0] in _codes():
                names.setdefault(fold(name), code.partition("_")[0])
    for code in _OWN_NAMES:
        names.setdefault(fold(Locale(code).languages[code]), code)
    return names
