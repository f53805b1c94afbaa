from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from templates_app.blocks.block_type import Background, BlockForm, BlockType
from templates_app.blocks.fields import AltText, Choice, Link, Picture, PlainText

COLUMNS = [("3", gettext_lazy("3 in a row")), ("2", gettext_lazy("2 in a row"))]


class ProductsForm(BlockForm):
    heading = PlainText(label=gettext_lazy("Heading"))
    columns = Choice(label=gettext_lazy("Layout"), choices=COLUMNS)
    background = Background()


class ListedProductForm(BlockForm):
    picture = Picture()
    alt = AltText()
    name = PlainText(label=gettext_lazy("Name"))
    price = PlainText(label=gettext_lazy("Price"), max_length=80)
    link = Link()


class Products(BlockType):
    slug = "products"
    label = gettext_lazy("Product list")
    icon = "products"
    group = "shop"
    form = ProductsForm
    item_form = ListedProductForm
    item_label = gettext_lazy("Product")
    most_items = 12
    named_by = ("heading",)

    def example(self) -> dict[str, Any]:
        product = {"name": _("Name of the product"), "price": _("€49")}
        return {"heading": _("Three to begin with"), "items": [dict(product) for _number in range(3)]}

    def html_values(self, props: dict[str, Any]) -> dict[str, Any]:
        values = super().html_values(props)
        a_row = int(values["columns"])
        items = values["items"]
        empty: list[dict[str, Any]] = [{}] * (-len(items) % a_row)
        cells = [*items, *empty]
        values["rows"] = [cells[at : at + a_row] for at in range(0, len(cells), a_row)]
        values["cell_percent"] = 100 // a_row
        values["cell_width"] = 536 // a_row - 16
        return values
