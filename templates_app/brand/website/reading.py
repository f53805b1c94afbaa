"""Reads a website and says what the brand could take. Waits for other servers: never call it in a transaction."""

from __future__ import annotations

import re
from dataclasses import dataclass

from django.utils.translation import gettext as _

from kernel import web_client
from kernel.web_client import Deadline, Failed
from templates_app.brand.website import icons, page, palette
from templates_app.brand.website.page import FoundLogo, Page

SECONDS = 15.0  # for all of it
PAGE_BYTES = 1 << 20
CSS_BYTES = 300 << 10
LOGO_BYTES = 2 << 20
STYLESHEETS = 4
LOGOS = 6  # that are tried
_HTML = ("text/html", "application/xhtml+xml")


@dataclass(frozen=True)
class Logo:
    """A picture that the library would take, and where it stands."""

    address: str
    data: bytes


@dataclass(frozen=True)
class Proposal:
    """`address` is where the page was found. Empty is what was not found. `has_svg`: there was a logo that no message
    can show."""

    address: str
    name: str
    palette: palette.Palette
    logos: tuple[Logo, ...]
    has_svg: bool

    @property
    def is_empty(self) -> bool:
        return not (self.name or self.palette.main or self.logos)


def completed(address: str) -> str:
    """The address as it is read: "example.com" is "https://example.com"."""
    address = address.strip()
    return address if re.match(r"[a-z]+://", address, re.IGNORECASE) else f"https://{address}"


def read(address: str) -> Proposal:
    """Raises web_client.Failed."""
    deadline = Deadline(SECONDS)
    answer = web_client.read(completed(address), deadline=deadline, most=PAGE_BYTES, is_cut=True)
    if answer.content_type not in _HTML or not _is_text(answer.body):
        raise Failed(_("There is no page at this address, but a file. Try the address of your home page."))
    found = page.read(_decoded(answer.body, answer.charset), answer.url)
    css = "\n".join([found.styles, *_stylesheets(found, deadline)])
    logos, has_svg = _logos(found, answer.url, deadline)
    return Proposal(answer.url, found.name, palette.of(css, found.theme), tuple(logos), has_svg)


def read_logo(address: str) -> bytes:
    """The bytes of a picture that a proposal named. Raises web_client.Failed."""
    answer = web_client.read(address, deadline=Deadline(SECONDS), most=LOGO_BYTES)
    data = _picture(answer.body)
    if not data:
        raise Failed(_("The logo can't be read any more. Upload it to your pictures instead."))
    return data


def _stylesheets(found: Page, deadline: Deadline) -> list[str]:
    texts = []
    for address in found.stylesheets[:STYLESHEETS]:
        try:
            answer = web_client.read(address, deadline=deadline, most=CSS_BYTES, is_cut=True)
        except Failed:
            continue  # without it there are fewer colours
        if answer.content_type == "text/css":
            texts.append(_decoded(answer.body, answer.charset))
    return texts


def _logos(found: Page, address: str, deadline: Deadline) -> tuple[list[Logo], bool]:
    """(pictures, best first, whether an SVG was among what was tried)."""
    tried = dict.fromkeys(logo.address for logo in [*found.logos, *_usual(address)])
    logos, has_svg = [], False
    for place in list(tried)[:LOGOS]:
        try:
            answer = web_client.read(place, deadline=deadline, most=LOGO_BYTES)
        except Failed:
            continue
        has_svg = has_svg or icons.is_svg(answer.body)
        if data := _picture(answer.body):
            logos.append(Logo(answer.url, data))
    return logos, has_svg


def _usual(address: str) -> list[FoundLogo]:
    """Where browsers look without being told."""
    root = "/".join(address.split("/", 3)[:3])
    return [FoundLogo(8, f"{root}/apple-touch-icon.png"), FoundLogo(9, f"{root}/favicon.ico")]


def _picture(data: bytes) -> bytes:
    return data if icons.is_picture(data) else icons.largest_png(data)


def _is_text(body: bytes) -> bool:
    return b"\0" not in body[:4096]


def _decoded(body: bytes, charset: str) -> str:
    try:
        return body.decode(charset or "utf-8", "replace")
    except LookupError:
        return body.decode("utf-8", "replace")
