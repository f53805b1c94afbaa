"""A brand on the pages for visitors and in the mails that these cause: its colours, made readable where they are not.

Pages have no inline styles, so the colours come as a stylesheet whose address says them: it needs no table, is the same
for everybody, and shows what is not saved yet, too.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from templates_app.brand import colours, fonts

if TYPE_CHECKING:
    from templates_app.models import Brand

_SPEC = re.compile(r"(?:[0-9a-f]{6}-){4}[a-z]{2,12}-[a-z]{2,12}-[0-9]{1,2}")


@dataclass(frozen=True)
class VisitorLook:
    """Colours as "#rrggbb": of buttons, the words on them, links, words, quieter words, the page and what is tinted on
    the white sheet. `radius` in pixels."""

    button: str
    on_button: str
    link: str
    text: str
    quiet: str
    page: str
    heading_font: str
    body_font: str
    radius: int


def look_of(brand: Brand) -> VisitorLook:
    """The look in which each word can be read (WCAG 2.2 AA)."""
    return _look(brand.main, brand.page, brand.text, brand.quiet, brand.heading_font, brand.body_font, brand.radius)


def spec_of(brand: Brand) -> str:
    """What the address of the stylesheet says."""
    shades = [colour.removeprefix("#") for colour in (brand.main, brand.page, brand.text, brand.quiet)]
    return "-".join([*shades, brand.heading_font, brand.body_font, str(brand.radius)])


def read_spec(spec: str) -> VisitorLook | None:
    """The look of an address; None for one that is none of ours."""
    if not _SPEC.fullmatch(spec):
        return None
    main, page, text, quiet, heading_font, body_font, radius = spec.split("-")
    if not {heading_font, body_font} <= fonts.FONTS.keys():
        return None
    return _look(f"#{main}", f"#{page}", f"#{text}", f"#{quiet}", heading_font, body_font, int(radius))


def _look(main: str, page: str, text: str, quiet: str, heading_font: str, body_font: str, radius: int) -> VisitorLook:
    text = colours.nearest(text, [colours.WHITE])
    page = colours.nearest(page, [text])
    grounds = [colours.WHITE, page]
    # A button of a pale colour has dark words; one on which no words can be read becomes darker.
    button = main if colours.contrast(main, colours.words_on(main, text)) >= colours.READABLE else ""
    button = button or colours.nearest(main, [colours.WHITE])
    return VisitorLook(
        button=button,
        on_button=colours.words_on(button, text),
        link=colours.nearest(main, grounds),
        text=text,
        quiet=colours.nearest(quiet, grounds),
        page=page,
        heading_font=fonts.stack(heading_font),
        body_font=fonts.stack(body_font),
        radius=radius,
    )


def stylesheet(look: VisitorLook) -> str:
    """The tokens of static/css/tokens.css, and what has none."""
    return f""":root {{
  --bg-primary: {look.page};
  --text-primary: {look.text};
  --text-muted: {look.quiet};
  --accent: {look.link};
  --accent-strong: {look.link};
  --accent-text: {look.link};
  --accent-soft: color-mix(in srgb, {look.link} 10%, transparent);
  --font: {look.body_font};
  --radius: {min(look.radius, 12)}px;
  --radius-large: {min(look.radius * 2, 16)}px;
}}
.sheet {{
  --bg-primary: #fff;
}}
.button {{
  border-radius: {look.radius}px;
}}
.button[data-variant="primary"] {{
  --button-bg: {look.button};
  --button-ink: {look.on_button};
  --button-hover: {look.button};
}}
.visitor-brand,
h1,
h2 {{
  font-family: {look.heading_font};
}}
"""
