"""Writes a do-not-contact file: puts the addresses on the suppression list and withdraws their contacts' consent."""

from __future__ import annotations

from django.db.backends.utils import CursorWrapper

from contacts.consent import bulk_opt_out, consent_rules, suppression_list
from contacts.imports import effects, people
from contacts.imports.suppression_rows import SuppressionRow
from contacts.models import Consent, ContactImport, Suppression

TABLE = """
CREATE TEMP TABLE IF NOT EXISTS suppression_rows (n bigint NOT NULL, email text COLLATE "C", phone text COLLATE "C")
ON COMMIT DELETE ROWS
"""
KNOWN = """(EXISTS (SELECT FROM contacts_suppression s
    WHERE s.workspace_id = (SELECT %(ws)s) AND s.channel = '{channel}' AND s.recipient = f.{address}) OR {seen})"""
# A row is new if at least one of its addresses was not on the list.
COUNT = """
SELECT count(*) FILTER (WHERE new), count(*) FILTER (WHERE NOT new) FROM (
    SELECT (f.email IS NOT NULL AND NOT {email}) OR (f.phone IS NOT NULL AND NOT {sms}) OR
           (f.phone IS NOT NULL AND NOT {whatsapp}) AS new FROM suppression_rows f) r
"""


def stage(cursor: CursorWrapper, rows: list[SuppressionRow]) -> None:
    with cursor.copy("COPY suppression_rows (n, email, phone) FROM STDIN") as copy:
        for row in rows:
            copy.write_row((row.number, row.email, row.phone))


def count(cursor: CursorWrapper, params: dict, *, seen: str = "false") -> dict[str, int]:
    """How many of the staged rows are new ("created"). The others ("skipped") are on the list already, or the SQL
    condition `seen` holds for them."""
    known = {
        channel: KNOWN.format(channel=channel, address=address, seen=seen.format(address=address))
        for channel, address in consent_rules.ADDRESS.items()
    }
    cursor.execute(COUNT.format(**known), params)
    created, skipped = cursor.fetchone()
    return {"created": created, "updated": 0, "skipped": skipped, "seen": 0}


def write(cursor: CursorWrapper, contact_import: ContactImport, rows: list[SuppressionRow]) -> dict[str, int]:
    """Write the rows. Returns the counts. Addresses of erased people are skipped: they are on the list already, as a
    hash."""
    params = people.params_of(contact_import)
    gone = set(people.erased(cursor, contact_import.workspace_id, rows))
    remaining = [row for row in rows if row.number not in gone]
    cursor.execute(TABLE)
    stage(cursor, remaining)
    counts = count(cursor, params)
    counts["skipped"] += len(gone)
    unsubscribed: set[int] = set()
    for channel, name in consent_rules.ADDRESS.items():
        addresses = {address for row in remaining for address in row.addresses(name)}
        if any(row.other_emails for row in remaining):
            addresses -= suppression_list.erased_among(contact_import.workspace_id, channel, addresses, cursor)
        if addresses:
            unsubscribed.update(_suppress(cursor, contact_import, channel, sorted(addresses)))
    effects.add_ids(cursor, contact_import, effects.Effect.UNSUBSCRIBED, unsubscribed)
    return counts | {"kept_out": len(unsubscribed)}


def _suppress(cursor: CursorWrapper, contact_import: ContactImport, channel: str, addresses: list[str]) -> list[int]:
    """Put the addresses on the suppression list, and opt their contacts out. Returns the ids of the contacts that had
    not opted out before."""
    workspace_id = contact_import.workspace_id
    suppression_list.put(cursor, workspace_id, channel, addresses, Suppression.Reason.IMPORTED)
    return bulk_opt_out.withdraw(
        cursor,
        workspace_id,
        bulk_opt_out.ids_of(cursor, workspace_id, channel, addresses),
        channel=channel,
        source=Consent.Source.IMPORT,
        reason="imported",
        import_id=contact_import.pk,
        actor_id=contact_import.uploaded_by_id,
    )
