"""Writing a do-not-contact file: addresses onto the suppression list, and their contacts' consent withdrawn."""

from __future__ import annotations

from contacts import permission
from contacts.importing import people
from contacts.importing.refusals import Refusal
from contacts.models import ContactImport

TABLE = """
CREATE TEMP TABLE IF NOT EXISTS refusals (n bigint NOT NULL, email text COLLATE "C", phone text COLLATE "C")
ON COMMIT DELETE ROWS
"""
KNOWN = """(EXISTS (SELECT FROM contacts_suppression s
    WHERE s.workspace_id = %(ws)s AND s.channel = '{channel}' AND s.recipient = f.{address}) OR {seen})"""
# A row is new where at least one of its addresses comes onto the list.
COUNT = """
SELECT count(*) FILTER (WHERE new), count(*) FILTER (WHERE NOT new) FROM (
    SELECT (f.email IS NOT NULL AND NOT {email}) OR (f.phone IS NOT NULL AND NOT {sms}) OR
           (f.phone IS NOT NULL AND NOT {whatsapp}) AS new FROM refusals f) r
"""
SUPPRESS = """
INSERT INTO contacts_suppression (workspace_id, channel, recipient, reason, note, at)
SELECT DISTINCT %(ws)s, %(channel)s, f.{address}, 'imported', '', now() FROM refusals f WHERE f.{address} IS NOT NULL
ON CONFLICT (workspace_id, channel, recipient) DO NOTHING
"""
WITHDRAW = """
WITH withdrawn AS (
    UPDATE contacts_contact c SET {status} = 'unsubscribed', updated_at = now() FROM refusals f
    WHERE c.workspace_id = %(ws)s AND c.{address} = f.{address} AND c.{status} IN ('subscribed', 'pending')
    RETURNING c.id
), recorded AS (
    INSERT INTO contacts_consent (workspace_id, contact_id, channel, state, source, basis, wording, wording_version,
                                  reason, import_id, actor_id, at)
    SELECT %(ws)s, w.id, %(channel)s, 'withdrawn', 'import', '', '', '', 'imported', %(import)s, %(actor)s, now()
    FROM withdrawn w
)
SELECT count(*) FROM withdrawn
"""


def stage(cursor, rows: list[Refusal]) -> None:
    with cursor.copy("COPY refusals (n, email, phone) FROM STDIN") as copy:
        for row in rows:
            copy.write_row((row.number, row.email, row.phone))


def count(cursor, params: dict, *, seen: str = "false") -> dict[str, int]:
    """How many of the staged rows say something new; the rest are on the list already, or `seen` says so."""
    known = {
        channel: KNOWN.format(channel=channel, address=address, seen=seen.format(address=address))
        for channel, address in permission.ADDRESS.items()
    }
    cursor.execute(COUNT.format(**known), params)
    created, skipped = cursor.fetchone()
    return {"created": created, "updated": 0, "skipped": skipped, "seen": 0}


def write(cursor, contact_import: ContactImport, rows: list[Refusal]) -> tuple[dict[str, int], list[int]]:
    """Write the rows. Whose address was erased is on the list already, unreadably."""
    params = people.params_of(contact_import)
    gone = set(people.erased(cursor, contact_import.workspace_id, rows))
    cursor.execute(TABLE)
    stage(cursor, [row for row in rows if row.number not in gone])
    counts = count(cursor, params) | {"kept_out": 0}
    counts["skipped"] += len(gone)
    for channel, address in permission.ADDRESS.items():
        cursor.execute(SUPPRESS.format(address=address), params | {"channel": channel})
        statement = WITHDRAW.format(address=address, status=permission.STATUS[channel])
        cursor.execute(statement, params | {"channel": channel})
        counts["kept_out"] += cursor.fetchone()[0]
    return counts, []
