"""The list of addresses that must not be written to. It outlives the contacts.

After erasure only a keyed hash of the address is kept, so that nobody can read it and yet no import brings it back.
"""

from __future__ import annotations

from collections.abc import Iterable

from django.db import connection
from django.db.models import Q

from contacts.consent import consent_rules
from contacts.models import Contact, Suppression
from kernel.secrets import digests
from kernel.tenancy import require_workspace_id

# What a new contact with such an address begins as.
STATUS_OF_REASON = {
    Suppression.Reason.BOUNCED: Contact.Status.BOUNCED,
    Suppression.Reason.COMPLAINED: Contact.Status.COMPLAINED,
}

# From what the person can take back alone to what nobody can. What a provider reported outweighs a member's word.
STRENGTH = ["unsubscribed", "imported", "manual", "bounced", "complained", "erased"]


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
    """Put an address on the list of the active workspace."""
    with connection.cursor() as cursor:
        put(cursor, require_workspace_id(), channel, [address], reason, note)


def put(cursor, workspace_id: int, channel: str, addresses: Iterable[str], reason: str, note: str = "") -> int:
    """Put addresses on the list, in one statement. A weaker reason replaces no stronger one, and what an erasure left
    stays as it is. Returns how many were not on the list before."""
    addresses = set(addresses)
    addresses -= erased_among(workspace_id, channel, addresses, cursor)
    cursor.execute(
        "WITH put AS (INSERT INTO contacts_suppression AS s (workspace_id, channel, recipient, reason, note, at) "
        "SELECT %(ws)s, %(channel)s, address, %(reason)s, %(note)s, now() "
        "FROM unnest(%(addresses)s::text[]) AS address "
        "ON CONFLICT (workspace_id, channel, recipient) DO UPDATE SET reason = excluded.reason, "
        "note = CASE WHEN excluded.note <> '' THEN excluded.note ELSE s.note END "
        "WHERE s.reason = ANY(%(weaker)s) RETURNING xmax = 0 AS is_new) "
        "SELECT count(*) FILTER (WHERE is_new) FROM put",
        {
            "ws": workspace_id,
            "channel": channel,
            "reason": reason,
            "note": note,
            "addresses": sorted(addresses),
            "weaker": STRENGTH[: STRENGTH.index(reason) + 1],
        },
    )
    return cursor.fetchone()[0]


def erase(channel: str, address: str) -> None:
    """Keep the refusal and forget the address."""
    digest = address_digests(require_workspace_id(), channel, address)[0]
    Suppression.objects.filter(channel=channel, recipient=address).delete()
    Suppression.objects.get_or_create(channel=channel, digest=digest, defaults={"reason": Suppression.Reason.ERASED})


def status_of(channel: str, address: str) -> str | None:
    """What a contact with this address is from the start, because the address is on the list; None where it is not."""
    found = of_address(channel, address)
    return STATUS_OF_REASON.get(found.reason, Contact.Status.UNSUBSCRIBED) if found else None


def search(rows, channel: str, words: str, most: int) -> list[Suppression]:
    """The suppressions among `rows` whose address begins with the words, and the erased one with exactly this
    address."""
    hashes = address_digests(require_workspace_id(), channel, words)
    found = list(rows.filter(digest__in=hashes))
    # A range, not LIKE: under row-level security only comparisons may use the index.
    beginning = rows.filter(recipient__gte=words, recipient__lt=words + "\U0010ffff")
    return found + list(beginning.order_by("recipient")[: most - len(found)])


def contact_of(suppression: Suppression) -> Contact | None:
    """The contact whose address this is, where there is one."""
    if suppression.recipient is None:
        return None
    return Contact.objects.filter(**{consent_rules.address_column(suppression.channel): suppression.recipient}).first()
