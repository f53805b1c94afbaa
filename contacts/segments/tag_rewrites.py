"""Keeping stored definitions true when what they name changes."""

from __future__ import annotations

from contacts.models import Segment


def follow_tag(workspace_id: int, tag_id: int, into_id: int, *, gone: bool) -> None:
    """A tag becomes part of another one: segments mean both while the people are moved, then the second alone."""
    for segment in Segment.objects.filter(workspace_id=workspace_id).select_for_update():
        after = followed(segment.definition, tag_id, into_id, gone=gone)
        if after != segment.definition:
            segment.definition = after
            segment.save(update_fields=["definition"])


def followed(part: dict, tag_id: int, into_id: int, *, gone: bool) -> dict:
    """A definition, or a part of one, in which the first tag is the second, too; or, once it is `gone`, alone."""
    if "rules" in part:
        return part | {"rules": [followed(inner, tag_id, into_id, gone=gone) for inner in part["rules"]]}
    key, new = str(tag_id), str(into_id)
    ids = part.get("with", {}).get("ids") if part.get("on") == "tag" else None
    if not ids or key not in ids:
        return part
    # "All of" must name the new one in place of the old one: nobody will bear both.
    replaced = gone or part["op"] == "all"
    ids = [new if one == key else one for one in ids] if replaced else [*ids, new]
    return part | {"with": part["with"] | {"ids": list(dict.fromkeys(ids))}}
