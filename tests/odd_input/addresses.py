"""Every address of the product, from the resolver, with the rows of the demo workspace in its places."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from django.urls import URLPattern, get_resolver

#: The places of an address: <int:pk> of a path, (?P<name>...) of a regular expression.
_PLACE = re.compile(r"<(?:\w+:)?(\w+)>|\(\?P<(\w+)>(?:[^()\[\]]|\[[^\]]*\]|\([^()]*\))*\)")


def patterns(resolver: Any = None, prefix: str = "") -> Iterator[tuple[str, Any]]:
    """(path, view) of every address."""
    for entry in (resolver or get_resolver()).url_patterns:
        path = prefix + str(entry.pattern)
        if isinstance(entry, URLPattern):
            yield path, entry.callback
        else:
            yield from patterns(entry, path)


def template(pattern: str) -> str:
    """The pattern as a format string: /w/{workspace}/contacts/{pk}/."""
    path = _PLACE.sub(lambda found: "{%s}" % (found[1] or found[2]), pattern)
    return "/" + re.sub(r"[\^$?]", "", path).replace("\\", "")


def places(pattern: str) -> list[str]:
    return re.findall(r"\{(\w+)\}", template(pattern))
