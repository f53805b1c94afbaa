"""HTML of a merchant's own stays in its block: its style sheets say nothing about the rest of the message, above all
not about the footer, by which people leave.

The block's template clips what stands out of it; here is what no clipping holds.
"""

from __future__ import annotations

import html as html_module
import re
from typing import Any

import tinycss2

from templates_app.blocks import outlook
from templates_app.brand.fonts import FONTS
from templates_app.merging.hiding import HiddenTags, Tag

SCOPE = ".own-html"
_SHEET = re.compile(r"(<style\b[^>]*>)(.*?)(</style>)", re.IGNORECASE | re.DOTALL)
_HELD = frozenset({"static", "relative", "absolute", "initial", "unset", "inherit"})
_ROOT = re.compile(r"^(?:html|body|:root)(?![\w-])", re.IGNORECASE)
#: Fonts of ours: a sheet that gave one of these names to another file would change or hide all words of the message.
_FONTS = frozenset(name.strip("' ").lower() for font in FONTS.values() for name in font.stack.split(","))


def enclosed(html: str) -> str:
    """Sanitised HTML whose styles hold only within an element of the class `own-html`."""
    html = outlook.held(html)
    if "style" not in html.lower():
        return html
    hidden = HiddenTags(html)
    text = _SHEET.sub(lambda found: f"{found[1]}{_sheet(found[2], hidden)}{found[3]}", hidden.text)
    text = outlook.TAG.sub(lambda tag: outlook.ATTRIBUTE.sub(lambda found: _attribute(found, hidden), tag[0]), text)
    return hidden.show(text)


def tags_in_styles(html: str) -> list[Tag]:
    """The merge tags in the style sheets and style attributes of sanitised HTML. What they put in is known only when
    the message is merged, so no style with one can be held in its block."""
    hidden = HiddenTags(html)
    styles = [found[2] for found in _SHEET.finditer(hidden.text)]
    for tag in outlook.TAG.finditer(hidden.text):
        attributes = outlook.ATTRIBUTE.finditer(tag["rest"])
        styles += [found["value"] for found in attributes if found["name"].lower() == "style"]
    return hidden.within("".join(styles))


def _attribute(found: re.Match[str], hidden: HiddenTags) -> str:
    """An attribute as it may stand in the block."""
    if found["name"].lower() != "style":
        return found[0]
    if hidden.within(found["value"]):
        return 'style=""'
    if "position" not in found["value"].lower():
        return found[0]
    return f'style="{html_module.escape(_declarations(html_module.unescape(found["value"])))}"'


def _declarations(source: Any) -> str:
    """The declarations without those that take an element out of every frame around it."""
    kept = []
    for node in tinycss2.parse_blocks_contents(source, skip_comments=True, skip_whitespace=True):
        if node.type != "declaration":
            continue
        value = tinycss2.serialize(node.value).strip()
        if node.lower_name == "position" and value.lower() not in _HELD:
            continue
        kept.append(f"{node.name}:{value}{' !important' if node.important else ''}")
    return ";".join(kept)


def _sheet(css: str, hidden: HiddenTags) -> str:
    if hidden.within(css):
        return ""
    return "\n".join(filter(None, map(_rule, tinycss2.parse_stylesheet(css, skip_comments=True, skip_whitespace=True))))


def _rule(node: Any) -> str:
    if node.type == "qualified-rule":
        selectors = ",".join(f"{SCOPE} {one}" if one else SCOPE for one in _selectors(node.prelude))
        return f"{selectors}{{{_declarations(node.content)}}}"
    if node.type != "at-rule":
        return ""
    keyword, prelude = node.lower_at_keyword, tinycss2.serialize(node.prelude)
    if keyword in ("media", "supports") and node.content is not None:
        rules = map(_rule, tinycss2.parse_rule_list(node.content, skip_comments=True, skip_whitespace=True))
        return f"@{keyword}{prelude}{{{''.join(rules)}}}"
    if keyword == "font-face" and node.content is not None and _is_ours(node.content):
        return ""
    return tinycss2.serialize([node])


def _selectors(prelude: list) -> list[str]:
    """The selectors of a rule, each as it is written within the block."""
    found: list[list] = [[]]
    for token in prelude:
        if token.type == "literal" and token.value == ",":
            found.append([])
        else:
            found[-1].append(token)
    return [_ROOT.sub("", tinycss2.serialize(one).strip()).strip() for one in found]


def _is_ours(content: list) -> bool:
    for node in tinycss2.parse_blocks_contents(content, skip_comments=True, skip_whitespace=True):
        if node.type == "declaration" and node.lower_name == "font-family":
            return tinycss2.serialize(node.value).strip(" \"'").lower() in _FONTS
    return False
