"""A brand that is not saved, in the address of its preview: short enough for every server's limit."""

from __future__ import annotations

from django.http import QueryDict

FIELDS = (
    "name",
    "logo",
    "dark_logo",
    "main",
    "second",
    "tint",
    "page",
    "text",
    "quiet",
    "heading_font",
    "body_font",
    "radius",
    "button_style",
)
MAX_REASON = 200  # characters
SOMEWHERE = "example.com"  # a preview shows the names of networks, and leads nowhere


def query_of(posted: QueryDict) -> str:
    """The query string of a form that was sent."""
    query = QueryDict(mutable=True)
    for name in FIELDS:
        query[name] = posted.get(name, "")[:120]
    query["reason"] = posted.get("reason", "")[:MAX_REASON]
    for name, address in posted.items():
        if name.startswith("social_") and address:
            query[name[:20]] = SOMEWHERE
    return query.urlencode()
