"""Describes a definition in a sentence, for the builder and the list of segments."""

from __future__ import annotations

from django.utils.translation import gettext as _

from contacts.segments.conditions import Input
from contacts.segments.definition import WHOLE, Group, Rule

MAX_NAMES = 3  # if more are chosen, the rest is a number


def sentence(group: Group) -> str:
    """The definition as a sentence, such as "City is “Lyon” and E-mail is filled in."."""
    text = _group(group)
    if not text:
        return _("All contacts.")
    end = "" if text.endswith("…") else "."  # an unfinished condition ends with dots of its own
    return text[:1].upper() + text[1:] + end


def rule(one: Rule) -> str:
    """One rule alone, such as "City is “Lyon”"."""
    if one.subject is None:
        return one.on.partition(":")[2] or "…"
    if one.operator is None:
        return f"{one.subject.label} …"
    joiner = _(" and ") if one.operator.key == "all" else _(" or ")
    args = {inp.name: _arg(inp, one, joiner) for inp in one.operator.inputs}
    return f"{one.subject.label} {one.operator.phrase % args}"


def _group(group: Group) -> str:
    joiner = _(" and ") if group.match == "all" else _(" or ")
    parts = [f"({_group(part)})" if isinstance(part, Group) else rule(part) for part in group.parts]
    text = joiner.join(part for part in parts if part != "()")
    return _("none of these: %(words)s") % {"words": text} if group.match == "none" and text else text


class _Many(int):
    """A placeholder for a number that is missing or wrong. ngettext takes it for a plural, and shows its text."""

    shown: str

    def __new__(cls, shown: str):
        number = super().__new__(cls, 2)
        number.shown = shown
        return number

    def __str__(self) -> str:
        return self.shown


def _arg(inp: Input, one: Rule, joiner: str) -> str | int:
    value, names = one.args.get(inp.name), one.names.get(inp.name, {})
    if inp.kind in WHOLE:
        return value if isinstance(value, int) else _Many(str(value or "…"))
    if value in (None, ""):
        return "…"
    if inp.kind not in ("choice", "choices", "lines"):
        return str(value)
    chosen = [str(names.get(key, key)) for key in (value if isinstance(value, list) else [value])]
    if not isinstance(value, list):
        return chosen[0]
    quoted = [_("“%(name)s”") % {"name": name} for name in chosen[:MAX_NAMES]]
    if len(chosen) > MAX_NAMES:
        quoted.append(_("%(n)d more") % {"n": len(chosen) - MAX_NAMES})
    return joiner.join(quoted)
