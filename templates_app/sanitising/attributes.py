"""Decides which attributes of an element stay."""

from collections.abc import Iterable
from dataclasses import dataclass

from . import allowed, css, links
from .merge_names import inner, words
from .merge_tags import MARKER, MergeTags, is_output, literals
from .reporting import Report
from .writing import delimiter

_ENDS = {"endif": "if", "endunless": "unless", "endcase": "case", "endfor": "for"}
_MIDDLES = {"elsif", "else", "when", "break", "continue"}


@dataclass
class Attributes:
    merge_tags: MergeTags
    report: Report

    def clean(self, tag: str, pairs: Iterable, outlook: bool = False) -> list[tuple[str, str]]:
        kept: list[tuple[str, str]] = []
        for key, value in pairs:
            name = key if isinstance(key, str) else ":".join(filter(None, key[:2]))
            if not _named(tag, name, outlook) or not self._merge_tags_fit(value):
                self.report.add("attribute", MARKER.sub("{{}}", name), tag)
            elif not self._value_allowed(tag, name, value):
                self.report.add("link", name, tag)
            else:
                self._keep(kept, name, value)
        return kept

    def _keep(self, kept: list, name: str, value: str) -> None:
        cleaned = css.declarations(value, self.report) if name == "style" else value
        if cleaned or not value:
            kept.append((name, cleaned))

    def _value_allowed(self, tag: str, name: str, value: str) -> bool:
        if name in allowed.URL_ATTRIBUTES or (name == "src" and tag == "v:fill"):
            return self._address_allowed(value, name in allowed.IMAGE_ATTRIBUTES)
        if name == "srcset":
            return all(self._address_allowed(part.strip().split(" ")[0], False) for part in value.split(","))
        if name.startswith("xmlns"):
            return bool(allowed.NAMESPACE.fullmatch(value))
        if name == "usemap":
            return value.startswith("#")
        return True

    def _address_allowed(self, value: str, picture: bool) -> bool:
        if not MARKER.search(value):
            return links.is_safe(value, picture)
        if links.is_settled(MARKER.split(value, maxsplit=1)[0]):
            return links.is_safe(self.merge_tags.strip(value))
        segments = MARKER.split(value)[::2]
        if not all(links.is_safe(part) for part in (*segments, "".join(segments), "x".join(segments))):
            return False
        return all(self._may_decide(tag) for tag in self.merge_tags.within(value))

    def _may_decide(self, tag: str) -> bool:
        """Whether a merge tag may decide the scheme of an address: contact data may, text by the merchant may not."""
        if not is_output(tag):
            return _keyword(tag) != "cycle"
        return self.merge_tags.names.is_data(inner(tag))

    def _merge_tags_fit(self, value: str) -> bool:
        """Merge tags must not end the value: blocks are complete, and no tag renders a quote or captured markup."""
        if not MARKER.search(value):
            return True
        tags = self.merge_tags.within(value)
        if not delimiter(value, self.merge_tags) or not _balanced(tags):
            return False
        return not any(self._renders_markup(tag) for tag in tags)

    def _renders_markup(self, tag: str) -> bool:
        carries = not self.merge_tags.names.markup.isdisjoint(words(tag))
        return carries or any(">" in literal for literal in literals(tag))


def is_font_sheet(pairs: Iterable) -> bool:
    """Whether these attributes of a <link> name a style sheet of fonts, and nothing else."""
    values = {name: value for name, value in pairs if isinstance(name, str)}
    rel = (values.get("rel") or "").strip().lower()
    return rel == "stylesheet" and bool(allowed.FONT_SHEET.fullmatch((values.get("href") or "").strip()))


def _named(tag: str, name: str, outlook: bool) -> bool:
    return name in allowed.OF_TAG.get(tag, allowed.EVERYWHERE) or (outlook and name in allowed.OUTLOOK_ATTRIBUTES)


def _keyword(tag: str) -> str:
    return (inner(tag).split() or [""])[0]


def _balanced(tags: list[str]) -> bool:
    stack: list[str] = []
    for tag in tags:
        if is_output(tag):
            continue
        keyword = _keyword(tag)
        if keyword not in allowed.ATTRIBUTE_BLOCKS:
            return False
        if keyword in _ENDS:
            if not stack or stack.pop() != _ENDS[keyword]:
                return False
        elif keyword in _MIDDLES:
            if not stack:
                return False
        elif keyword != "cycle":
            stack.append(keyword)
    return not stack
