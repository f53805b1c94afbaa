"""Rewrites stored definitions when a tag is merged into another one."""

from __future__ import annotations

from contacts.models import Segment


def follow_tag(workspace_id: int, tag_id: int, into_id: int, *, gone: bool) -> None:
    """A tag is merged into another one. While the contacts are moved, segments refer to both; once the first tag is
    `gone`, to the second alone."""
    for segment in Segment.objects.filter(workspace_id=workspace_id).select_for_update():
        after = with_tag_merged(segment.definition, tag_id, into_id, gone=gone)
        if after != segment.definition:
            segment.definition = after
            segment.save(update_fields=["definition"])


def with_tag_merged(part: dict, tag_id: int, into_id: int, *, gone: bool) -> dict:
    """A definition, or a part of it, with the second tag in addition to the first one, or instead of it once the first
    is `gone`."""
    if "rules" in part:
        return part | {"rules": [with_tag_merged(inner, tag_id, into_id, gone=gone) for inner in part["rules"]]}
    key, new = str(tag_id), str(into_id)
    ids = part.get("with", {}).get("ids") if part.get("on") == "tag" else None
    if not ids or key not in ids:
        return part
    # In "all of", the new tag must replace the old one: no contact will have both.
    replaced = gone or part["op"] == "all"
    ids = [new if one == key else one for one in ids] if replaced else [*ids, new]
    return part | {"with": part["with"] | {"ids": list(dict.fromkeys(ids))}}
