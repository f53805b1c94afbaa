"""What can be asked of a person: subjects with operators, in a registry that any app may add to.

A subject is one thing that is known (the city, the tags, the last click); an operator is one question about it, which
says what it needs to be told, how it reads in words and what it is in SQL.
"""

from __future__ import annotations

import datetime
import zoneinfo
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext_lazy as _

from contacts.groups.pickers import Kind


class BadValue(ValueError):
    """What was given can't be used; the message is for the merchant."""


@dataclass
class Context:
    """What the SQL of a condition may need, and the parameters collected so far."""

    workspace_id: int
    today: datetime.date
    zone: zoneinfo.ZoneInfo
    params: dict[str, Any] = field(default_factory=dict)

    def param(self, value) -> str:
        """A placeholder for this value."""
        name = f"s{len(self.params)}"
        self.params[name] = value
        return f"%({name})s"

    def midnight(self, day: datetime.date) -> datetime.datetime:
        """When this day begins in the workspace's zone."""
        return datetime.datetime.combine(day, datetime.time.min, tzinfo=self.zone)


@dataclass(frozen=True)
class Input:
    """One thing an operator needs to be told: its name in the rule, the kind of form field, and how it is read.

    Kinds: text, number, percent, days, times, date, choice (one of a few `options`, or `of` the many things of a kind),
    choices (several of them).
    """

    name: str
    kind: str
    label: str = ""
    options: Callable[[], list[tuple[str, str]]] | None = None
    of: Kind | None = None
    optional: bool = False


@dataclass(frozen=True)
class Operator:
    """One question about a subject. `words` has a place %(name)s for each input; `sql` yields a condition on `c`."""

    key: str
    label: Any
    words: Any
    sql: Callable[[Context, dict], str]
    inputs: tuple[Input, ...] = ()


@dataclass(frozen=True)
class Subject:
    """Something known about a person. `key` is what a stored rule names it by, and never changes."""

    key: str
    label: Any
    group: Any
    operators: tuple[Operator, ...]

    def operator(self, key: str) -> Operator | None:
        return next((operator for operator in self.operators if operator.key == key), None)


GROUP_PERSON = _("Contact")
GROUP_FIELDS = _("Custom fields")
GROUP_GROUPS = _("Tags and lists")
GROUP_COMPANY = _("Company")
GROUP_CONSENT = _("Consent")
GROUP_ENGAGEMENT = _("Engagement")
GROUP_SAMPLE = _("Sample")

GROUPS = [
    GROUP_PERSON,
    GROUP_FIELDS,
    GROUP_GROUPS,
    GROUP_COMPANY,
    GROUP_CONSENT,
    GROUP_ENGAGEMENT,
    GROUP_SAMPLE,
]

_sources: list[Callable[[], Iterable[Subject]]] = []


def register(source: Callable[[], Iterable[Subject]]) -> Callable[[], Iterable[Subject]]:
    """Add subjects. `source` is called in the scope of a workspace, whenever they are needed."""
    _sources.append(source)
    return source


def subjects() -> dict[str, Subject]:
    """All subjects of the active workspace by key, in the order in which they are offered."""
    found = [subject for source in _sources for subject in source()]
    return {subject.key: subject for subject in sorted(found, key=lambda subject: GROUPS.index(subject.group))}
