"""Says in words what was changed, and what changed it: for the timeline and for a person's data."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from django.db.models import Model
from django.utils.translation import gettext as _

from accounts.models import User
from contacts.changes.reading import Change
from contacts.fields.labels import LABELS
from contacts.models import (
    Channel,
    Contact,
    ContactChange,
    ContactField,
    ContactImport,
    ContactList,
    EventName,
    Segment,
    SignupForm,
    Tag,
    Topic,
)
from kernel.templatetags.ui import colon

Kind, Source = ContactChange.Kind, ContactChange.Source
TARGETS: dict[str, type[Model]] = {
    Kind.TAGGED: Tag,
    Kind.UNTAGGED: Tag,
    Kind.LISTED: ContactList,
    Kind.UNLISTED: ContactList,
    Kind.TOPIC_CHOSEN: Topic,
    Kind.EVENT: EventName,
    Kind.TOPIC_REFUSED: Topic,
}
SOURCES: dict[str, type[Model]] = {
    Source.IMPORT: ContactImport,
    Source.UNDO: ContactImport,
    Source.FORM: SignupForm,
    Source.SEGMENT: Segment,
}


@dataclass
class Words:
    """The names that changes need, read with one query a table."""

    _names: dict[tuple[type[Model], int], str] = field(default_factory=dict)
    _fields: dict[str, str] = field(default_factory=dict)

    def what(self, change: Change) -> str:
        """Which tag, list, topic, field or channel; empty for what concerns the contact as a whole."""
        if model := TARGETS.get(change.kind):
            return self._names.get((model, change.target_id or 0)) or _("deleted meanwhile")
        if change.kind == Kind.FIELD:
            own = change.field.removeprefix("own:")
            return str(LABELS.get(change.field) or self._fields.get(own, own))
        return str(Channel(change.channel).label) if change.channel in Channel.values else ""

    def source(self, change: Change) -> str:
        """Such as “Import: customers.csv”."""
        label = str(Source(change.source).label) if change.source in Source.values else change.source
        model = SOURCES.get(change.source)
        name = self._names.get((model, change.source_id or 0), "") if model else ""
        return f"{colon(label)} {name}" if name else label

    def actor(self, change: Change) -> str:
        """The member behind it, if there was one."""
        return self._names.get((User, change.actor_id or 0), "")


def words_for(changes: Iterable[Change]) -> Words:
    """The names for these changes, in the active scope."""
    changes = list(changes)
    wanted: dict[type[Model], set[int]] = {}
    for change in changes:
        for model, pk in (
            (TARGETS.get(change.kind), change.target_id),
            (SOURCES.get(change.source), change.source_id),
            (User, change.actor_id),
        ):
            if model is not None and pk is not None:
                wanted.setdefault(model, set()).add(pk)
    words = Words()
    for model, ids in wanted.items():
        rows = model._default_manager.filter(pk__in=ids)
        if model is ContactImport:
            rows = rows.defer("preview")
        words._names |= {(model, row.pk): str(row) for row in rows}
    own = {change.field.removeprefix("own:") for change in changes if change.field.startswith("own:")}
    if own:
        words._fields = dict(ContactField.objects.filter(name__in=own).values_list("name", "label"))
    return words


def of_merged(change: Change, contact: Contact) -> bool:
    """Whether it happened to a contact that was merged into this one."""
    return contact.pk not in change.contact_ids
