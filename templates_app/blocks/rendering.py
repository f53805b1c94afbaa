"""Makes the HTML of a message from its document.

Tables and attributes for Outlook, one column on phones, colours of their own in the dark. What every message needs
besides (its pixel, its counted links) is added when it is sent.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

from django.template.loader import render_to_string
from django.utils import translation
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from templates_app.blocks import conditions, rich_text
from templates_app.blocks import look as looks
from templates_app.blocks.documents import Block, Document
from templates_app.blocks.look import Look
from templates_app.blocks.types import KINDS

_INDENT = re.compile(r"\n\s+")


def render(document: Document, look: Look, language: str, *, is_edited: bool = False, is_marked: bool = False) -> str:
    """The whole message. `language` is a code such as "fr". `is_marked`: blocks can be found by `data-block`.
    `is_edited`: for the editor, which also shows where a picture is missing."""
    look = replace(look, reason=look.reason or _reason(language))
    rows = [render_block(block, look, is_edited=is_edited, is_marked=is_marked) for block in document]
    if not (is_edited or is_marked):  # who writes or checks a message sees all of it
        rows = [conditions.wrapped(block.props, row) for block, row in zip(document, rows, strict=True)]
    context = {"look": look, "language": language, "rows": rows, "is_edited": is_edited}
    return _without_indents(render_to_string("emails/blocks/message.html", context))


def render_block(block: Block, look: Look, *, is_edited: bool = False, is_marked: bool = False) -> SafeString:
    """A block as a table over the whole width of the message. Nothing for a kind that is not known."""
    kind = KINDS.get(block.type)
    if kind is None:
        return mark_safe("")
    values = kind.html_values(block.props)
    band = looks.band(look, values.get("background", "plain"))
    if values.get("style", "brand") == "brand":
        values["style"] = look.button_style
    if block.type == "social":
        values["networks"] = _networks(values["items"], look)
    _style_texts(values, band)
    for item in values.get("items", []):
        _style_texts(item, band)
    context = {**values, "look": look, "band": band, "is_edited": is_edited, "kind": kind}
    if is_edited or is_marked:
        context["block_id"] = block.id
    html = render_to_string(kind.template, context)
    # White space counts in HTML of the merchant's own, where a <pre> may stand.
    return mark_safe(html if block.type == "html" else _without_indents(html))  # noqa: S308 - made of safe parts


def _reason(language: str) -> str:
    """Why people get this message, where neither the brand nor the footer says it."""
    with translation.override(language):
        return _("You get this message because you signed up for it.")


def _networks(items: list[dict[str, Any]], look: Look) -> list[tuple[str, str]]:
    """(name, address) of the pages elsewhere: those of the block, else those of the brand."""
    own = [(item["network"], item["link"]) for item in items]
    if look.networks and not any(address for _network, address in own):
        return list(look.networks)
    return own


def _style_texts(values: dict[str, Any], band: looks.Band) -> None:
    if values.get("text", "").startswith("<"):
        values["text"] = rich_text.as_html(
            values["text"],
            paragraph="margin: 0 0 12px",
            link=f"color: {band.link}",
            listed="margin: 0 0 12px; padding: 0 0 0 24px",
        )


def _without_indents(html: str) -> str:
    """The templates' white space would be a third of the message."""
    return _INDENT.sub("\n", html)
