from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from templates_app.blocks.block_type import Background, BlockForm, BlockType
from templates_app.blocks.fields import Number


class SpaceForm(BlockForm):
    height = Number(label=_("Height in pixels"), otherwise=24, min_value=4, max_value=200)
    background = Background()


class Space(BlockType):
    slug = "space"
    label = _("Space")
    icon = "space"
    form = SpaceForm
