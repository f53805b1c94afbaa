"""One pass over a whole document: hide merge tags, parse, keep what is allowed, write.

bleach's tree walker and serialiser are not used: the walker needs quadratic time for an element with many children, and
the serialiser writes one kind of quotes only, while a merge tag may need the other kind.
"""

import re
from typing import Any

from . import allowed, css, limits, links, writing
from .attributes import Attributes, is_font_sheet
from .comments import clean_comment
from .merge_tags import MARKERS, MergeTags
from .parsing import parse
from .reporting import Report

_FORBIDDEN = re.compile(r"[\x00-\x08\x0b\x0e-\x1f\x7f]")
_SURROGATES = re.compile(r"[\ud800-\udfff]")
_WHOLE_DOCUMENT = re.compile(r"<(?:!doctype|html|head|body)[\s/>]", re.IGNORECASE)
_SHELL = "<!DOCTYPE html><html><head></head><body>"


def clean_once(document: str, report: Report, most_elements: int = limits.MAX_ELEMENTS) -> str:
    merge_tags = MergeTags(report)
    source = merge_tags.hide(_plain_characters(document))
    if not _WHOLE_DOCUMENT.search(source):
        source = _SHELL + source
    root = parse(source, merge_tags, report, most_elements)
    written = _Writer(Attributes(merge_tags, report)).write(root)
    return merge_tags.show(written)


def _plain_characters(document: str) -> str:
    text = _FORBIDDEN.sub("", MARKERS.sub("", document))
    return links.without_huge_references(_SURROGATES.sub("\ufffd", text))


class _Writer:
    """Writes the tree depth first, with its own stack, so that no document can reach Python's recursion limit."""

    def __init__(self, attributes: Attributes) -> None:
        self._attributes = attributes
        self._report = attributes.report
        self._stack: list = []

    def write(self, root: Any) -> str:
        doctype, written = "<!DOCTYPE html>", []
        for child in root:
            if child.tag == "<!DOCTYPE>":
                doctype = _doctype(child)
        self._stack = list(reversed(root))
        while self._stack:
            item = self._stack.pop()
            written.append(item if isinstance(item, str) else self._node(item))
        return f"{doctype}\n{''.join(written)}"

    def _node(self, node: Any) -> str:
        self._stack.append(writing.text(node.tail or ""))
        if not isinstance(node.tag, str):
            return clean_comment(node.text or "", self._attributes)
        if node.tag == "<!DOCTYPE>":
            return ""
        return self._element(node)

    def _element(self, node: Any) -> str:
        name = node.tag
        if name in allowed.DROPPED_WITH_CONTENT or name.startswith("{"):
            self._report.add("tag", name.rpartition("}")[2])
            return ""
        if name in allowed.REPLACED:
            self._report.add("replaced", name, allowed.REPLACED[name])
            node.tag = name = allowed.REPLACED[name]
        if name not in allowed.TAGS:
            self._report.add("tag", name)
            self._descend(node)
            return ""
        if name == "meta":
            return self._meta(node)
        if name == "link" and not is_font_sheet(node.attrib.items()):
            self._report.add("tag", name)
            return ""
        return self._start(node, self._attributes.clean(name, node.attrib.items()))

    def _start(self, node: Any, kept: list[tuple[str, str]]) -> str:
        start = writing.start_tag(node.tag, kept, self._attributes.merge_tags)
        if node.tag in allowed.VOID_TAGS:
            return start
        self._stack.append(f"</{node.tag}>")
        if node.tag == "style":
            return start + css.sheet(node.text or "", self._report)
        # A parser ignores the first line break after <pre>.
        extra = "\n" if node.tag == "pre" and (node.text or "").startswith("\n") else ""
        self._descend(node)
        return start + extra

    def _descend(self, node: Any) -> None:
        self._stack.extend(reversed(node))
        self._stack.append(writing.text(node.text or ""))

    def _meta(self, node: Any) -> str:
        values = {name: value for name, value in node.attrib.items() if isinstance(name, str)}
        if not _meta_allowed(values):
            self._report.add("tag", "meta")
            return ""
        return self._start(node, self._attributes.clean("meta", values.items()))


def _meta_allowed(values: dict[str, str]) -> bool:
    if "charset" in values and values["charset"].strip().lower() != "utf-8":
        return False
    if "http-equiv" in values:
        pattern = allowed.META_EQUIVALENTS.get(values["http-equiv"].strip().lower())
        return bool(pattern and pattern.fullmatch(values.get("content", "").strip()))
    if "name" in values:
        return values["name"].strip().lower() in allowed.META_NAMES
    return "charset" in values or "itemprop" in values


def _doctype(node: Any) -> str:
    public, system = node.get("publicId") or "", node.get("systemId") or ""
    if not allowed.DOCTYPE_PUBLIC.fullmatch(public):
        return "<!DOCTYPE html>"
    if not allowed.DOCTYPE_SYSTEM.fullmatch(system):
        return f'<!DOCTYPE html PUBLIC "{public}">'
    return f'<!DOCTYPE html PUBLIC "{public}" "{system}">'
