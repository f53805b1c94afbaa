from __future__ import annotations

import re
from typing import Any

from django import forms
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from templates_app.blocks import enclosing
from templates_app.blocks.block_type import Background, BlockForm, BlockType, paragraph
from templates_app.merging import MergeError, check
from templates_app.sanitising import Unsafe, sanitise

MAX_LENGTH = 100_000
# Of an HTML block, with those that HTML adds. Each costs some 0.1 ms of CPU when the block is saved.
MAX_ELEMENTS = 4000
MAX_SELECTORS = 5000
_SHELL = "<!DOCTYPE html><html><head><title></title></head><body>{}</body></html>"
_SHEET = re.compile(r"<style\b[^>]*>(.*?)(?:</style|\Z)", re.IGNORECASE | re.DOTALL)
_IN_STYLES = gettext_lazy(
    "%(tag)s stands in a style sheet or a style attribute. Merge tags can't be used there: write the value itself, or "
    "put a condition around whole elements."
)


class HtmlField(forms.CharField):
    """HTML of the merchant's own, sanitised like a whole message."""

    def __init__(self, **kwargs: Any):
        widget = forms.Textarea(attrs={"rows": 12, "class": "mono", "spellcheck": "false"})
        super().__init__(required=False, strip=True, max_length=MAX_LENGTH, widget=widget, **kwargs)

    def clean(self, value: Any) -> str:
        written = super().clean(value)
        if not written:
            return ""
        try:
            check(written, html=True)
            _refuse_many_selectors(written)
            whole = sanitise(_SHELL.format(written), most_elements=MAX_ELEMENTS).html
        except (MergeError, Unsafe, ValueError) as problem:
            raise forms.ValidationError(str(problem)) from None
        kept = whole.partition("<body>")[2].rpartition("</body>")[0].strip()
        if tags := enclosing.tags_in_styles(kept):
            raise forms.ValidationError(_IN_STYLES % {"tag": tags[0].source[:60]})
        return kept

    def as_html(self, value: str) -> SafeString:
        return mark_safe(enclosing.enclosed(value))  # noqa: S308 - sanitised when it was saved


def _refuse_many_selectors(html: str) -> None:
    """Raises ValueError. Each selector is read, and grows: it holds within the block only."""
    selectors = sum(sheet.count(",") + sheet.count("{") for sheet in _SHEET.findall(html))
    if selectors > MAX_SELECTORS:
        text = _("The style sheets of this HTML have more than %(most)d selectors. Remove the rules that nothing uses.")
        raise ValueError(text % {"most": MAX_SELECTORS})


class HtmlForm(BlockForm):
    html = HtmlField(label=gettext_lazy("HTML"))
    background = Background()


class Html(BlockType):
    slug = "html"
    label = gettext_lazy("HTML")
    icon = "code"
    group = "more"
    form = HtmlForm

    def example(self) -> dict[str, Any]:
        return {"html": paragraph(_("Your own HTML"))}
