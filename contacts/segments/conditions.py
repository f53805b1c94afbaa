"""The possible conditions on a contact: subjects with operators, in a registry that any app may add to.

A subject is one known thing (the city, the tags, the last click). An operator is one question about it, with the inputs
it needs, its text and its SQL.
"""

from __future__ import annotations

import datetime
import zoneinfo
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext_lazy as _

from contacts.groups.pickers import Kind
from kernel.extensions import Extensions


class BadValue(ValueError):
    """Raised for an input that can't be used; the message is for the merchant."""


@dataclass
class Context:
    """What the SQL of a condition may need, and the parameters collected so far."""

    workspace_id: int
    today: datetime.date
    zone: zoneinfo.ZoneInfo
    params: dict[str, Any] = field(default_factory=dict)

    def param(self, value: Any) -> str:
        """Add a parameter. Returns its placeholder."""
        name = f"s{len(self.params)}"
        self.params[name] = value
        return f"%({name})s"

    def midnight(self, day: datetime.date) -> datetime.datetime:
        """The moment at which this day begins in the workspace's time zone."""
        return datetime.datetime.combine(day, datetime.time.min, tzinfo=self.zone)


#: Keys and labels to choose from.
Options = list[tuple[str, Any]]
#: Returns the SQL condition on `c` of an operator, given the values of its inputs by name.
Sql = Callable[[Context, dict], str]


@dataclass(frozen=True, eq=False)
class Input:
    """One value that an operator needs: its name in the rule, and its kind, which decides how it is read and shown.

    Kinds: text, lines (a pasted list of texts), number, percent, days, years, times and campaigns (whole numbers),
    date, choice (one of a few `options`, or one of the many objects of the kind `of`), choices (several of them).
    """

    name: str
    kind: str
    label: Any = ""
    options: Callable[[], Options] | None = None
    of: Kind | None = None
    optional: bool = False


@dataclass(frozen=True, eq=False)
class Operator:
    """One question about a subject. `phrase` is its text, with %(name)s for each input."""

    key: str
    label: Any
    phrase: Any
    sql: Sql
    inputs: tuple[Input, ...] = ()


@dataclass(frozen=True, eq=False)
class Subject:
    """Something known about a contact. Stored rules refer to it by `key`, which never changes."""

    key: str
    label: Any
    group: Any
    operators: tuple[Operator, ...]

    def operator(self, key: str) -> Operator | None:
        return next((operator for operator in self.operators if operator.key == key), None)


GROUP_PERSON = _("Contact")
GROUP_FIELDS = _("Custom fields")
GROUP_GROUPS = _("Tags, lists and segments")
GROUP_ORIGIN = _("Origin")
GROUP_COMPANY = _("Company")
GROUP_CONSENT = _("Consent")
GROUP_ENGAGEMENT = _("Engagement")
GROUP_EVENTS = _("Events")
GROUP_SAMPLE = _("Sample")

GROUPS = [
    GROUP_PERSON,
    GROUP_FIELDS,
    GROUP_GROUPS,
    GROUP_ORIGIN,
    GROUP_COMPANY,
    GROUP_CONSENT,
    GROUP_ENGAGEMENT,
    GROUP_EVENTS,
    GROUP_SAMPLE,
]

SOURCES: Extensions[Callable[[], Iterable[Subject]]] = Extensions(
    "segment conditions", "Functions that return subjects, called in the scope of a workspace when they are needed."
)
register = SOURCES.add


def subjects() -> dict[str, Subject]:
    """All subjects of the active workspace by key, in the order in which they are offered."""
    found = [subject for source in SOURCES for subject in source()]
    return {subject.key: subject for subject in sorted(found, key=lambda subject: GROUPS.index(subject.group))}
