from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from templates_app.blocks.block_type import Align, Background, BlockForm, BlockType
from templates_app.blocks.fields import AltText, Link, Number, Picture, PlainText


class HeaderForm(BlockForm):
    picture = Picture(label=_("Logo"), help_text=_("Leave empty to show the name, or the logo of your brand."))
    alt = AltText()
    width = Number(
        label=_("Width of the logo in pixels"),
        otherwise=0,
        min_value=24,
        max_value=600,
        help_text=_("Leave empty for the width that suits it."),
    )
    name = PlainText(label=_("Name"), help_text=_("Leave empty for the name of your brand."))
    link = Link()
    align = Align("center")
    background = Background()


class Header(BlockType):
    """The logo, or the name, of who writes."""

    slug = "header"
    label = _("Header")
    icon = "header"
    form = HeaderForm
    named_by = ("name",)
