"""Finding a message by what its provider calls it, for receipts that can't carry our own token."""

from __future__ import annotations

from delivery.models import Message, ProviderAccount


def find(account: ProviderAccount, provider_id: str) -> Message | None:
    """The account's message with this id, in the active scope. Two providers may give the same id."""
    if not provider_id:
        return None
    found = Message.objects.filter(provider_id=provider_id, batch__account_id=account.pk)
    return found.order_by("-batch_id").first()
