from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from templates_app.blocks.block_type import Align, Background, BlockForm, BlockType
from templates_app.blocks.fields import Choice, Link, PlainText

STYLES = [
    ("brand", gettext_lazy("As in your brand")),
    ("filled", pgettext_lazy("button style", "Filled")),
    ("outline", pgettext_lazy("button style", "Outline")),
]


class ButtonForm(BlockForm):
    button = PlainText(label=gettext_lazy("Button"), required=True, max_length=80)
    link = Link()
    style = Choice(label=gettext_lazy("Style"), choices=STYLES)
    align = Align()
    background = Background()


class Button(BlockType):
    slug = "button"
    label = gettext_lazy("Button")
    icon = "button"
    form = ButtonForm
    named_by = ("button",)

    def example(self) -> dict[str, Any]:
        return {"button": _("Read more"), "link": ""}
