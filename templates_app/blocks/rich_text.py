"""The text of a text block: paragraphs, lists, bold, italic, links and merge tags, and nothing else."""

from __future__ import annotations

import html as html_module
import re

import bleach
from bleach.css_sanitizer import CSSSanitizer
from django.utils.safestring import SafeString, mark_safe

from templates_app.blocks import addresses, merge_text
from templates_app.merging.hiding import HiddenTags

TAGS = {"p", "br", "strong", "em", "a", "ul", "ol", "li"}
_SAME = {"b": "strong", "i": "em", "div": "p"}
_OLD = re.compile(r"<(/?)(b|i|div)(?=[\s>])", re.IGNORECASE)
_EMPTY_END = re.compile(r"(?:\s*<p>(?:\s|&nbsp;|<br>)*</p>)+\s*$")
_IN_ITEM = re.compile(r"(?<=<li>)<p>((?:(?!<p>).)*?)</p>(?=</li>)", re.DOTALL)
_BLOCK = re.compile(r"<(?:p|ul|ol)>")
_HREF = re.compile(r'<a href="([^"]*)"')


def clean(html: str) -> str:
    """The text as it is stored: only what text blocks have. Idempotent. Raises addresses.Refused."""
    hidden = HiddenTags(html)
    cleaned = bleach.clean(
        _OLD.sub(lambda found: f"<{found[1]}{_SAME[found[2].lower()]}", hidden.text),
        tags=TAGS,
        attributes={"a": ["href"]},
        protocols={"http", "https", "mailto", "tel"},
        strip=True,
        strip_comments=True,
        css_sanitizer=CSSSanitizer(allowed_css_properties=[]),
    )
    cleaned = _IN_ITEM.sub(r"\1", cleaned)
    cleaned = _EMPTY_END.sub("", cleaned).strip()
    cleaned = _in_paragraphs(cleaned)
    return hidden.show(_HREF.sub(lambda found: f'<a href="{_link(found[1], hidden)}"', cleaned))


def _in_paragraphs(cleaned: str) -> str:
    """What stands before the first paragraph or list is a paragraph, too."""
    first = _BLOCK.search(cleaned)
    end = first.start() if first else len(cleaned)
    head = cleaned[:end].strip()
    return f"<p>{head}</p>{cleaned[end:]}" if head else cleaned


def _link(written: str, hidden: HiddenTags) -> str:
    return merge_text.as_attribute(addresses.link(hidden.show(html_module.unescape(written))))


def as_html(stored: str, *, paragraph: str, link: str, listed: str) -> SafeString:
    """The stored text with the style of each element, as mail programs need it. `paragraph`, `link` and `listed` are
    CSS declarations."""
    styled = stored.replace("<p>", f'<p style="{paragraph}">').replace("<a ", f'<a class="link" style="{link}" ')
    for name in ("ul", "ol"):
        styled = styled.replace(f"<{name}>", f'<{name} style="{listed}">')
    return mark_safe(styled)  # noqa: S308 - cleaned when it was saved
