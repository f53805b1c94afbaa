from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from templates_app.blocks.block_type import Align, Background, BlockForm, BlockType, paragraph
from templates_app.blocks.fields import AltText, Link, Picture, PlainText, RichText


class ColumnsForm(BlockForm):
    align = Align()
    background = Background()


class ColumnForm(BlockForm):
    picture = Picture()
    alt = AltText()
    heading = PlainText(label=gettext_lazy("Heading"))
    text = RichText(label=gettext_lazy("Text"))
    button = PlainText(label=gettext_lazy("Button"), max_length=80)
    link = Link()


class _Columns(BlockType):
    form = ColumnsForm
    item_form = ColumnForm
    item_label = gettext_lazy("Column")

    @property
    def column_percent(self) -> int:
        return 100 // self.most_items

    @property
    def column_width(self) -> int:
        """Pixels of a picture."""
        return 536 // self.most_items - 16

    @property
    def template(self) -> str:
        return "emails/blocks/columns.html"

    def example(self) -> dict[str, Any]:
        column = {"heading": _("A heading"), "text": paragraph(_("Write a sentence or two."))}
        return {"items": [dict(column) for _number in range(self.least_items)]}

    def summary(self, props: dict[str, Any]) -> str:
        headings = [item.get("heading", "") for item in props.get("items", [])]
        return " · ".join(filter(None, headings))[:60] or str(self.label)


class TwoColumns(_Columns):
    slug = "two_columns"
    label = gettext_lazy("2 columns")
    icon = "two-columns"
    least_items = most_items = 2


class ThreeColumns(_Columns):
    slug = "three_columns"
    label = gettext_lazy("3 columns")
    icon = "three-columns"
    least_items = most_items = 3
