from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from templates_app.blocks.block_type import Align, Background, BlockForm, BlockType, paragraph
from templates_app.blocks.fields import AltText, Link, Picture, PlainText, RichText


class HeroForm(BlockForm):
    picture = Picture()
    alt = AltText()
    kicker = PlainText(label=gettext_lazy("Line above"), max_length=120)
    heading = PlainText(label=gettext_lazy("Heading"))
    text = RichText(label=gettext_lazy("Text"))
    button = PlainText(label=gettext_lazy("Button"), max_length=80)
    link = Link()
    align = Align()
    background = Background()


class Hero(BlockType):
    """A large picture, a heading, a few words and a button: what a message is about."""

    slug = "hero"
    label = gettext_lazy("Hero")
    icon = "hero"
    form = HeroForm
    named_by = ("heading", "kicker", "text")

    def example(self) -> dict[str, Any]:
        return {
            "heading": _("What this is about"),
            "text": paragraph(_("One or two sentences that make people want to read on.")),
            "button": _("Find out more"),
        }
