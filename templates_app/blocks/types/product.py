from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from templates_app.blocks.block_type import Background, BlockForm, BlockType
from templates_app.blocks.fields import AltText, Link, Picture, PlainText, RichText


class ProductForm(BlockForm):
    picture = Picture()
    alt = AltText()
    name = PlainText(label=gettext_lazy("Name"))
    price = PlainText(label=gettext_lazy("Price"), max_length=80)
    old_price = PlainText(label=gettext_lazy("Price before"), max_length=80)
    text = RichText(label=gettext_lazy("Text"))
    button = PlainText(label=gettext_lazy("Button"), max_length=80)
    link = Link()
    background = Background()


class Product(BlockType):
    slug = "product"
    label = gettext_lazy("Product")
    icon = "product"
    group = "shop"
    form = ProductForm
    named_by = ("name",)

    def example(self) -> dict[str, Any]:
        return {"name": _("Name of the product"), "price": _("€49"), "button": _("See it")}
