"""Finds the contact that each row of `incoming` refers to, and decides what to do. Writes only to `matched`.

A row refers to the contact with its external id, else with its e-mail address, else with its phone number. A merged
contact stands for the one it was merged into. Verdicts:
create, update     a new contact, a known one
seen               a contact that an earlier row of this import created or updated
skip               the import's mode excludes it
conflict           its identities belong to different people, or a stronger identity contradicts
later              an earlier row of this chunk refers to the same contact: to be matched again afterwards
"""

from __future__ import annotations

from django.db.backends.utils import CursorWrapper

from contacts.imports.run_settings import RunSettings

_LOOK_UP = """LEFT JOIN LATERAL (
    SELECT coalesce(t.merged_into_id, t.id, c.id) AS id FROM contacts_contact c
    LEFT JOIN contacts_contact t ON t.workspace_id = c.workspace_id AND t.id = c.merged_into_id
    WHERE c.workspace_id = (SELECT %(ws)s) AND c.{identity} = i.{identity} OFFSET 0) {alias} ON true"""
_NO_LOOK_UP = "CROSS JOIN (SELECT NULL::bigint AS id) {alias}"

MATCH = """
INSERT INTO matched (n, contact_id, verdict, new_email, new_phone, new_external_id)
SELECT f.n, CASE WHEN f.verdict <> 'conflict' THEN f.id END,
       CASE WHEN f.verdict IN ('update', 'seen') AND row_number() OVER (PARTITION BY f.id ORDER BY f.n) > 1
            THEN 'later' ELSE f.verdict END, f.new_email, f.new_phone, f.new_external_id
FROM (
    SELECT i.n, w.id, i.email IS NOT NULL AND e.id IS NULL AS new_email,
        i.phone IS NOT NULL AND p.id IS NULL AS new_phone,
        i.external_id IS NOT NULL AND x.id IS NULL AS new_external_id,
        CASE
            WHEN least(x.id, e.id, p.id) IS NULL THEN CASE WHEN %(mode)s = 'update' THEN 'skip' ELSE 'create' END
            WHEN least(x.id, e.id, p.id) <> greatest(x.id, e.id, p.id) THEN 'conflict'
            WHEN x.id IS NULL AND i.external_id <> w.external_id THEN 'conflict'
            WHEN x.id IS NULL AND e.id IS NULL AND i.email <> w.email THEN 'conflict'
            WHEN {seen} THEN 'seen'
            WHEN %(mode)s = 'add' AND w.deleted_at IS NULL THEN 'skip'
            WHEN %(mode)s = 'update' AND w.deleted_at IS NOT NULL THEN 'skip'
            ELSE 'update'
        END AS verdict
    FROM incoming i {external_id} {email} {phone}
    LEFT JOIN contacts_contact w ON w.workspace_id = (SELECT %(ws)s) AND w.id = coalesce(x.id, e.id, p.id)
    WHERE i.n = ANY(%(row_numbers)s)
) f
"""
SEEN = "w.import_id = %(import)s"
# The first status of a contact whose address is on the suppression list.
SUPPRESSED_STATUS = "CASE WHEN {s}.reason IN ('bounced', 'complained') THEN {s}.reason ELSE 'unsubscribed' END"
SUPPRESSION = """LEFT JOIN LATERAL (
    SELECT reason FROM contacts_suppression
    WHERE workspace_id = (SELECT %(ws)s) AND channel = '{channel}' AND recipient = {address}
    OFFSET 0) {alias} ON true"""


def suppression(channel: str, address: str) -> str:
    """A join with the suppression of an address, under the alias s_<channel>."""
    return SUPPRESSION.format(channel=channel, address=address, alias=f"s_{channel}")


def match(
    cursor: CursorWrapper, settings: RunSettings, params: dict, row_numbers: list[int], *, seen: str = SEEN
) -> None:
    """Fill `matched` for the rows of `incoming` with these numbers. What it held before is deleted."""
    joins = {}
    for identity, alias in (("external_id", "x"), ("email", "e"), ("phone", "p")):
        join = _LOOK_UP if identity in settings.identities else _NO_LOOK_UP
        joins[identity] = join.format(identity=identity, alias=alias)
    cursor.execute("DELETE FROM matched")
    cursor.execute(MATCH.format(seen=seen, **joins), params | {"mode": settings.mode, "row_numbers": row_numbers})


def numbers(cursor: CursorWrapper, verdict: str) -> list[int]:
    """The numbers of the rows with this verdict."""
    cursor.execute("SELECT n FROM matched WHERE verdict = %s ORDER BY n", [verdict])
    return [row[0] for row in cursor.fetchall()]


def merged_away(cursor: CursorWrapper, params: dict) -> list[int]:
    """The numbers of the rows whose address belongs to a contact that was merged into another."""
    cursor.execute(
        "SELECT i.n FROM incoming i JOIN contacts_contact c ON c.workspace_id = (SELECT %(ws)s) AND c.email = i.email "
        "WHERE c.merged_into_id IS NOT NULL ORDER BY i.n",
        params,
    )
    return [row[0] for row in cursor.fetchall()]
