"""Pictures that say nothing to those who don't see them."""

from __future__ import annotations

from collections.abc import Iterator

from django.utils.translation import gettext as _
from lxml.html import HtmlElement

from templates_app import picture_addresses
from templates_app.blocks.documents import Block
from templates_app.checks.finding import LOOK, Finding, Fix, passed
from templates_app.checks.message import Message

CHECK = "alt_texts"
MOST = 8


def check(message: Message) -> Iterator[Finding]:
    pictures = [image for image in message.elements("img") if not _is_pixel(image)]
    silent = [image for image in pictures if _is_silent(message, image)]
    for image in silent[:MOST]:
        seen = _("Who blocks pictures, or listens to the message, learns nothing of it.")
        place, block = message.place(image), message.block_of(image)
        fix = _fix(message, image, block) if block is not None else None
        yield Finding(CHECK, LOOK, _("A picture has no alt text"), seen, place, fix=fix, pin=_("No alt text"))
    if not silent:
        figure = f"{len(pictures)}" if pictures else _("no pictures")
        yield passed(CHECK, _("Pictures have alt texts"), figure)


def _is_silent(message: Message, image: HtmlElement) -> bool:
    alt = image.get("alt")
    if alt:
        return False
    if alt is None:
        return True
    keys = picture_addresses.keys_of(image.get("src") or "")
    known = message.own_pictures.get(keys[0]) if keys else None
    if known is not None and known.picture.is_decorative:
        return False
    # Of HTML, alt="" is said on purpose; alone in a link it leaves the link without a name.
    link = next(image.iterancestors("a"), None)
    return message.document is not None or (link is not None and not message.words(link))


def _is_pixel(image: HtmlElement) -> bool:
    return image.get("width") in ("0", "1") or image.get("height") in ("0", "1")


def _fix(message: Message, image: HtmlElement, block: Block) -> Fix | None:
    """The property in which the alt text of this picture stands."""
    source = message.shown(image.get("src") or "")
    label, asks = _("Save"), _("What does it show?")
    if block.props.get("picture") == source and not block.props.get("alt"):
        return Fix(label, prop="alt", asks=asks)
    for number, item in enumerate(block.props.get("items", [])):
        if item.get("picture") == source and not item.get("alt"):
            return Fix(label, prop=f"items.{number}.alt", asks=asks)
    return None
