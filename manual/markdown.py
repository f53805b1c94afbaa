"""Turns a page of the manual into HTML that the content security policy allows.

HTML in the text is shown as text, and links are those that markdown-it takes for safe. A link to another file of the
manual becomes the address of its page, a picture its static file.
"""

from __future__ import annotations

import itertools
import re
import struct
from collections.abc import Iterator, Sequence
from pathlib import Path, PurePosixPath

from django.conf import settings
from django.templatetags.static import static
from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe
from markdown_it import MarkdownIt
from markdown_it.token import Token

PICTURES = "../pictures/"
PARSER = MarkdownIt("commonmark", {"html": False}).enable("table")
_NOT_IN_ANCHOR = re.compile(r"[^\w\- ]")


def render(text: str) -> tuple[str, SafeString]:
    """(title, HTML) of a page. The title is its first heading, and not in the HTML."""
    tokens = PARSER.parse(text)
    title = plain(tokens[1]) if tokens and tokens[0].tag == "h1" else ""
    body = tokens[3:] if title else tokens
    for opening, inline in itertools.pairwise(body):
        if opening.type == "heading_open":
            opening.attrSet("id", anchor(plain(inline)))
        elif opening.type == "table_open":
            opening.attrSet("class", "table")
    for token in inside(body):
        if token.type == "link_open":
            token.attrSet("href", _address(str(token.attrGet("href"))))
        elif token.type == "image":
            _show(token)
    return title, mark_safe(PARSER.renderer.render(body, PARSER.options, {}))  # noqa: S308  (PARSER escapes HTML)


def inside(tokens: Sequence[Token]) -> Iterator[Token]:
    """The tokens within lines: words, links, pictures, bold type."""
    for token in tokens:
        yield from token.children or ()


def plain(inline: Token) -> str:
    """The text of a line, without bold type and links."""
    return "".join(child.content for child in inline.children or ())


def anchor(heading: str) -> str:
    """The name of a heading in links, as GitHub makes it, so that links work in both places."""
    return _NOT_IN_ANCHOR.sub("", heading.lower()).replace(" ", "-")


def _address(target: str) -> str:
    name, _, place = target.partition("#")
    if not name.endswith(".md"):
        return target
    slug = PurePosixPath(name).stem
    page = reverse("help") if slug == "index" else reverse("help_page", args=[slug])
    return f"{page}#{place}" if place else page


def _show(picture: Token) -> None:
    """Point to the static file, and say how large the picture is, so that the page does not jump when it arrives."""
    name = str(picture.attrGet("src")).removeprefix(PICTURES)
    width, height = _size(settings.MANUAL_FOLDER / "pictures" / name)
    picture.attrs |= {"src": static(f"manual/{name}"), "width": width, "height": height, "loading": "lazy"}


def _size(png: Path) -> tuple[int, int]:
    """Width and height in pixels, from the first chunk (PNG specification, section 11.2.2)."""
    with png.open("rb") as file:
        return struct.unpack(">II", file.read(24)[16:])
