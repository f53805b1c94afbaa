"""Segments inside segments: a condition "is in the segment …" is replaced by the conditions of that segment.

What is sent is the expanded definition, so a change to an inner segment has no effect on a campaign that has started.
"""

from __future__ import annotations

from django.db.models import BooleanField, Func, QuerySet
from django.utils.translation import gettext as _

from contacts.models import Segment
from contacts.segments import definition
from contacts.segments.definition import BadDefinition

MAX_CHAIN = 5  # segments inside one another, the outermost included


def expanded(data: dict, *, of: int | None = None, instead: dict[int, dict] | None = None) -> dict:
    """The definition with the conditions of inner segments instead of references to them. `of`: the segment that has
    this definition, if it is stored. `instead`: definitions to assume for segments, by id.

    A reference that can't be read or whose segment was deleted stays, and `definition.read` says what is wrong. Raises
    BadDefinition where segments contain one another, or are too many.
    """
    if not any(map(_is_reference, definition.stored_rules(data))):
        return data
    whole = _Expansion(instead or {}).part(data, () if of is None else (of,))
    return {**whole, "version": data.get("version", definition.VERSION), "frozen": True}


def broken_by(segment_id: int, data: dict) -> list[str]:
    """The names of the segments that could no longer be used if this segment had this definition, because they would
    become too large or contain themselves."""
    return [
        str(outer)
        for outer in _with_references().exclude(pk=segment_id)
        if _works(outer, {}) and not _works(outer, {segment_id: data})
    ]


def _works(segment: Segment, instead: dict[int, dict]) -> bool:
    try:
        expanded(segment.definition, of=segment.pk, instead=instead)
    except BadDefinition:
        return False
    return True


class _ReferringToSegments(Func):
    template = """jsonb_path_exists(%(expressions)s, '$.** ? (@.on == "segment")')"""
    output_field = BooleanField()


def _with_references() -> QuerySet[Segment]:
    return Segment.objects.present().filter(_ReferringToSegments("definition"))


def _is_reference(rule: dict) -> bool:
    return rule.get("on") == "segment"


class _Expansion:
    """One definition on its way: what was loaded, and how much has come together."""

    def __init__(self, instead: dict[int, dict]):
        self.instead = instead
        self.loaded: dict[int, Segment] = {}
        self.size = 0

    def part(self, part: dict, chain: tuple[int, ...]) -> dict:
        """A group or rule. `chain`: the segments in which it is."""
        self.size += 1
        if self.size > definition.MAX_FROZEN_RULES:
            text = _(
                "Together with the segments that it contains, a segment can have up to %(n)d conditions and groups."
            )
            raise BadDefinition([text % {"n": definition.MAX_FROZEN_RULES}])
        if "rules" in part:
            return {"match": part.get("match"), "rules": [self.part(inner, chain) for inner in part["rules"]]}
        return self.rule(part, chain)

    def rule(self, rule: dict, chain: tuple[int, ...]) -> dict:
        args = rule.get("with")
        ids = [int(key) for key in definition.given(args.get("ids") if isinstance(args, dict) else None)]
        if not _is_reference(rule) or rule.get("op") not in ("any", "none") or not ids or not self.load(ids):
            return rule
        return {"match": rule["op"], "rules": [self.segment(self.loaded[pk], chain) for pk in ids]}

    def load(self, ids: list[int]) -> bool:
        """Whether all of them exist."""
        if missing := [pk for pk in ids if pk not in self.loaded]:
            self.loaded |= Segment.objects.present().in_bulk(missing)
        return all(pk in self.loaded for pk in ids)

    def segment(self, segment: Segment, chain: tuple[int, ...]) -> dict:
        if segment.pk in chain:
            text = _("The segment “%(name)s” would contain itself. Remove the condition that leads back to it.")
            raise BadDefinition([text % {"name": segment}])
        if len(chain) >= MAX_CHAIN:
            raise BadDefinition([_("Segments can contain one another up to %(n)d levels deep.") % {"n": MAX_CHAIN}])
        data = self.instead.get(segment.pk, segment.definition)
        if data.get("version") != definition.VERSION or not any(definition.stored_rules(data)):
            # An empty group is everyone, which nobody asked for.
            raise BadDefinition([_("The segment “%(name)s” can't be used. Open it to see why.") % {"name": segment}])
        return self.part(data, (*chain, segment.pk))
