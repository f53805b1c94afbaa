"""What a kind of block is: its properties, as a form, and its part of the message, as a template."""

from __future__ import annotations

import re
from functools import cache
from html import unescape
from typing import TYPE_CHECKING, Any, ClassVar

from django import forms
from django.utils.html import strip_tags
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from templates_app.blocks.fields import Choice

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

SUMMARY_LENGTH = 60
_MERGE_TAG = re.compile(r"\{\{\s*([\w.]+)[^{}]*\}\}")

BACKGROUNDS = [("plain", _("None")), ("tint", _("Tinted")), ("accent", _("Colour"))]
ALIGNS = [("left", _("Left")), ("center", pgettext_lazy("alignment", "Centre"))]


def paragraph(words: str) -> str:
    """Example words as formatted text."""
    return f"<p>{words}</p>"


class Background(Choice):
    def __init__(self) -> None:
        super().__init__(label=_("Background"), choices=BACKGROUNDS)


class Align(Choice):
    def __init__(self, first: str = "left") -> None:
        super().__init__(label=_("Alignment"), choices=sorted(ALIGNS, key=lambda choice: choice[0] != first))


class BlockForm(forms.Form):
    """The properties of a block, or of one of its items. An empty one is left out of the message, so none is marked as
    optional."""

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            field.needed_later = True  # type: ignore[attr-defined]  # asked for by forms/field.html
            # A browser would cut what is pasted without a word. The server says what is too long.
            field.widget.attrs.pop("maxlength", None)

    def html_values(self, props: dict[str, Any]) -> dict[str, Any]:
        """The properties as they stand in the HTML of a message, by name. Those that are missing are as at first."""
        found = {}
        for name, field in self.fields.items():
            value = props.get(name)
            if value is None:
                value = getattr(field, "first", None) or getattr(field, "otherwise", None) or ""
            found[name] = field.as_html(value) if hasattr(field, "as_html") else value
        return found


class BlockType:
    """A kind of block. Its template is emails/blocks/<slug>.html and gets the properties by name, `items`,
    `look` (look.Look), and `band` (look.Band)."""

    slug: ClassVar[str]
    label: ClassVar[StrOrPromise]
    icon: ClassVar[str]
    group: ClassVar[str] = "basic"  # where it stands in the palette: basic, shop, more; nothing for what is not there
    form: ClassVar[type[BlockForm]]
    item_form: ClassVar[type[BlockForm] | None] = None
    item_label: ClassVar[StrOrPromise] = ""
    least_items: ClassVar[int] = 1
    most_items: ClassVar[int] = 1
    #: The properties of which the first that has words is its line in the outline.
    named_by: ClassVar[tuple[str, ...]] = ()
    is_removable: ClassVar[bool] = True

    @property
    def template(self) -> str:
        return f"emails/blocks/{self.slug}.html"

    def example(self) -> dict[str, Any]:
        """The properties of a new block, in the active language."""
        return {}

    def summary(self, props: dict[str, Any]) -> str:
        """Its line in the outline: its first words, else the kind."""
        for name in self.named_by:
            text = _MERGE_TAG.sub(r"[\1]", str(props.get(name) or ""))
            if words := " ".join(unescape(strip_tags(text.replace("<", " <"))).split()):
                return words[:SUMMARY_LENGTH]
        return str(self.label)

    def html_values(self, props: dict[str, Any]) -> dict[str, Any]:
        """What its template gets of the properties."""
        values = _fields_of(self.form).html_values(props)
        if self.item_form is not None:
            items = _fields_of(self.item_form)
            values["items"] = [items.html_values(item) for item in props.get("items", [])]
        return values


@cache
def _fields_of(form: type[BlockForm]) -> BlockForm:
    """An instance that is only asked for its fields: a message of 60 blocks would make each of them again."""
    return form()
