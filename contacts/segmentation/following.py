"""Keeping stored definitions true when what they name changes."""

from __future__ import annotations

from contacts.models import Segment


def follow_tag(tag_id: int, into_id: int) -> None:
    """A tag becomes part of another one: segments mean both from now on, while the people are moved and after."""
    for segment in Segment.objects.select_for_update():
        if _add(segment.definition, str(tag_id), str(into_id)):
            segment.save(update_fields=["definition"])


def _add(part: dict, key: str, new: str) -> bool:
    """Whether anything below was changed."""
    if "rules" in part:
        changed = [_add(inner, key, new) for inner in part["rules"]]
        return any(changed)
    ids = part.get("with", {}).get("ids") if part.get("on") == "tag" else None
    if not ids or key not in ids or new in ids:
        return False
    # "All of" must name the new one in place of the old one: nobody will bear both.
    part["with"]["ids"] = [new if one == key else one for one in ids] if part["op"] == "all" else [*ids, new]
    return True
