from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from templates_app.blocks import fields
from templates_app.blocks.block_type import Background, BlockForm, BlockType

WIDTHS = [("wide", _("Edge to edge")), ("text", _("As wide as text")), ("half", _("Half"))]


class PictureForm(BlockForm):
    picture = fields.Picture()
    alt = fields.AltText()
    link = fields.Link()
    width = fields.Choice(label=_("Width"), choices=WIDTHS)
    background = Background()


class Picture(BlockType):
    slug = "picture"
    label = _("Picture")
    icon = "picture"
    form = PictureForm
    named_by = ("alt",)
