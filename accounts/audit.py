"""Writing the audit log. Call it in the transaction that makes the change, so that neither exists without the other."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from accounts.models import AuditEntry

if TYPE_CHECKING:
    from django.db.models import Model

    from accounts.actors import Actor


def record(actor: Actor, verb: str, on: Model | None = None, **detail: Any) -> None:
    """Note that this actor did `verb` to `on`. `detail` holds metadata only: ids, counts, states."""
    AuditEntry.objects.create(
        kind=actor.kind,
        actor=actor.user,
        verb=verb,
        record=(on._meta.model_name or "") if on is not None else "",
        record_id=on.pk if on is not None else None,
        detail=detail,
        address=actor.address,
    )
