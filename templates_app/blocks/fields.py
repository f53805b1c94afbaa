"""The form fields of blocks. Each says how its value is written in the HTML of a message (`as_html`)."""

from __future__ import annotations

import re
from typing import Any

from django import forms
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext_lazy as _

from templates_app.blocks import addresses, merge_text, rich_text
from templates_app.merging import MergeError, check

MAX_RICH_TEXT = 20_000
_COLOUR = re.compile(r"#[0-9a-f]{6}")


class PlainText(forms.CharField):
    """A line or a few, with merge tags."""

    def __init__(self, *, max_length: int = 300, required: bool = False, **kwargs: Any):
        super().__init__(max_length=max_length, required=required, **kwargs)

    def clean(self, value: Any) -> str:
        text = super().clean(value)
        _check(text, html=False)
        return text

    def as_html(self, value: str) -> SafeString:
        return merge_text.as_html(value)


class RichText(forms.CharField):
    """Paragraphs with bold, italic, links, lists and merge tags, as HTML."""

    widget = forms.Textarea(attrs={"rows": 6, "data-rich-text": ""})

    def __init__(self, **kwargs: Any):
        super().__init__(max_length=MAX_RICH_TEXT, required=False, **kwargs)

    def clean(self, value: Any) -> str:
        given = super().clean(value)
        _check(given, html=False)
        try:
            cleaned = rich_text.clean(given)
        except addresses.Refused as problem:
            raise forms.ValidationError(str(problem)) from None
        _check(cleaned, html=True)
        return cleaned

    def as_html(self, value: str) -> SafeString:
        return mark_safe(value)  # noqa: S308 - cleaned when it was saved; the kind of block adds its styles


class Link(forms.CharField):
    def __init__(self, **kwargs: Any):
        kwargs.setdefault("label", _("Link"))
        super().__init__(required=False, **kwargs)
        self.widget.attrs.update({"inputmode": "url", "autocapitalize": "off", "spellcheck": "false"})

    def clean(self, value: Any) -> str:
        return _address(super().clean(value), addresses.link)

    def as_html(self, value: str) -> SafeString:
        return merge_text.as_attribute(value)


class Picture(Link):
    """The address of a picture. The editor offers the library beside it."""

    is_picture = True
    alt_in_library = ""  # of the picture that is shown now: an alt text that differs was written for the block

    def __init__(self, **kwargs: Any):
        kwargs.setdefault("label", _("Picture"))
        super().__init__(**kwargs)

    def clean(self, value: Any) -> str:
        return _address(forms.CharField.clean(self, value), addresses.picture)


class AltText(PlainText):
    """What a picture says to those who don't see it."""

    def __init__(self, **kwargs: Any):
        kwargs.setdefault("label", _("Alt text"))
        super().__init__(**kwargs)

    def as_html(self, value: str) -> SafeString:
        return merge_text.as_attribute(value)


class Choice(forms.ChoiceField):
    """One of a few, drawn as buttons side by side."""

    widget = forms.RadioSelect

    def __init__(self, *, choices: Any, **kwargs: Any):
        super().__init__(choices=choices, required=False, **kwargs)
        self.first = choices[0][0]

    def prepare_value(self, value: Any) -> Any:
        return value or self.first

    def clean(self, value: Any) -> str:
        return super().clean(value) or self.first

    def as_html(self, value: str) -> SafeString:
        return escape(value)


class Number(forms.IntegerField):
    """Raises nothing for no number: `otherwise` stands then. Where that is 0, the template decides."""

    def __init__(self, *, otherwise: int, **kwargs: Any):
        super().__init__(required=False, initial=otherwise or None, **kwargs)
        self.otherwise = otherwise

    def prepare_value(self, value: Any) -> Any:
        return value or None

    def clean(self, value: Any) -> int:
        if value == self.otherwise:
            return value  # as it was stored: it may lie outside of what can be chosen
        number = super().clean(value)
        return self.otherwise if number is None else number

    def as_html(self, value: int) -> SafeString:
        return escape(str(value or ""))


def _check(text: str, *, html: bool) -> None:
    if "{" not in text:
        return
    try:
        check(text, html=html)
    except MergeError as problem:
        raise forms.ValidationError(str(problem)) from None


def _address(text: str, read: Any) -> str:
    try:
        written = read(text)
    except addresses.Refused as problem:
        raise forms.ValidationError(str(problem)) from None
    _check(written, html=False)
    return written
