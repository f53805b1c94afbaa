"""Clean style attributes and style sheets, with tinycss2.

Merge tags are hidden in CSS comments, which are allowed everywhere and have no effect. CSS without anything forbidden
is returned unchanged.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import Any

import tinycss2

from . import allowed, links
from .merge_tags import CLOSE, MARKER, OPEN
from .reporting import Report

MAX_BRACKETS = 40
MAX_REMEMBERED = 1000  # characters of a style attribute: a message repeats the same ones, and is read several times
_HIDDEN = re.compile(rf"/\*({OPEN}[0-9]{{1,6}}{CLOSE})\*/")
_UNUSUAL = re.compile(r"[\\<\x00-\x08\x0b\x0e-\x1f]")


def declarations(text: str, report: Report) -> str:
    """Clean the value of a style attribute."""
    if len(text) > MAX_REMEMBERED:
        return _Css(report).clean(text, _Css.block)
    result, removals = _remembered(text)
    for kind, name in removals:
        report.add(kind, name)
    return result


@lru_cache(maxsize=2000)
def _remembered(text: str) -> tuple[str, tuple[tuple[str, str], ...]]:
    """The cleaned value, and what was taken out of it: it follows from the text alone."""
    noted = _Noted()
    return _Css(noted).clean(text, _Css.block), tuple(noted.found)


class _Noted(Report):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, str]] = []  # (kind, name)

    def add(self, kind: str, name: str = "", within: str = "") -> None:
        self.found.append((kind, name))


def sheet(text: str, report: Report) -> str:
    """Clean the content of a <style> element."""
    return _Css(report).clean(text, _Css.rules)


class _Css:
    def __init__(self, report: Report) -> None:
        self._report = report
        self._changed = False

    def clean(self, text: str, read: Callable[[_Css, str], str]) -> str:
        if _too_nested(text):
            self._remove("css")
            return ""
        result = _restore(read(self, MARKER.sub(r"/*\g<0>*/", text)))
        return result if self._changed or _UNUSUAL.search(text) else text

    def rules(self, source: Any, depth: int = 0) -> str:
        parse = tinycss2.parse_stylesheet if isinstance(source, str) else tinycss2.parse_rule_list
        return "\n".join(filter(None, (self._rule(node, depth) for node in parse(source, skip_whitespace=True))))

    def block(self, source: Any, extra: frozenset[str] = frozenset()) -> str:
        nodes = tinycss2.parse_blocks_contents(source, skip_whitespace=True)
        return "".join(self._declaration(node, extra) for node in nodes).removesuffix(";")

    def _rule(self, node: Any, depth: int) -> str:
        if node.type == "comment":
            return _kept_comment(node)
        if node.type == "qualified-rule":
            return self._qualified(node)
        if node.type == "at-rule":
            return self._at_rule(node, depth)
        return self._remove("css")

    def _qualified(self, node: Any) -> str:
        selector = _write(node.prelude)
        if "<" in selector:
            return self._remove("css")
        return f"{selector}{{{self.block(node.content)}}}"

    def _at_rule(self, node: Any, depth: int) -> str:
        keyword, prelude = node.lower_at_keyword, _write(node.prelude)
        if keyword == "import" and depth == 0 and node.content is None and _is_font_import(node.prelude):
            return f"@import {prelude};"
        if keyword not in allowed.CSS_AT_RULES or node.content is None or depth > 3 or "<" in prelude:
            return self._remove("rule", f"@{keyword}")
        if keyword == "font-face":
            body = self.block(node.content, allowed.FONT_FACE_PROPERTIES)
        elif keyword.endswith("viewport"):
            body = self.block(node.content)
        else:
            body = self.rules(node.content, depth + 1)
        return f"@{keyword} {prelude}{{{body}}}"

    def _declaration(self, node: Any, extra: frozenset[str]) -> str:
        if node.type == "comment":
            return _kept_comment(node)
        if node.type != "declaration":
            return self._remove("css")
        # The names of custom properties are case-sensitive (css-variables, 2).
        name, value = node.name if node.name.startswith("--") else node.lower_name, _write(node.value)
        if not _known(name, extra) or "\\" in value or "<" in value:
            return self._remove("property", name)
        problem = _problem(node.value)
        if problem:
            return self._remove(problem, name)
        return f"{name}:{value}{' !important' if node.important else ''};"

    def _remove(self, kind: str, name: str = "") -> str:
        self._changed = True
        self._report.add(kind, name)
        return ""


def _is_font_import(prelude: list) -> bool:
    """Whether an @import names a style sheet of fonts, and perhaps media types."""
    address, *rest = [token for token in prelude if token.type not in ("whitespace", "comment")] or [None]
    if address is None or any(token.type not in ("ident", "literal") for token in rest):
        return False
    if address.type == "function" and address.lower_name == "url":
        value = "".join(part.value for part in address.arguments if part.type == "string")
    else:
        value = address.value if address.type in ("string", "url") else ""
    return bool(allowed.FONT_SHEET.fullmatch(value.strip()))


def _known(name: str, extra: frozenset[str]) -> bool:
    return name in allowed.CSS_PROPERTIES or name in extra or name.startswith(allowed.CSS_PREFIXES)


def _problem(tokens: Iterable) -> str:
    return next(filter(None, map(_token_problem, tokens)), "")


def _token_problem(token: Any) -> str:
    if token.type == "url":
        return _url_problem(token.value)
    if token.type == "function":
        return _function_problem(token)
    if token.type in ("() block", "[] block"):
        return _problem(token.content)
    return "property" if token.type in ("error", "{} block", "at-keyword") else ""


def _function_problem(token: Any) -> str:
    if token.lower_name not in allowed.CSS_FUNCTIONS:
        return "property"
    if token.lower_name == "url":
        return _url_problem("".join(part.value for part in token.arguments if part.type == "string"))
    return _problem(token.arguments)


def _url_problem(address: str) -> str:
    # A merge tag only fills in a part: the address must be allowed with it and without it.
    plain = MARKER.sub("", _restore(address))
    return "" if links.is_safe(plain, picture=True) else "css-url"


def _kept_comment(node: Any) -> str:
    text = f"/*{node.value}*/"
    return text if _HIDDEN.fullmatch(text) else ""


def _write(tokens: Iterable) -> str:
    return tinycss2.serialize([t for t in tokens if t.type != "comment" or _kept_comment(t)]).strip()


def _restore(text: str) -> str:
    return _HIDDEN.sub(r"\1", text)


def _too_nested(text: str) -> bool:
    depth = 0
    for bracket in re.findall(r"[(\[{}\])]", text):
        depth = depth + 1 if bracket in "([{" else max(depth - 1, 0)
        if depth > MAX_BRACKETS:
            return True
    return False
