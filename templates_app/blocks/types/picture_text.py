from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from templates_app.blocks.block_type import Background, BlockForm, BlockType, paragraph
from templates_app.blocks.fields import AltText, Choice, Link, Picture, PlainText, RichText

SIDES = [("left", gettext_lazy("Left")), ("right", gettext_lazy("Right"))]


class PictureTextForm(BlockForm):
    picture = Picture()
    alt = AltText()
    side = Choice(label=gettext_lazy("Side of the picture"), choices=SIDES)
    kicker = PlainText(label=gettext_lazy("Line above"), max_length=120)
    heading = PlainText(label=gettext_lazy("Heading"))
    text = RichText(label=gettext_lazy("Text"))
    button = PlainText(label=gettext_lazy("Button"), max_length=80)
    link = Link()
    background = Background()


class PictureText(BlockType):
    slug = "picture_text"
    label = gettext_lazy("Picture with text")
    icon = "picture-text"
    form = PictureTextForm
    named_by = ("heading", "kicker", "text")

    def example(self) -> dict[str, Any]:
        return {
            "heading": _("A story beside a picture"),
            "text": paragraph(_("Say in two sentences what the picture shows and why it matters.")),
        }
