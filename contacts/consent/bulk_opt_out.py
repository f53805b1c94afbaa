"""Unsubscribe in bulk, in one statement. People who had unsubscribed before keep the ledger row that proves it.

`contacts.consent.ledger` unsubscribes one person and calls this too, so every opt-out has the same effect.

A phone number may belong to several people, and who says no to SMS or WhatsApp says no for the number: we can't know
who reads it. So all contacts with the number are unsubscribed, each with a ledger row. The rows of the others say only
that (source SAME_NUMBER): the page, the IP address and the reason belong to the person who acted.
"""

from __future__ import annotations

from django.db.backends.utils import CursorWrapper

from contacts.consent import consent_rules, suppression_list
from contacts.models import ContactChange, Suppression
from kernel.causes import caused_by

# SQL: the newest consent state of a person for a channel as a whole. The status "bounced" may hide an opt-out.
LAST_WORD = """(SELECT n.state FROM contacts_consent n WHERE n.workspace_id = %(ws)s AND n.contact_id = {person}
        AND n.channel = {channel} AND n.topic_id IS NULL ORDER BY n.id DESC LIMIT 1)"""
# The people named, and for a channel that goes to phone numbers everybody who has one of their numbers.
NAMED = "id = ANY(%(ids)s)"
WITH_SAME_NUMBER = f"""({NAMED} OR phone = ANY(ARRAY(SELECT phone FROM contacts_contact
        WHERE workspace_id = %(ws)s AND {NAMED} AND phone IS NOT NULL)))"""  # noqa: S608
# The status bounced or complained stays; the opt-out is only added to the ledger, once.
STATEMENT = """
WITH people AS MATERIALIZED (
    SELECT id, {status} AS was, {address} AS recipient, {named} AS is_named FROM contacts_contact
    WHERE workspace_id = %(ws)s AND {people} ORDER BY id FOR UPDATE
), opting_out AS MATERIALIZED (
    SELECT id, recipient, is_named FROM people p WHERE was IN ('subscribed', 'pending') OR (was <> 'unsubscribed' AND
    'withdrawn' IS DISTINCT FROM {last_word})
), marked AS (
    UPDATE contacts_contact c SET {status} = 'unsubscribed', updated_at = now() FROM opting_out o
    WHERE c.workspace_id = %(ws)s AND c.id = o.id AND c.{status} IN ('subscribed', 'pending')
), noted AS (
    INSERT INTO contacts_consent (workspace_id, contact_id, channel, state, basis, source, wording, wording_version,
                                  reason, page, message_id, import_id, actor_id, address, at)
    SELECT %(ws)s, id, %(channel)s, 'withdrawn', 'consent', CASE WHEN is_named THEN %(source)s ELSE 'same_number' END,
           '', '', CASE WHEN is_named THEN %(reason)s ELSE '' END, CASE WHEN is_named THEN %(page)s ELSE '' END,
           CASE WHEN is_named THEN %(message_id)s ELSE '' END, %(import_id)s, %(actor_id)s,
           CASE WHEN is_named THEN %(address)s::inet END, now()
    FROM opting_out ORDER BY id
)
SELECT id, recipient FROM opting_out ORDER BY id
"""
PROOF = {"reason": "", "page": "", "message_id": "", "import_id": None, "actor_id": None, "address": None}


def withdraw(
    cursor: CursorWrapper, workspace_id: int, contact_ids: list[int], *, channel: str, source: str, **proof
) -> list[int]:
    """Unsubscribe these contacts from the channel, in the caller's transaction.

    Returns the ids of those who had not unsubscribed before, others with the same number included. `proof`: reason,
    page, message_id, import_id, actor_id, address (IP), as in Consent; raises TypeError for another name.
    """
    if unknown := proof.keys() - PROOF.keys():
        raise TypeError(f"No such proof: {unknown}")
    address = consent_rules.ADDRESS.get(channel, "NULL::text")
    statement = STATEMENT.format(
        status=consent_rules.status_column(channel),
        address=address,
        named=NAMED,
        people=WITH_SAME_NUMBER if address == "phone" else NAMED,
        last_word=LAST_WORD.format(person="p.id", channel="%(channel)s"),
    )
    params = {"ws": workspace_id, "ids": contact_ids, "channel": channel, "source": source}
    cursor.execute(statement, PROOF | proof | params)
    rows = cursor.fetchall()
    if recipients := [recipient for _id, recipient in rows if recipient]:
        suppression_list.put(cursor, workspace_id, channel, recipients, Suppression.Reason.UNSUBSCRIBED)
    return [contact_id for contact_id, _recipient in rows]


def ids_of(cursor: CursorWrapper, workspace_id: int, channel: str, addresses: list[str]) -> list[int]:
    """The ids of the contacts with these addresses; for a merged contact the id of its survivor."""
    cursor.execute(
        "SELECT DISTINCT coalesce(merged_into_id, id) FROM contacts_contact WHERE workspace_id = %s "  # noqa: S608
        f"AND {consent_rules.ADDRESS[channel]} = ANY(%s::text[])",
        [workspace_id, addresses],
    )
    return [row[0] for row in cursor.fetchall()]


def mark_bounced(cursor: CursorWrapper, workspace_id: int, contact_ids: list[int], *, channel: str) -> None:
    """Mark the contacts as bounced permanently on this channel, and suppress their addresses for it.

    Runs on the engine connection, in the caller's transaction. Contacts who have unsubscribed keep that status.
    """
    status, address = consent_rules.STATUS[channel], consent_rules.ADDRESS[channel]
    with caused_by(ContactChange.Source.PROVIDER, cursor=cursor):
        cursor.execute(
            f"UPDATE contacts_contact SET {status} = 'bounced', updated_at = now() WHERE workspace_id = %s "  # noqa: S608
            f"AND id = ANY(%s) AND {status} IN ('subscribed', 'pending')",
            [workspace_id, contact_ids],
        )
    cursor.execute(
        f"SELECT {address} FROM contacts_contact WHERE workspace_id = %s AND id = ANY(%s) "  # noqa: S608
        f"AND {address} IS NOT NULL",
        [workspace_id, contact_ids],
    )
    addresses = [row[0] for row in cursor.fetchall()]
    suppression_list.put(cursor, workspace_id, channel, addresses, Suppression.Reason.BOUNCED)
