from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from templates_app.blocks.block_type import Background, BlockForm, BlockType
from templates_app.blocks.fields import Choice, Link

NETWORKS = [
    ("Instagram", "Instagram"),
    ("Facebook", "Facebook"),
    ("TikTok", "TikTok"),
    ("YouTube", "YouTube"),
    ("LinkedIn", "LinkedIn"),
    ("Pinterest", "Pinterest"),
    ("X", "X"),
    ("Threads", "Threads"),
    ("Bluesky", "Bluesky"),
    ("Mastodon", "Mastodon"),
    ("WhatsApp", "WhatsApp"),
    ("Website", _("Website")),
]


class SocialForm(BlockForm):
    background = Background()


class NetworkForm(BlockForm):
    network = Choice(label=_("Network"), choices=NETWORKS)
    link = Link(label=_("Address"))


class Social(BlockType):
    """Links to a shop's pages elsewhere, as words: no icon has to be loaded, and nothing is lost without pictures."""

    slug = "social"
    label = _("Social links")
    icon = "social"
    group = "more"
    form = SocialForm
    item_form = NetworkForm
    item_label = _("Link")
    most_items = 8

    def example(self) -> dict[str, Any]:
        return {"items": [{"network": "Instagram", "link": ""}, {"network": "Facebook", "link": ""}]}
