"""Finds the merge tags that HTML does not keep in their place, to name them with the merchant's own line."""

from difflib import SequenceMatcher

from templates_app.merging.hiding import HiddenTags, Tag


def first_moved(before: str, after: str) -> Tag | None:
    """The first tag of a condition, loop or assignment in `before` that `after` has elsewhere or not at all."""
    ours, theirs = (_blocks(source) for source in (before, after))
    matcher = SequenceMatcher(None, [tag.source for tag in ours], [tag.source for tag in theirs], autojunk=False)
    for kind, start, end, _from, _to in matcher.get_opcodes():
        if kind in ("delete", "replace"):
            return ours[start]
        if kind == "insert":
            return ours[min(end, len(ours) - 1)] if ours else None
    return None


def _blocks(source: str) -> list[Tag]:
    return [tag for tag in HiddenTags(source).tags if tag.kind == "block"]


def line_of(text: str, position: int) -> int:
    return text.count("\n", 0, position) + 1
