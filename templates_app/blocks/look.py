"""How a workspace's messages look: colours, fonts, corners, and who it is."""

from __future__ import annotations

from dataclasses import dataclass

from templates_app.brand import fonts


@dataclass(frozen=True)
class Shades:
    """Colours as "#rrggbb": of the page around the message, the message, its tinted parts, its words, its quieter
    words, its lines, what leads on, links, and coloured parts."""

    page: str
    sheet: str
    tint: str
    ink: str
    quiet: str
    line: str
    accent: str
    on_accent: str
    link: str
    second: str
    on_second: str


LIGHT = Shades(
    page="#eef1f5",
    sheet="#ffffff",
    tint="#f4f6f9",
    ink="#1d2733",
    quiet="#5b6675",
    line="#dfe4ea",
    accent="#1d5fd1",
    on_accent="#ffffff",
    link="#1d5fd1",
    second="#1d5fd1",
    on_second="#ffffff",
)
DARK = Shades(
    page="#111418",
    sheet="#1b2026",
    tint="#242a32",
    ink="#eceff3",
    quiet="#a3acb8",
    line="#39414b",
    accent="#3b78e0",
    on_accent="#ffffff",
    link="#8ab4ff",
    second="#1d5fd1",
    on_second="#ffffff",
)


@dataclass(frozen=True)
class Look:
    name: str = ""
    logo: str = ""  # address of a picture
    dark_logo: str = ""  # address of the one that is shown in the dark; empty for the same one
    logo_width: int = 160  # pixels
    light: Shades = LIGHT
    dark: Shades = DARK
    heading_font: str = fonts.stack(fonts.SYSTEM)
    body_font: str = fonts.stack(fonts.SYSTEM)
    radius: int = 6  # pixels
    button_style: str = "filled"  # or "outline"
    reason: str = ""  # why people get this message
    networks: tuple[tuple[str, str], ...] = ()  # (name, address) of the pages elsewhere
    width: int = 600  # pixels

    @property
    def picture_radius(self) -> int:
        """A button may be as round as it is high; a picture would lose its corners."""
        return min(self.radius, 12)


@dataclass(frozen=True)
class Band:
    """The colours of one block, by the background that was chosen for it, and the class by which they change in the
    dark."""

    css_class: str
    background: str
    ink: str
    quiet: str
    line: str
    link: str
    button: str
    on_button: str
    heading_font: str
    body_font: str

    # What is long and the same in many places, as CSS declarations without the size.
    @property
    def heading_css(self) -> str:
        return f"font-family: {self.heading_font}; font-weight: 700; color: {self.ink}"

    @property
    def quote_css(self) -> str:
        return f"font-family: {self.heading_font}; font-style: italic; color: {self.ink}"

    @property
    def button_css(self) -> str:
        family = f"font-family: {self.body_font}; font-size: 16px; line-height: 22px; font-weight: 600"
        return f"display: inline-block; {family}; text-decoration: none"

    @property
    def kicker_css(self) -> str:
        return "font-size: 13px; line-height: 18px; font-weight: 700; letter-spacing: 0.06em; text-transform: uppercase"


def band(look: Look, background: str) -> Band:
    """`background`: "plain", "tint" or "accent"."""
    shades = look.light
    if background == "accent":
        return Band(
            css_class="accent",
            background=shades.second,
            ink=shades.on_second,
            quiet=shades.on_second,
            line=shades.on_second,
            link=shades.on_second,
            button=shades.on_second,
            on_button=shades.second,
            heading_font=look.heading_font,
            body_font=look.body_font,
        )
    is_tinted = background == "tint"
    return Band(
        css_class="tint" if is_tinted else "plain",
        background=shades.tint if is_tinted else shades.sheet,
        ink=shades.ink,
        quiet=shades.quiet,
        line=shades.line,
        link=shades.link,
        button=shades.accent,
        on_button=shades.on_accent,
        heading_font=look.heading_font,
        body_font=look.body_font,
    )
