from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from templates_app.blocks.block_type import Background, BlockForm, BlockType
from templates_app.blocks.fields import AltText, Link, Picture, PlainText


class VideoForm(BlockForm):
    picture = Picture(label=gettext_lazy("Picture of the video"))
    alt = AltText()
    link = Link(label=gettext_lazy("Address of the video"))
    button = PlainText(label=gettext_lazy("Words of the link"), max_length=80)
    background = Background()


class Video(BlockType):
    """A picture that leads to a video: mail programs play none."""

    slug = "video"
    label = gettext_lazy("Video")
    icon = "video"
    group = "more"
    form = VideoForm
    named_by = ("alt", "button")

    def example(self) -> dict[str, Any]:
        return {"button": _("Watch the video")}
