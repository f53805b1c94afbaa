"""A segment's definition: nested groups of rules as JSON data with a version, read and checked before it is used.

{"version": 1, "match": "all", "rules": [
    {"on": "field:city", "op": "is", "with": {"value": "Lyon"}},
    {"match": "none", "rules": [{"on": "tag", "op": "any", "with": {"ids": [3]}}]}]}
"""

from __future__ import annotations

import datetime
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation

from django.utils.translation import gettext as _

from contacts.segmentation.conditions import BadValue, Input, Operator, Subject, subjects

VERSION = 1
MATCHES = ("all", "any", "none")
MOST_RULES = 50
DEEPEST = 4
LONGEST_TEXT = 500
MOST_DAYS = 3660
MOST_CHOICES = 1000


class BadDefinition(ValueError):
    """The definition can't be used as it is; the messages are for the merchant."""

    def __init__(self, problems: list[str]):
        super().__init__(" ".join(problems))
        self.problems = problems


@dataclass
class Rule:
    """One question, and what it was told. Where it can't be used, `problem` says why."""

    on: str = ""
    op: str = ""
    told: dict = field(default_factory=dict)
    subject: Subject | None = None
    operator: Operator | None = None
    problem: str = ""

    def data(self) -> dict:
        return {"on": self.on, "op": self.op, "with": self.told}


@dataclass
class Group:
    """Rules and groups of which all, any or none must hold."""

    match: str = "all"
    parts: list[Group | Rule] = field(default_factory=list)

    def data(self) -> dict:
        return {"match": self.match, "rules": [part.data() for part in self.parts]}

    def rules(self) -> list[Rule]:
        found: list[Rule] = []
        for part in self.parts:
            found += part.rules() if isinstance(part, Group) else [part]
        return found

    def problems(self) -> list[str]:
        return [rule.problem for rule in self.rules() if rule.problem]


def read(data) -> Group:
    """The definition as groups and rules, each rule with its problem, where it has one. Raises BadDefinition where the
    whole is nothing that can be shown."""
    if not isinstance(data, dict) or data.get("version", VERSION) != VERSION:
        raise BadDefinition([_("This segment was written by another version of Fanfare.")])
    root = _group(data, subjects(), 1)
    if len(root.rules()) > MOST_RULES:
        raise BadDefinition([_("A segment has at most %(n)d conditions.") % {"n": MOST_RULES}])
    return root


def read_usable(data) -> Group:
    """The definition, complete and without problems. Raises BadDefinition."""
    root = read(data)
    problems = root.problems()
    if not root.rules():
        problems = [_("Add at least one condition: a segment without conditions is everyone.")]
    if problems:
        raise BadDefinition(problems)
    return root


def stored(root: Group) -> dict:
    return {"version": VERSION, **root.data()}


def _group(data: dict, known: dict[str, Subject], depth: int) -> Group:
    match, rules = data.get("match"), data.get("rules")
    if match not in MATCHES or not isinstance(rules, list):
        raise BadDefinition([_("A group of conditions can't be read.")])
    if depth > DEEPEST:
        raise BadDefinition([_("Groups are nested at most %(n)d deep.") % {"n": DEEPEST}])
    parts: list[Group | Rule] = []
    for part in rules:
        if not isinstance(part, dict):
            raise BadDefinition([_("A condition can't be read.")])
        parts.append(_group(part, known, depth + 1) if "rules" in part else _rule(part, known))
    return Group(match, parts)


def _rule(data: dict, known: dict[str, Subject]) -> Rule:
    told = data.get("with")
    rule = Rule(str(data.get("on", "")), str(data.get("op", "")), told if isinstance(told, dict) else {})
    rule.subject = known.get(rule.on)
    if rule.subject is None:
        rule.problem = (
            _("Choose what a condition is about.")
            if not rule.on
            else _("“%(name)s” no longer exists: choose something else or remove the condition.")
            % {"name": rule.on.partition(":")[2] or rule.on}
        )
        return rule
    rule.operator = rule.subject.operator(rule.op)
    if rule.operator is None:
        rule.problem = _("%(subject)s: choose a condition.") % {"subject": rule.subject.label}
        return rule
    try:
        rule.told = {one.name: read_input(one, rule.told.get(one.name)) for one in rule.operator.inputs}
    except BadValue as problem:
        rule.problem = f"{rule.subject.label}: {problem}"
    return rule


def read_input(one: Input, value):
    """What was given for an input, as it is stored. Raises BadValue."""
    if one.kind == "choices":
        return _choices(one, value)
    if value is None or (text := str(value).strip()) == "":
        if one.optional:
            return None
        raise BadValue(_("say with what to compare."))
    if "\0" in text or len(text) > LONGEST_TEXT or text != text.encode("utf-8", "replace").decode():
        raise BadValue(_("this text can't be used."))
    return _READ[one.kind](one, text)


def _choices(one: Input, value) -> list[str]:
    given = [str(item) for item in value] if isinstance(value, list) else [str(value)] if value else []
    offered = {key for key, _label in one.options()} if one.options else set()
    kept = [item for item in dict.fromkeys(given) if item in offered]
    if len(kept) < len(set(given)):
        raise BadValue(_("something that was chosen no longer exists: choose again."))
    if not kept and not one.optional:
        raise BadValue(_("choose at least one."))
    if len(kept) > MOST_CHOICES:
        raise BadValue(_("choose at most %(n)d.") % {"n": MOST_CHOICES})
    return kept


def _choice(one: Input, text: str) -> str:
    if one.options is None or text not in {key for key, _label in one.options()}:
        raise BadValue(_("what was chosen no longer exists: choose again."))
    return text


def _number(one: Input, text: str) -> str:
    try:
        number = Decimal(text.replace(",", ".").replace("\u202f", "").replace("\u00a0", "").replace(" ", ""))
    except InvalidOperation:
        number = Decimal("NaN")
    if not number.is_finite() or abs(number) >= Decimal(10) ** 30 or number.adjusted() < -20:
        raise BadValue(_("“%(text)s” is no number.") % {"text": text[:40]})
    return format(number, "f")


def _whole(one: Input, text: str) -> int:
    least, most = (1, 1000) if one.kind == "times" else (0, MOST_DAYS)
    if not (text.isascii() and text.isdigit() and len(text) < 6 and least <= int(text) <= most):
        raise BadValue(_("give a whole number from %(least)d to %(most)d.") % {"least": least, "most": most})
    return int(text)


def _percent(one: Input, text: str) -> str:
    number = Decimal(_number(one, text.rstrip("% ")))
    if not 0 < number <= 100:
        raise BadValue(_("give a share between 0 and 100 percent."))
    return format(number, "f")


def _date(one: Input, text: str) -> str:
    try:
        day = datetime.date.fromisoformat(text)
    except ValueError:
        raise BadValue(_("give a date such as 2026-12-24.")) from None
    if not 1800 <= day.year <= 2200:
        raise BadValue(_("give a date such as 2026-12-24."))
    return day.isoformat()


_READ = {
    "text": lambda one, text: text,
    "number": _number,
    "days": _whole,
    "times": _whole,
    "percent": _percent,
    "date": _date,
    "choice": _choice,
}
