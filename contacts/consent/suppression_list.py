"""The list of addresses that must not be written to. It outlives the contacts.

After erasure only a keyed hash of the address is kept: nobody can read the address, but no import brings it back.
"""

from __future__ import annotations

from collections.abc import Iterable

from django.db import connection
from django.db.backends.utils import CursorWrapper
from django.db.models import Q, QuerySet

from contacts.consent import consent_rules
from contacts.models import Contact, Suppression
from kernel.secrets import digests
from kernel.tenancy import require_workspace_id

# The status of a new contact whose address is on the list; UNSUBSCRIBED for the other reasons.
STATUS_OF_REASON: dict[str, Contact.Status] = {
    Suppression.Reason.BOUNCED: Contact.Status.BOUNCED,
    Suppression.Reason.COMPLAINED: Contact.Status.COMPLAINED,
}

# From the weakest, which the person can take back, to the strongest, which nobody can. What a provider reported
# outweighs what a member entered.
STRENGTH = ["unsubscribed", "imported", "manual", "bounced", "complained", "erased"]


def address_digests(workspace_id: int, channel: str, address: str) -> list[bytes]:
    """The keyed hashes of the address under every key that is still configured, the current key first."""
    return digests("suppression", f"{workspace_id}\0{channel}\0{address}")


def of_address(channel: str, address: str) -> Suppression | None:
    """The suppression of this address in the active workspace, erased or not."""
    hashes = address_digests(require_workspace_id(), channel, address)
    return Suppression.objects.filter(Q(recipient=address) | Q(digest__in=hashes), channel=channel).first()


def erased_among(workspace_id: int, channel: str, addresses: Iterable[str], cursor: CursorWrapper) -> set[str]:
    """Which of these addresses belong to erased people. A single query where nobody was erased.

    `cursor` may be the engine's or the web role's.
    """
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


def put(
    cursor: CursorWrapper, workspace_id: int, channel: str, addresses: Iterable[str], reason: str, note: str = ""
) -> int:
    """Put addresses on the list, in one statement. Returns how many were not on it before.

    A weaker reason does not replace a stronger one, and the hashes of erased addresses stay as they are.
    """
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
    """Replace the address by its hash. It stays suppressed."""
    digest = address_digests(require_workspace_id(), channel, address)[0]
    Suppression.objects.filter(channel=channel, recipient=address).delete()
    Suppression.objects.get_or_create(channel=channel, digest=digest, defaults={"reason": Suppression.Reason.ERASED})


def status_of(channel: str, address: str) -> str | None:
    """The status that a new contact with this address gets; None where the address is not on the list."""
    found = of_address(channel, address)
    return STATUS_OF_REASON.get(found.reason, Contact.Status.UNSUBSCRIBED) if found else None


def search(rows: QuerySet[Suppression], channel: str, query: str, limit: int) -> list[Suppression]:
    """At most `limit` suppressions among `rows` whose address begins with the query, and the erased one with exactly
    this address."""
    hashes = address_digests(require_workspace_id(), channel, query)
    found = list(rows.filter(digest__in=hashes))
    # A range, not LIKE: under row-level security only comparisons may use the index.
    beginning = rows.filter(recipient__gte=query, recipient__lt=query + "\U0010ffff")
    return found + list(beginning.order_by("recipient")[: limit - len(found)])


def contacts_of(suppression: Suppression) -> QuerySet[Contact]:
    """The contacts with the suppressed address: several may have a phone number."""
    if suppression.recipient is None:
        return Contact.objects.none()
    address = {consent_rules.address_column(suppression.channel): suppression.recipient}
    return Contact.objects.filter(**address).order_by("pk")
