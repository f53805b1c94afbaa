"""Which addresses are allowed in links and images."""

import html
import re

from . import allowed

_IGNORED = re.compile(r"[\x00-\x20\x7f-\xa0\u200b-\u200f\u2028-\u202f\ufeff`\s]+")
_SCHEME = re.compile(r"^([^/?#:]*):")
_SETTLED = re.compile(r"^(?:[a-z]+:|[^:/?#]*[/?#])")
_PICTURE = re.compile(r"^data:image/(?:png|gif|jpe?g|webp);base64,[a-z0-9+/=]*$")
_HUGE_REFERENCE = re.compile(r"&#[xX]?[0-9a-fA-F]{8,};?")


def without_huge_references(text: str) -> str:
    """The text without character references of 8 digits or more: they are no characters, and Python refuses to convert
    very long numbers."""
    return _HUGE_REFERENCE.sub("\ufffd", text)


def is_safe(address: str, picture: bool = False) -> bool:
    """Whether an address may be the target of a link, or of an image (`picture`), which may also be inline data."""
    plain = _normal(address)
    if plain.startswith("data:"):
        return picture and bool(_PICTURE.match(plain))
    return all(_scheme_allowed(form) for form in (plain, _normal(html.unescape(without_huge_references(plain)))))


def is_settled(address: str) -> bool:
    """Whether the beginning of an address decides its scheme, whatever text follows."""
    return bool(_SETTLED.match(_normal(address)))


def _normal(address: str) -> str:
    return _IGNORED.sub("", address).lower()


def _scheme_allowed(plain: str) -> bool:
    scheme = _SCHEME.match(plain)
    return scheme is None or scheme.group(1) in allowed.PROTOCOLS
