"""The settings of an import and its workspace that decide how rows are read and written. Loaded once per run."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import ClassVar

from accounts.models import Workspace
from contacts.fields import values
from contacts.imports import consent_rows, event_reading, format_inference, targets
from contacts.imports.consent_rows import ConsentColumns
from contacts.imports.event_reading import EventReading
from contacts.models import BlockedDomain, ContactField, ContactImport


@dataclass(frozen=True)
class RunSettings:
    IDENTITIES: ClassVar[frozenset] = frozenset({"email", "phone", "external_id"})

    mapping: list[str]
    target: str = ContactImport.Target.CONTACTS
    mode: str = ContactImport.Mode.BOTH
    channels: tuple[str, ...] = ("email",)
    country: str = ""
    blocked_domains: frozenset[str] = frozenset()
    # By field name, the function that turns the text of a cell into the value of the workspace's own field.
    readers: dict[str, Callable] = field(default_factory=dict)
    # The own fields that hold text as it is.
    texts: frozenset[str] = frozenset()
    # Whether an empty cell empties the contact's own field, name or language.
    clear_empty: bool = False
    # By column, the country of its phone numbers, where it is not the workspace's.
    countries: dict[int, str] = field(default_factory=dict)
    # The columns in which an apostrophe marks numbers as text.
    text_marks: frozenset[int] = frozenset()
    # The column names of the file, empty for a file without them.
    headings: list[str] = field(default_factory=list)

    # Of a file of events: how their cells are read.
    event: EventReading | None = None

    def country_of(self, column: int) -> str:
        """The country of phone numbers without a country code in this column."""
        return self.countries.get(column) or self.country

    def heading_of(self, column: int) -> str:
        """The name of a column, or its number from 1."""
        name = self.headings[column].strip() if column < len(self.headings) else ""
        return name[:200] or str(column + 1)

    consent: ConsentColumns = field(default_factory=ConsentColumns)

    @property
    def identities(self) -> set[str]:
        return set(self.mapping) & self.IDENTITIES

    @property
    def names_companies(self) -> bool:
        return bool({"company", "companies"} & set(self.mapping))

    @property
    def is_plain(self) -> bool:
        """Whether it is the usual file: people identified by e-mail alone, new and old, who all agreed to e-mail. It
        costs one look-up per row."""
        return (
            self.identities == {"email"}
            and self.mode == ContactImport.Mode.BOTH
            and self.channels == ("email",)
            and not self.clear_empty
            and not self.consent.writes
        )


def load(contact_import: ContactImport) -> RunSettings:
    """The settings of an import, read on the engine connection across workspaces: every query names the workspace."""
    workspace = Workspace.objects.get(pk=contact_import.workspace_id)
    in_workspace = {"workspace_id": workspace.pk}
    conventions = values.conventions(workspace)
    new_fields = contact_import.to_make.get("fields", {})
    # A deleted field that the import asks for is restored as it was.
    known = [
        field
        for field in ContactField.objects.filter(**in_workspace)
        if not field.deleted_at or field.name in new_fields
    ]
    fields = {field.name: (field.kind, field.choices) for field in known}
    mapping = [targets.field_meaning(meaning) for meaning in contact_import.mapping]
    readers = {}
    texts = set()
    for column, meaning in enumerate(mapping):
        if meaning.startswith("attributes:"):
            name = meaning.removeprefix("attributes:")
            # The values of a field that was deleted since the mapping are kept as text: nothing of the file is lost.
            kind, choices = fields.get(name) or (new_fields.get(name, {}).get("kind", "text"), ())
            chosen = (
                format_inference.read_options(contact_import.reading[column])
                if column < len(contact_import.reading)
                else {}
            )
            readers[name] = values.reader(kind, choices=choices, **(conventions | chosen))
            if kind == ContactField.Kind.TEXT:
                texts.add(name)
    return RunSettings(
        mapping=mapping,
        target=contact_import.target,
        mode=contact_import.mode,
        channels=tuple(contact_import.channels),
        country=workspace.country,
        blocked_domains=frozenset(BlockedDomain.objects.filter(**in_workspace).values_list("domain", flat=True)),
        readers=readers,
        texts=frozenset(texts),
        countries={n: country for n, how in enumerate(contact_import.reading) if (country := how.get("country"))},
        text_marks=frozenset(n for n, how in enumerate(contact_import.reading) if how.get("text_marks")),
        clear_empty=contact_import.clear_empty,
        headings=contact_import.headings,
        event=event_reading.load(
            mapping,
            contact_import.reading,
            contact_import.event,
            workspace.zone,
            conventions,
            contact_import.headings,
        )
        if contact_import.target == ContactImport.Target.EVENTS
        else None,
        consent=consent_rows.load(mapping, contact_import.reading, contact_import.headings, conventions, workspace.zone)
        if contact_import.target == ContactImport.Target.CONTACTS
        else ConsentColumns(),
    )
