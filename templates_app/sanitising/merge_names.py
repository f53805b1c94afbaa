"""Names that a document sets itself, and which of them hold text by the merchant and not contact data.

`{% capture q %}"{% endcapture %}` followed by `title="{{ q }}onclick=…"` ends the attribute early, and
`{% assign u = "javascript:…" %}` decides where `href="{{ u }}"` leads. So names are traced through the document.
"""

import re

from . import allowed, limits, links

_QUOTED = re.compile(r"\"[^\"]*\"|'[^']*'")
_WORD = re.compile(r"[A-Za-z_][\w-]*")
_INNER = re.compile(r"^\{[{%]-?\s*(.*?)\s*-?[%}]\}$", re.DOTALL)
_BINDING = re.compile(r"^(assign|capture|for|tablerow)\s+[\"']?([\w.-]+)[\"']?\s*(?:=|in\b)?\s*(.*)$", re.DOTALL)
_PATH = re.compile(r"^([A-Za-z_][\w-]*)(?:\.[\w-]+|\[(?:\d+|\"[\w -]*\"|'[\w -]*')\])*$")
_FILTER = re.compile(r"^(\w+)\s*(?::(.*))?$", re.DOTALL)
_RISKY_LITERAL = re.compile(r"[:&%\\\x00-\x1f]")


def outside_quotes(text: str) -> str:
    return _QUOTED.sub('""', text)


def inner(tag: str) -> str:
    found = _INNER.match(tag)
    return found.group(1) if found else ""


def words(text: str) -> set[str]:
    return set(_WORD.findall(outside_quotes(text)))


class Names:
    """markup: names that may hold quotes, angle brackets or elements. address: names that may hold any address."""

    def __init__(self, tags: list[str]) -> None:
        self.markup: set[str] = set()
        self.address: set[str] = set()
        bindings = [binding for tag in tags for binding in _bindings(tag)]
        if len(bindings) > limits.MAX_BINDINGS:
            raise limits.too_many_merge_tags()
        while self._grow(bindings):
            pass

    def _grow(self, bindings: list[tuple[str, str, str]]) -> bool:
        before = len(self.markup) + len(self.address)
        for how, name, expression in bindings:
            if how == "capture" or _has_markup(expression) or not self.markup.isdisjoint(words(expression)):
                self.markup.add(name)
            if not self._is_harmless_address(expression):
                self.address.add(name)
        return len(self.markup) + len(self.address) > before

    def _is_harmless_address(self, expression: str) -> bool:
        """A single safe address, or contact data with filters that can't change the scheme."""
        if _QUOTED.fullmatch(expression):
            return links.is_safe(expression[1:-1]) and links.is_settled(expression[1:-1])
        return self.is_data(expression)

    def is_data(self, expression: str) -> bool:
        first, *filters = _pipes(expression.removesuffix("reversed").strip())
        path = _PATH.match(first)
        if not path or path.group(1) in self.markup | self.address:
            return False
        return all(self._filter_is_harmless(one, len(filters)) for one in filters)

    def _filter_is_harmless(self, text: str, siblings: int) -> bool:
        found = _FILTER.match(text)
        if not found or found.group(1) not in allowed.LINK_FILTERS:
            return False
        argument = (found.group(2) or "").strip()
        if not _QUOTED.fullmatch(argument):
            return not argument or (bool(_PATH.match(argument)) and self.is_data(argument))
        if not _RISKY_LITERAL.search(argument):
            return True
        alone = found.group(1) == "default" and siblings == 1
        return alone and links.is_safe(argument[1:-1]) and links.is_settled(argument[1:-1])


def _bindings(tag: str):
    text = inner(tag)
    lines = text.splitlines() if text.startswith("liquid") else [text]
    for line in lines:
        found = _BINDING.match(line.strip().removeprefix("liquid").strip())
        if found:
            how, name, expression = found.groups()
            yield how, name, _without_options(expression) if how in ("for", "tablerow") else expression.strip()


def _without_options(expression: str) -> str:
    return re.split(r"\s+(?:limit|offset|cols)\s*:", expression, maxsplit=1)[0].strip()


def _has_markup(expression: str) -> bool:
    return any(re.search(r"[\"'<>]", quoted[1:-1]) for quoted in _QUOTED.findall(expression))


def _pipes(expression: str) -> list[str]:
    pieces, current = [], ""
    for part in re.split(r"(\"[^\"]*\"|'[^']*'|\|)", expression):
        if part == "|":
            pieces.append(current.strip())
            current = ""
        else:
            current += part
    return [*pieces, current.strip()]
