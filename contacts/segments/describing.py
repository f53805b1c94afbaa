"""A definition as a sentence: what the merchant reads beside the builder, and in the list of segments."""

from __future__ import annotations

from django.utils.translation import gettext as _

from contacts.segments.conditions import Input
from contacts.segments.definition import Group, Rule

NAMED = 3  # of many chosen things, so many are named


def sentence(group: Group) -> str:
    words = _group(group)
    return words[:1].upper() + words[1:] + "." if words else _("All contacts.")


def rule(one: Rule) -> str:
    """The rule alone, such as: city is “Lyon”."""
    if one.subject is None:
        return one.on.partition(":")[2] or "…"
    if one.operator is None:
        return f"{one.subject.label} …"
    joiner = _(" and ") if one.operator.key == "all" else _(" or ")
    told = {inp.name: _told(inp, one, joiner) for inp in one.operator.inputs}
    return f"{one.subject.label} {one.operator.words % told}"


def _group(group: Group) -> str:
    joiner = _(" and ") if group.match == "all" else _(" or ")
    parts = [f"({_group(part)})" if isinstance(part, Group) else rule(part) for part in group.parts]
    words = joiner.join(part for part in parts if part != "()")
    return _("none of these: %(words)s") % {"words": words} if group.match == "none" and words else words


class _Many(int):
    """What stands where a number is to be told, for words that have a plural."""

    shown: str

    def __new__(cls, shown: str):
        number = super().__new__(cls, 2)
        number.shown = shown
        return number

    def __str__(self) -> str:
        return self.shown


def _told(inp: Input, one: Rule, joiner: str) -> str | int:
    value, names = one.told.get(inp.name), one.names.get(inp.name, {})
    if inp.kind in ("days", "times"):
        return value if isinstance(value, int) else _Many(str(value or "…"))
    if value in (None, ""):
        return "…"
    if inp.kind not in ("choice", "choices"):
        return str(value)
    chosen = [str(names.get(key, key)) for key in (value if isinstance(value, list) else [value])]
    if not isinstance(value, list):
        return chosen[0]
    quoted = [_("“%(name)s”") % {"name": name} for name in chosen[:NAMED]]
    if len(chosen) > NAMED:
        quoted.append(_("%(n)d more") % {"n": len(chosen) - NAMED})
    return joiner.join(quoted)
