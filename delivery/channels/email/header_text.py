"""Text for the headers that readers see: subjects and names.

What a reader sees stays, also invisible characters that join others to one (UTS 51, 2.3 to 2.6; RFC 9839 for what is
no text at all). `str.isprintable` is no measure for it: it counts joiners and no-break spaces as unprintable, and every
emoji that is newer than Python's own tables.
"""

import re

# Control characters, line ends, marks that change the direction of what follows (they let a name look like another
# one: UTR 36, 2.4), other invisible marks, surrogates and noncharacters. Not the joiners U+200C and U+200D.
_FORBIDDEN = (
    r"\x00-\x1f\x7f-\x9f\xad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb"
    r"\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff\U0001d173-\U0001d17a"
)
# A flag of a region is a black flag, tag characters and an end (UTS 51, ED-14a). Alone, tag characters are hidden text.
_FLAG = r"(?P<flag>\U0001f3f4[\U000e0020-\U000e007e]{1,31}\U000e007f)"
_TAGS = r"[\U000e0000-\U000e007f]"
_UNFIT = re.compile(rf"{_FLAG}|[{_FORBIDDEN}]|{_TAGS}")
# Not all that str.split takes for a space: no-break spaces stand before French punctuation, for instance.
_SPACES = re.compile(r"[ \u1680\u2000-\u200a\u205f\u3000]+")


def one_line(text: str) -> str:
    """The text as a header's value: without line breaks and control characters (header injection, ASVS 1.3.11)."""
    if text.isascii() and text.isprintable() and "  " not in text:
        return text.strip(" ")
    if not text.isprintable():
        text = _UNFIT.sub(lambda found: found["flag"] or " ", text)
    return _SPACES.sub(" ", text).strip(" ")


def is_one_line(text: str) -> bool:
    """Whether the text has nothing that one_line would take out."""
    return all(found["flag"] for found in _UNFIT.finditer(text))
