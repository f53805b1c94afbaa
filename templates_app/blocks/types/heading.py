from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from templates_app.blocks.block_type import Align, Background, BlockForm, BlockType
from templates_app.blocks.fields import Choice, PlainText

LEVELS = [("1", gettext_lazy("Large")), ("2", gettext_lazy("Medium")), ("3", gettext_lazy("Small"))]


class HeadingForm(BlockForm):
    text = PlainText(label=gettext_lazy("Heading"), required=True)
    level = Choice(label=gettext_lazy("Size"), choices=LEVELS)
    align = Align()
    background = Background()


class Heading(BlockType):
    slug = "heading"
    label = gettext_lazy("Heading")
    icon = "heading"
    form = HeadingForm
    named_by = ("text",)

    def example(self) -> dict[str, Any]:
        return {"text": _("A heading"), "level": "2"}
