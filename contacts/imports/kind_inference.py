"""Proposes the kind of a new field from the values of its column."""

from __future__ import annotations

import re
from typing import Any

from contacts.fields import values
from contacts.models import ContactField

Kind = ContactField.Kind
MAX_CHOICES = 8
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
_PHONE = re.compile(r"(?:\+|00|0)[1-9][\d .()/-]{6,}")


def propose(found: list[str], **conventions: Any) -> str:
    """The narrowest kind that every value fits; text if there is none. `conventions` are values.conventions()."""
    if not found:
        return Kind.TEXT
    # 0612345678 and 01200 are codes, not quantities: as numbers they would lose their zeros.
    codes = any(re.match(r"0\d", text) for text in found)
    numbers = all(text in ("0", "1") for text in found)
    for kind in (Kind.DATE, Kind.URL, Kind.BOOLEAN, Kind.NUMBER):
        if kind == Kind.NUMBER and codes:
            continue
        if kind == Kind.BOOLEAN and (numbers and len(set(found)) < 2):
            continue
        if kind == Kind.URL and not all("/" in text or text.lower().startswith("www.") for text in found):
            continue
        if all(_fits(kind, text, conventions) for text in found):
            return kind
    return Kind.CHOICE if _is_choice(found) else Kind.TEXT


def looks_like_email(text: str) -> bool:
    return bool(_EMAIL.fullmatch(text))


def looks_like_phone(text: str) -> bool:
    return bool(_PHONE.fullmatch(text))


def _fits(kind: str, text: str, conventions: values.ReadOptions) -> bool:
    try:
        return values.read(kind, text, **conventions) is not None
    except values.BadValue:
        return False


def _is_choice(found: list[str]) -> bool:
    """Whether these are a few short texts that repeat."""
    return len(found) >= 12 and len(set(found)) <= min(MAX_CHOICES, len(found) // 4) and max(map(len, found)) <= 30
