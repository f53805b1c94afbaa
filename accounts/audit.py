"""Writing the audit log. Call it in the transaction that does the deed, so that neither exists without the other."""

from accounts.models import AuditEntry
from kernel.http import client_address


def record(request_or_user, verb: str, on=None, **detail) -> None:
    """Note that this person did `verb` to `on` (a model instance). `detail` holds metadata: ids, counts, states."""
    user = getattr(request_or_user, "user", request_or_user)
    address = client_address(request_or_user) if hasattr(request_or_user, "META") else None
    AuditEntry.objects.create(
        actor=user if user is not None and user.is_authenticated else None,
        verb=verb,
        record=on._meta.model_name if on is not None else "",
        record_id=on.pk if on is not None else None,
        detail=detail,
        address=address,
    )
