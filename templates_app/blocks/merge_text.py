"""Texts with merge tags in HTML: everything is escaped but the tags, which the merge language escapes when it fills
them."""

from __future__ import annotations

from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from templates_app.merging.hiding import HiddenTags, Tag


def as_html(text: str) -> SafeString:
    """The text as the content of an element, its lines kept."""
    hidden = HiddenTags(text)
    lines = str(escape(hidden.text)).splitlines()
    return mark_safe(hidden.show("<br>".join(lines)))  # noqa: S308 - escaped


def as_attribute(text: str) -> SafeString:
    """The text as the value of an attribute in double quotes. Merge tags have single quotes there: see
    `has_both_quotes`."""
    hidden = HiddenTags(text)
    return mark_safe(hidden.show(str(escape(hidden.text)), _single_quoted))  # noqa: S308 - escaped


def has_both_quotes(text: str) -> bool:
    """Whether a merge tag of the text has quotes of both kinds, so that no attribute can hold it."""
    return any('"' in tag.source and "'" in tag.source for tag in HiddenTags(text).tags)


def _single_quoted(tag: Tag) -> str:
    return tag.source.replace('"', "'")
