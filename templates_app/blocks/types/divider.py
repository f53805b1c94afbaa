from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from templates_app.blocks.block_type import Background, BlockForm, BlockType


class DividerForm(BlockForm):
    background = Background()


class Divider(BlockType):
    slug = "divider"
    label = _("Divider")
    icon = "divider"
    form = DividerForm
