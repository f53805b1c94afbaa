from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from templates_app.blocks.block_type import Background, BlockForm, BlockType
from templates_app.blocks.fields import PlainText


class QuoteForm(BlockForm):
    quote = PlainText(label=gettext_lazy("Quote"), required=True, max_length=1000)
    author = PlainText(label=gettext_lazy("Who said it"))
    background = Background()


class Quote(BlockType):
    slug = "quote"
    label = gettext_lazy("Quote")
    icon = "quote"
    group = "shop"
    form = QuoteForm
    named_by = ("quote",)

    def example(self) -> dict[str, Any]:
        return {
            "quote": _("“What a customer said, in her own words.”"),
            "author": _("Her name, her town"),
            "background": "tint",
        }
