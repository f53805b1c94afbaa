from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from templates_app.blocks.block_type import Align, BlockForm, BlockType
from templates_app.blocks.fields import PlainText


class FooterForm(BlockForm):
    reason = PlainText(
        label=gettext_lazy("Why people get this message"),
        max_length=500,
        help_text=gettext_lazy("Leave empty for the words of your brand."),
    )
    unsubscribe = PlainText(label=gettext_lazy("Words to unsubscribe"), required=True, max_length=80)
    preferences = PlainText(label=gettext_lazy("Words for the preferences"), max_length=80)
    view_online = PlainText(label=gettext_lazy("Words to view it online"), max_length=80)
    align = Align("center")


class Footer(BlockType):
    """Who writes, from where and why, and how to leave: the law asks for it in every marketing message, so it can be
    moved and reworded, but not removed."""

    slug = "footer"
    label = gettext_lazy("Footer")
    icon = "footer"
    group = ""
    form = FooterForm
    is_removable = False

    def example(self) -> dict[str, Any]:
        return {
            "unsubscribe": pgettext("reader", "Unsubscribe"),
            "preferences": _("Your preferences"),
            "view_online": _("View online"),
        }
