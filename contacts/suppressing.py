"""The list of addresses that must not be written to. It outlives the contacts.

After erasure only a keyed hash of the address is kept, so that nobody can read it and yet no import brings it back.
"""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import Q

from contacts.models import Contact, Suppression
from kernel.secrets import digests
from kernel.tenancy import require_workspace_id

# What a new contact with such an address begins as.
STATUS_OF_REASON = {
    Suppression.Reason.BOUNCED: Contact.Status.BOUNCED,
    Suppression.Reason.COMPLAINED: Contact.Status.COMPLAINED,
}


def address_digests(workspace_id: int, channel: str, address: str) -> list[bytes]:
    """The address's keyed hashes under every key that is still known, the current one first."""
    return digests("suppression", f"{workspace_id}\0{channel}\0{address}")


def of_address(channel: str, address: str) -> Suppression | None:
    """The suppression of this address in the active workspace, erased or not."""
    hashes = address_digests(require_workspace_id(), channel, address)
    return Suppression.objects.filter(Q(recipient=address) | Q(digest__in=hashes), channel=channel).first()


def erased_among(workspace_id: int, channel: str, addresses: Iterable[str], cursor) -> set[str]:
    """Which of these addresses belong to erased people; on the engine's cursor. One look where nobody was erased."""
    cursor.execute(
        "SELECT EXISTS (SELECT FROM contacts_suppression WHERE workspace_id = %s AND channel = %s "
        "AND digest IS NOT NULL)",
        [workspace_id, channel],
    )
    if not cursor.fetchone()[0]:
        return set()
    owner = {digest: address for address in addresses for digest in address_digests(workspace_id, channel, address)}
    cursor.execute(
        "SELECT digest FROM contacts_suppression WHERE workspace_id = %s AND channel = %s AND digest = ANY(%s)",
        [workspace_id, channel, list(owner)],
    )
    return {owner[bytes(row[0])] for row in cursor.fetchall()}


def suppress(channel: str, address: str, reason: str, note: str = "") -> None:
    """Put an address on the list. A complaint or a bounce is not weakened by a later unsubscribe."""
    found = of_address(channel, address)
    if found is None:
        Suppression.objects.create(channel=channel, recipient=address, reason=reason, note=note)
    elif found.reason not in (Suppression.Reason.COMPLAINED, Suppression.Reason.ERASED):
        found.reason, found.note = reason, note or found.note
        found.save(update_fields=["reason", "note"])


def erase(channel: str, address: str) -> None:
    """Keep the refusal and forget the address."""
    digest = address_digests(require_workspace_id(), channel, address)[0]
    Suppression.objects.filter(channel=channel, recipient=address).delete()
    Suppression.objects.get_or_create(channel=channel, digest=digest, defaults={"reason": Suppression.Reason.ERASED})


def status_of(channel: str, address: str) -> str | None:
    """What a contact with this address is from the start, because the address is on the list; None where it is not."""
    found = of_address(channel, address)
    return STATUS_OF_REASON.get(found.reason, Contact.Status.UNSUBSCRIBED) if found else None
