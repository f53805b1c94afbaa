from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from templates_app.blocks.block_type import Align, Background, BlockForm, BlockType, paragraph
from templates_app.blocks.fields import RichText


class TextForm(BlockForm):
    text = RichText(label=gettext_lazy("Text"))
    align = Align()
    background = Background()


class Text(BlockType):
    slug = "text"
    label = gettext_lazy("Text")
    icon = "text"
    form = TextForm
    named_by = ("text",)

    def example(self) -> dict[str, Any]:
        return {"text": paragraph(_("Write a few sentences here."))}
