"""What an import's settings and its workspace's say about its rows, asked once per run."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import ClassVar

from accounts.models import Workspace
from contacts.fields import values
from contacts.imports import format_inference, targets
from contacts.models import BlockedDomain, ContactField, ContactImport


@dataclass(frozen=True)
class Plan:
    IDENTITIES: ClassVar[frozenset] = frozenset({"email", "phone", "external_id"})

    mapping: list[str]
    target: str = ContactImport.Target.CONTACTS
    mode: str = ContactImport.Mode.BOTH
    channels: tuple[str, ...] = ("email",)
    country: str = ""
    blocked_domains: frozenset[str] = frozenset()
    # How the text of each of the workspace's own fields becomes a value.
    readers: dict[str, Callable] = field(default_factory=dict)

    @property
    def identities(self) -> set[str]:
        return set(self.mapping) & self.IDENTITIES

    @property
    def names_companies(self) -> bool:
        return bool({"company", "companies"} & set(self.mapping))

    @property
    def is_plain(self) -> bool:
        """People known by e-mail alone, new and old, who agreed to e-mail: the usual file, and one look-up a row."""
        return self.identities == {"email"} and self.mode == ContactImport.Mode.BOTH and self.channels == ("email",)


def of(contact_import: ContactImport) -> Plan:
    """The plan of an import, read on the engine connection across workspaces: every query names the workspace."""
    workspace = Workspace.objects.get(pk=contact_import.workspace_id)
    mine = {"workspace_id": workspace.pk}
    written = values.conventions(workspace)
    coming = contact_import.to_make.get("fields", {})
    # A field in the trash that the import asks for comes back as it was.
    known = [field for field in ContactField.objects.filter(**mine) if not field.deleted_at or field.name in coming]
    fields = {field.name: (field.kind, field.choices) for field in known}
    mapping = [targets.as_made(meaning) for meaning in contact_import.mapping]
    readers = {}
    for column, meaning in enumerate(mapping):
        if meaning.startswith("attributes:"):
            name = meaning.removeprefix("attributes:")
            # A field deleted since the mapping was made is kept as text: nothing of the file is lost.
            kind, choices = fields.get(name) or (coming.get(name, {}).get("kind", "text"), ())
            chosen = (
                format_inference.spelled(contact_import.reading[column]) if column < len(contact_import.reading) else {}
            )
            readers[name] = values.reader(kind, choices=choices, **(written | chosen))
    return Plan(
        mapping=mapping,
        target=contact_import.target,
        mode=contact_import.mode,
        channels=tuple(contact_import.channels),
        country=workspace.country,
        blocked_domains=frozenset(BlockedDomain.objects.filter(**mine).values_list("domain", flat=True)),
        readers=readers,
    )
