"""The look that a workspace's brand gives its messages."""

from __future__ import annotations

from dataclasses import replace

from accounts.models import Workspace
from templates_app.blocks import merge_text
from templates_app.blocks.look import DARK, LIGHT, Look, Shades
from templates_app.blocks.types.social import NETWORKS
from templates_app.brand import colours, fonts, visitor_look
from templates_app.models import Brand, Picture

MOST_WIDTH, MOST_HEIGHT = 200, 64  # px of a logo


def look_from(brand: Brand, workspace: Workspace, language: str) -> Look:
    """The look for a message in a language, a code. The brand's own words are in the workspace's language: a message in
    another one goes without them."""
    return Look(
        name=brand.name or workspace.name,
        logo=_address(brand.logo),
        dark_logo=_address(brand.dark_logo) if brand.logo else "",
        logo_width=logo_width(brand.logo) if brand.logo else Look.logo_width,
        light=light(brand),
        dark=dark(brand),
        heading_font=fonts.stack(brand.heading_font),
        body_font=fonts.stack(brand.body_font),
        radius=brand.radius,
        button_style=brand.button_style,
        reason=merge_text.as_html(brand.reason) if language == workspace.language else "",
        networks=tuple(networks(brand)),
    )


def of_service_mails(workspace: Workspace) -> dict[str, object]:
    """What templates/layouts/email.html needs to look like the workspace: "brand_name"; where it has a brand "look" (a
    VisitorLook) and "radius", in px as text; where that has one "logo" (an address) and "logo_width"."""
    brand = Brand.of_workspace()
    found: dict[str, object] = {"brand_name": brand.name or workspace.name}
    if brand.pk is not None:
        found |= {"look": visitor_look.look_of(brand), "radius": str(brand.radius)}
    if brand.logo is not None:
        width = logo_width(brand.logo)
        found |= {"logo": brand.logo.address_for(width), "logo_width": width}
    return found


def light(brand: Brand) -> Shades:
    return replace(
        LIGHT,
        page=brand.page,
        tint=brand.tint,
        ink=brand.text,
        quiet=brand.quiet,
        line=colours.mixed(LIGHT.sheet, brand.quiet, 0.25),
        accent=brand.main,
        on_accent=colours.words_on(brand.main, brand.text),
        link=brand.main,
        second=brand.second,
        on_second=colours.words_on(brand.second, brand.text),
    )


def dark(brand: Brand) -> Shades:
    """Made from the colours that were chosen for the light; each that words have can be read."""
    accent = colours.nearest(brand.main, [DARK.sheet, DARK.tint], colours.SHAPE)
    return replace(
        DARK,
        accent=accent,
        on_accent=colours.words_on(accent),
        link=colours.nearest(brand.main, [DARK.sheet, DARK.tint]),
        second=brand.second,
        on_second=colours.words_on(brand.second, brand.text),
    )


def networks(brand: Brand) -> list[tuple[str, str]]:
    """(name, address) of the brand's pages elsewhere, in the order of the blocks' own list."""
    links = brand.social_links
    return [(str(label), merge_text.as_attribute(links[key])) for key, label in NETWORKS if links.get(key)]


def logo_width(logo: Picture) -> int:
    """The px that a logo is wide in a message: neither higher nor wider than suits one, and never enlarged."""
    by_height = round(MOST_HEIGHT * logo.width / max(1, logo.height))
    return max(1, min(MOST_WIDTH, by_height, logo.width))


def _address(logo: Picture | None) -> str:
    return logo.address_for(MOST_WIDTH) if logo is not None else ""
