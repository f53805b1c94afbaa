"""Reads and checks a segment's definition: nested groups of rules as JSON data with a version.

{"version": 1, "match": "all", "rules": [
    {"on": "field:city", "op": "is", "with": {"value": "Lyon"}},
    {"match": "none", "rules": [{"on": "tag", "op": "any", "with": {"ids": [3]}}]}]}
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from contacts.fields import values
from contacts.groups.pickers import Kind
from contacts.segments import schema_cache
from contacts.segments.conditions import BadValue, Input, Operator, Subject
from contacts.segments.schema_cache import SchemaCache
from kernel.words import is_storable

VERSION = 1
MATCHES = ("all", "any", "none")
MAX_RULES = 50
MAX_DEPTH = 4
# Of a definition with the conditions of inner segments (contacts.segments.nesting): rules and groups, and levels.
MAX_FROZEN_RULES, MAX_FROZEN_DEPTH = 200, 30
MAX_TEXT_LENGTH = 500
MAX_LINES, MAX_LINES_LENGTH = 5000, 200_000  # values of a pasted list, and their characters together
#: The smallest and the greatest whole number, by kind of input.
WHOLE = {"days": (0, 36_600), "years": (0, 150), "times": (1, 1000), "campaigns": (1, 50)}
MAX_CHOICES = 1000


class BadDefinition(ValueError):
    """Raised for a definition that can't be used as it is; the messages are for the merchant."""

    def __init__(self, problems: list[str]):
        super().__init__(" ".join(problems))
        self.problems = problems


@dataclass
class Rule:
    """One question with the values of its inputs (`args`). If it can't be used, `problem` says why."""

    on: str = ""
    op: str = ""
    args: dict = field(default_factory=dict)
    subject: Subject | None = None
    operator: Operator | None = None
    names: dict[str, dict[str, str]] = field(default_factory=dict)  # by input, the names of what was chosen, by key
    problem: str = ""

    def data(self) -> dict:
        return {"on": self.on, "op": self.op, "with": self.args}


@dataclass
class Group:
    """Rules and groups, of which all, any or none must be true."""

    match: str = "all"
    parts: list[Group | Rule] = field(default_factory=list)
    is_frozen: bool = False  # with the conditions of inner segments

    def data(self) -> dict:
        return {"match": self.match, "rules": [part.data() for part in self.parts]}

    def rules(self) -> list[Rule]:
        """All rules, also those of nested groups."""
        found: list[Rule] = []
        for part in self.parts:
            found += part.rules() if isinstance(part, Group) else [part]
        return found

    def problems(self) -> list[str]:
        return [rule.problem for rule in self.rules() if rule.problem]


def read(data: Any) -> Group:
    """The definition as groups and rules; a rule that can't be used has its problem. Raises BadDefinition if the whole
    definition can't be shown."""
    found = read_each([data])[0]
    if isinstance(found, BadDefinition):
        raise found
    return found


def read_each(definitions: Iterable) -> list[Group | BadDefinition]:
    """Several definitions at the cost of one: the names of what they choose are looked up together."""
    known = schema_cache.schema()
    roots = [_root(data, known) for data in definitions]
    rules = [rule for root in roots if isinstance(root, Group) for rule in root.rules() if rule.operator]
    wanted: dict[Kind, list[str]] = {}
    for rule in rules:
        for one in rule.operator.inputs if rule.operator else ():
            if one.of is not None:
                wanted.setdefault(one.of, []).extend(given(rule.args.get(one.name)))
    for kind, keys in wanted.items():
        known.names(kind, keys)
    for rule in rules:
        _fill(rule, known)
    return roots


def read_usable(data: Any) -> Group:
    """The definition, if it has no problems. Raises BadDefinition."""
    root = read(data)
    if problems := problems_of(root):
        raise BadDefinition(problems)
    return root


def problems_of(root: Group) -> list[str]:
    """The reasons why the definition can't be used; empty if it can."""
    if not root.rules():
        return [_("Add at least one condition. Without conditions, a segment contains all contacts.")]
    if not root.is_frozen and len(root.rules()) > MAX_RULES:
        # It is still read: the builder must show the rules, or all of them would be lost.
        text = _("A segment can have up to %(n)d conditions. Remove some, or create two segments.")
        return [text % {"n": MAX_RULES}, *root.problems()]
    return root.problems()


def stored(root: Group) -> dict:
    """The definition as it is stored in Segment.definition."""
    return {"version": VERSION, **root.data()}


def stored_rules(part: dict) -> Iterator[dict]:
    """All rules of a stored definition, or of a part of it, as data."""
    if "rules" not in part:
        yield part
        return
    for inner in part["rules"] if isinstance(part["rules"], list) else ():
        if isinstance(inner, dict):
            yield from stored_rules(inner)


def _root(data: Any, known: SchemaCache) -> Group | BadDefinition:
    try:
        if not isinstance(data, dict) or data.get("version", VERSION) != VERSION:
            raise BadDefinition([_("This segment was created with another version of Fanfare.")])
        is_frozen = data.get("frozen") is True
        root = _group(data, known.subjects, MAX_FROZEN_DEPTH if is_frozen else MAX_DEPTH)
        root.is_frozen = is_frozen
        return root
    except BadDefinition as problem:
        return problem


def _group(data: dict, known: dict[str, Subject], levels: int) -> Group:
    """`levels`: how deep groups may be nested in it, itself included."""
    match, rules = data.get("match"), data.get("rules")
    if match not in MATCHES or not isinstance(rules, list):
        raise BadDefinition([_("A group of conditions can't be read. Remove it and add it again.")])
    if levels < 1:
        raise BadDefinition([_("Groups can be nested up to %(n)d levels deep.") % {"n": MAX_DEPTH}])
    parts: list[Group | Rule] = []
    for part in rules:
        if not isinstance(part, dict):
            raise BadDefinition([_("A condition can't be read. Remove it and add it again.")])
        parts.append(_group(part, known, levels - 1) if "rules" in part else _rule(part, known))
    return Group(match, parts)


def _rule(data: dict, known: dict[str, Subject]) -> Rule:
    args = data.get("with")
    rule = Rule(str(data.get("on", "")), str(data.get("op", "")), args if isinstance(args, dict) else {})
    rule.subject = known.get(rule.on)
    if rule.subject is None:
        rule.problem = (
            _("Choose what the condition is about.")
            if not rule.on
            else _("“%(name)s” no longer exists. Choose something else or remove the condition.")
            % {"name": rule.on.partition(":")[2] or rule.on}
        )
        return rule
    rule.operator = rule.subject.operator(rule.op)
    if rule.operator is None:
        rule.problem = _("%(subject)s: choose a condition.") % {"subject": rule.subject.label}
        return rule
    return rule


def _fill(rule: Rule, known: SchemaCache) -> None:
    """Read the inputs of the rule's operator, and the names of what was chosen."""
    inputs = rule.operator.inputs if rule.operator else ()
    rule.names = {one.name: _names(one, rule.args.get(one.name), known) for one in inputs}
    try:
        rule.args = {one.name: _read_input(one, rule.args.get(one.name), rule.names[one.name], known) for one in inputs}
        if any(one.kind == "years" for one in inputs) and rule.args["low"] > rule.args["high"]:
            raise BadValue(_("enter the smaller number first."))
    except BadValue as problem:
        label = rule.subject.label if rule.subject else ""
        rule.problem = _("%(subject)s: %(problem)s") % {"subject": label, "problem": problem}


def given(value: Any) -> list[str]:
    """The keys that were chosen, also those that don't exist."""
    return [str(item) for item in value] if isinstance(value, list) else [str(value)] if value else []


def _names(one: Input, value: Any, known: SchemaCache) -> dict[str, str]:
    if one.of is not None:
        return known.names(one.of, given(value))
    return {key: str(label) for key, label in known.options(one.options)} if one.options else {}


def _read_input(one: Input, value: Any, names: dict[str, str], known: SchemaCache) -> str | int | list[str] | None:
    """The value of an input, as it is stored. Raises BadValue."""
    if one.kind == "choices":
        return _choices(one, given(value), names)
    if one.kind == "lines":
        return _lines(value)
    if value is None or (text := str(value).strip()) == "":
        if one.optional:
            return None
        raise BadValue(_("choose one.") if one.kind == "choice" else _("enter a value."))
    if not _is_usable(text):
        raise BadValue(_("this text can't be used."))
    if one.kind == "choice" and text not in names:
        raise BadValue(_("the selected item no longer exists. Choose another one."))
    if one.kind in ("number", "percent"):
        return _NUMBERS[one.kind](known, text)
    return _READ[one.kind](one, text)


def _choices(one: Input, chosen: list[str], names: dict[str, str]) -> list[str]:
    kept = [item for item in dict.fromkeys(chosen) if item in names]
    if len(kept) < len(set(chosen)):
        raise BadValue(_("one of the selected items no longer exists. Remove it or choose another one."))
    if not kept and not one.optional:
        raise BadValue(_("choose at least one."))
    if len(kept) > MAX_CHOICES:
        raise BadValue(_("choose up to %(n)d.") % {"n": MAX_CHOICES})
    return kept


def _lines(value: Any) -> list[str]:
    """A pasted list: a value per line. One single line may hold several values, between semicolons or commas."""
    lines = [str(line) for line in value] if isinstance(value, list) else _pasted(str(value or ""))
    kept = list(dict.fromkeys(line for each in lines if (line := each.strip())))
    if not kept:
        raise BadValue(_("enter at least one value."))
    if len(kept) > MAX_LINES or sum(map(len, kept)) > MAX_LINES_LENGTH:
        text = _("a list can have up to %(n)d values with %(characters)d characters together.")
        raise BadValue(text % {"n": MAX_LINES, "characters": MAX_LINES_LENGTH})
    if wrong := next((line for line in kept if not _is_usable(line)), None):
        raise BadValue(_("“%(text)s” can't be used.") % {"text": ascii(wrong[:40])[1:-1]})
    return kept


def _pasted(text: str) -> list[str]:
    lines = re.split(r"[\r\n\t]+", text.strip())
    if len(lines) > 1:
        return lines
    return text.split(";" if ";" in text else ",")


def _is_usable(text: str) -> bool:
    return len(text) <= MAX_TEXT_LENGTH and is_storable(text)


def _number(known: SchemaCache, text: str) -> str:
    """A number, read as in a contact's own fields. The stored text is the same in every country: "1234.5"."""
    try:
        number = known.read_number(text)
    except values.BadValue:
        raise BadValue(_("“%(text)s” is not a number.") % {"text": text[:40]}) from None
    return format(Decimal(str(number)), "f")


def _whole(one: Input, text: str) -> int:
    low, high = WHOLE[one.kind]
    if not (text.isascii() and text.isdigit() and len(text) < 6 and low <= int(text) <= high):
        raise BadValue(_("enter a whole number from %(least)d to %(most)d.") % {"least": low, "most": high})
    return int(text)


def _percent(known: SchemaCache, text: str) -> str:
    number = Decimal(_number(known, text.rstrip("% ") or text))
    if not 0 < number <= 100:
        raise BadValue(_("enter a percentage between 0 and 100."))
    return format(number, "f")


def _date(one: Input, text: str) -> str:
    try:
        day = datetime.date.fromisoformat(text)
    except ValueError:
        raise BadValue(_("enter a date such as 2026-12-24.")) from None
    if not 1800 <= day.year <= 2200:
        raise BadValue(_("enter a date such as 2026-12-24."))
    return day.isoformat()


_READ: dict[str, Callable[[Input, str], str | int]] = {
    "text": lambda one, text: text,
    **dict.fromkeys(WHOLE, _whole),
    "date": _date,
    "choice": lambda one, text: text,
}
_NUMBERS = {"number": _number, "percent": _percent}
