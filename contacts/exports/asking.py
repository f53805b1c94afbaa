"""Ask for a file: the row that the page shows, the audit entry and the job that writes the file."""

from __future__ import annotations

from accounts import audit
from accounts.actors import Actor
from contacts.exports import running
from contacts.models import Export
from kernel.jobs import enqueue


def ask(actor: Actor, *, kind: str, file_format: str, name: str, wanted: dict) -> Export:
    """Ask for an export in the active scope. `kind` is one of kinds.KINDS, `wanted` what its source understands. Raises
    KeyError for a kind that does not exist. The caller has asked `actor.may(...)`.
    """
    export = running.begin(kind=kind, file_format=file_format, name=name, wanted=wanted, user=actor.user)
    audit.record(actor, "export.asked", export, kind=kind, format=file_format)
    enqueue("contacts.make_export", workspace_id=export.workspace_id, export_id=export.pk)
    return export
