"""A message that shows what a brand changes: the logo, headings and words, links, buttons, coloured parts."""

from __future__ import annotations

from django.utils import translation
from django.utils.translation import gettext as _

from templates_app.blocks.documents import Block, Document
from templates_app.blocks.editing import new_block


def document(language: str) -> Document:
    with translation.override(language):
        blocks = (
            Block("header", {"align": "center"}),
            Block("hero", _hero()),
            Block("quote", {**new_block("quote", language).props, "background": "tint"}),
            Block("coupon", new_block("coupon", language).props),
            Block("heading", {"text": _("A coloured part"), "level": "2", "background": "accent", "align": "center"}),
            Block("button", {"button": _("Have a look"), "background": "accent", "align": "center"}),
            new_block("social", language),
            new_block("footer", language),
        )
    return Document(blocks, language)


def _hero() -> dict[str, str]:
    words = _("Two sentences in the font of your text, with %(link)s, as people will read them.")
    name = _("a link")
    link = f'<a href="https://www.example.com/">{name}</a>'
    return {
        "kicker": _("A line above"),
        "heading": _("This is how your messages look"),
        "text": f"<p>{words % {'link': link}}</p>",
        "button": _("Find out more"),
    }
