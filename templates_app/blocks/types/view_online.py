from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from templates_app.blocks.block_type import Align, Background, BlockForm, BlockType
from templates_app.blocks.fields import PlainText


class ViewOnlineForm(BlockForm):
    text = PlainText(label=gettext_lazy("Text"), required=True, max_length=120)
    align = Align("center")
    background = Background()


class ViewOnline(BlockType):
    """A link to the message in the browser, for those whose mail program shows it badly."""

    slug = "view_online"
    label = gettext_lazy("View online")
    icon = "view-online"
    group = "more"
    form = ViewOnlineForm

    def example(self) -> dict[str, Any]:
        return {"text": _("View online")}
