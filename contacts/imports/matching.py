"""Finds the contact that each row of `incoming` refers to, and decides what to do. Writes only to `matched`.

A row refers to the contact with its external id, else to the one with its e-mail address. A phone number may belong to
several people, so it identifies only where nothing else does: a row refers to the contact with its number if exactly
one has it, and if neither has an e-mail address or external id that the other has, too, with another value. Contacts in
the trash count only if no other has the number. A merged contact stands for the one it was merged into. Verdicts:

create, update     a new contact, a known one
seen               a contact that an earlier row of this import created or updated
skip               the import's mode excludes it
conflict           its e-mail address and external id belong to different people
two_addresses      an earlier row of this import wrote its contact, which has another e-mail address
shared_phone       it has nothing but a number, and several contacts have that number
later              an earlier row of this chunk may change the answer: to be matched again when that row is written
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from django.db.backends.utils import CursorWrapper

from contacts.imports.rows import Row
from contacts.imports.run_settings import RunSettings

#: Verdicts of rows that are rejected, which are also the reasons.
REJECTED = ("conflict", "two_addresses", "shared_phone")
#: How often rows of a chunk are matched again. Only a file that mixes people with and without an address under one
#: number comes near it.
MAX_ROUNDS = 30

# The contact that a merged one stands for is a scalar subquery: a join of the two would read the whole workspace for
# each row, where PostgreSQL has no statistics yet.
_LOOK_UP = """LEFT JOIN LATERAL (
    SELECT CASE WHEN c.merged_into_id IS NULL THEN c.id ELSE coalesce((
        SELECT coalesce(t.merged_into_id, t.id) FROM contacts_contact t
        WHERE t.workspace_id = (SELECT %(ws)s) AND t.id = c.merged_into_id), c.id) END AS id
    FROM {contacts} c
    WHERE c.workspace_id = (SELECT %(ws)s) AND c.{identity} = i.{identity} LIMIT 1) {alias} ON true"""
_NO_LOOK_UP = "CROSS JOIN (SELECT NULL::bigint AS id) {alias}"
# Two contacts are enough to know that the number is shared: however many have it, a look-up reads no more. The contacts
# that were merged into others are few. `OFFSET 0` and LIMIT keep the planner from joining whole tables.
_LOOK_UP_BY_PHONE = """LEFT JOIN LATERAL (
    SELECT count(*) AS holders, bool_or(h.in_trash) AS in_trash,
        CASE WHEN count(*) = 1 AND bool_and((i.email IS NULL OR h.email IS NULL)
        AND (i.external_id IS NULL OR h.external_id IS NULL)) THEN min(h.id) END AS id
    FROM (
        SELECT a.*, rank() OVER (ORDER BY a.in_trash) AS place FROM (
            (SELECT c.id, c.email, c.external_id, false AS in_trash FROM {contacts} c
             WHERE c.workspace_id = (SELECT %(ws)s) AND c.phone = i.phone AND c.deleted_at IS NULL LIMIT 2)
            UNION
            (SELECT c.id, c.email, c.external_id, true FROM {contacts} c
             WHERE c.workspace_id = (SELECT %(ws)s) AND c.phone = i.phone AND c.deleted_at IS NOT NULL
             AND c.merged_into_id IS NULL LIMIT 2)
            UNION
            (SELECT t.id, t.email, t.external_id, t.deleted_at IS NOT NULL FROM contacts_contact c CROSS JOIN LATERAL (
                SELECT t.* FROM {contacts} t
                WHERE t.workspace_id = (SELECT %(ws)s) AND t.id = c.merged_into_id OFFSET 0) t
             WHERE c.workspace_id = (SELECT %(ws)s) AND c.phone = i.phone AND c.merged_into_id IS NOT NULL)
        ) a
    ) h WHERE h.place = 1 AND x.id IS NULL AND e.id IS NULL) p ON true"""
_NO_LOOK_UP_BY_PHONE = "CROSS JOIN (SELECT NULL::bigint AS id, 0::bigint AS holders, false AS in_trash) p"

# Rows of one statement are judged together, as if they came one by one. A row may give its number to a contact that did
# not have it (or take one with it from the trash), and may take another number from its contact. A later row that may
# be known by one of these numbers has to wait (`relies_on_phone`), unless it is somebody else than the first of the
# people who got it in any case. That first row and what its contact is known by (1: an e-mail address, 2: an external
# id) are packed into one value, `first_adding`, for the window function. Rows that change who has a number wait in turn
# for those before them that wait for the number.
MATCH = """
INSERT INTO matched (n, contact_id, verdict, new_email, new_phone, new_external_id)
WITH found AS (
    SELECT i.n, i.email, i.phone, i.external_id, x.id AS by_external_id, e.id AS by_email, p.id AS by_phone, p.holders,
        p.in_trash
    FROM incoming i {external_id} {email} {phone} WHERE i.n = ANY(%(row_numbers)s::bigint[])
), judged AS (
    SELECT f.*, w.id, f.by_external_id IS NULL AND f.by_email IS NULL AND f.phone IS NOT NULL AS relies_on_phone,
        f.email IS NOT NULL AND f.by_email IS NULL AS new_email,
        f.external_id IS NOT NULL AND f.by_external_id IS NULL AS new_external_id,
        -- A number of a contact that was merged into this one is not new: it stays with the merged contact.
        f.phone IS NOT NULL AND f.phone IS DISTINCT FROM w.phone AND (w.id IS NULL OR NOT EXISTS (
            SELECT FROM contacts_contact l WHERE l.workspace_id = (SELECT %(ws)s) AND l.merged_into_id = w.id
            AND l.phone = f.phone AND l.deleted_at IS NOT NULL OFFSET 0)) AS new_phone,
        w.deleted_at IS NOT NULL AND f.phone = w.phone AS restores_phone, w.phone AS old_phone,
        coalesce(f.email, w.email) IS NOT NULL AS has_email,
        coalesce(f.external_id, w.external_id) IS NOT NULL AS has_external_id,
        CASE
            WHEN f.by_external_id <> f.by_email THEN 'conflict'
            WHEN f.by_external_id IS NULL AND f.external_id <> w.external_id THEN 'conflict'
            WHEN w.id IS NULL AND f.holders > 1 AND f.email IS NULL AND f.external_id IS NULL THEN 'shared_phone'
            WHEN w.id IS NULL THEN CASE WHEN %(mode)s = 'update' THEN 'skip' ELSE 'create' END
            WHEN w.import_id = %(import)s AND w.email IS NOT NULL AND f.email IS NOT NULL AND f.by_email IS NULL
                THEN 'two_addresses'
            WHEN w.import_id = %(import)s THEN 'seen'
            WHEN %(mode)s = 'add' AND w.deleted_at IS NULL THEN 'skip'
            WHEN %(mode)s = 'update' AND w.deleted_at IS NOT NULL THEN 'skip'
            ELSE 'update'
        END AS verdict
    FROM found f LEFT JOIN LATERAL (
        SELECT c.id, c.email, c.phone, c.external_id, c.deleted_at, c.import_id FROM {contacts} c
        WHERE c.workspace_id = (SELECT %(ws)s) AND c.id = coalesce(f.by_external_id, f.by_email, f.by_phone)
        OFFSET 0) w ON true
), moved AS (
    SELECT j.*, j.verdict IN ('create', 'update', 'seen') AND (j.new_phone OR j.restores_phone) AS moves_phone,
        row_number() OVER (PARTITION BY j.id ORDER BY j.n) AS turn
    FROM judged j
), ordered AS (
    SELECT m.*, min(m.n * 4 + m.has_email::int + m.has_external_id::int * 2) FILTER (WHERE m.moves_phone)
        OVER (PARTITION BY m.phone ORDER BY m.n ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS first_adding
    FROM moved m
), leaving AS (
    SELECT old_phone AS phone, min(n) AS n FROM moved
    WHERE moves_phone AND new_phone AND old_phone IS NOT NULL GROUP BY 1
), decided AS (
    SELECT o.*, CASE
            WHEN o.verdict IN ('update', 'seen') AND o.turn > 1 THEN 'later'
            WHEN NOT o.relies_on_phone THEN o.verdict
            WHEN o.n > l.n THEN 'later'
            WHEN o.first_adding IS NULL THEN o.verdict
            WHEN o.by_phone IS NOT NULL OR o.in_trash THEN 'later'
            WHEN o.holders = 0 AND NOT (o.email IS NOT NULL AND o.first_adding & 1 > 0)
                AND NOT (o.external_id IS NOT NULL AND o.first_adding & 2 > 0) THEN 'later'
            ELSE o.verdict
        END AS decision
    FROM ordered o LEFT JOIN leaving l ON l.phone = o.phone
), waiting AS (
    SELECT phone, min(n) AS n FROM decided WHERE decision = 'later' AND relies_on_phone GROUP BY 1
)
-- A row with a second address is about its contact all the same: if it says no, that is heeded.
SELECT d.n, CASE WHEN d.verdict <> ALL(%(rejected)s) OR d.verdict = 'two_addresses' THEN d.id END,
    CASE WHEN d.moves_phone AND (d.n > one.n OR d.n > other.n) THEN 'later' ELSE d.decision END,
    d.new_email, d.new_phone, d.new_external_id
FROM decided d LEFT JOIN waiting one ON one.phone = d.phone LEFT JOIN waiting other ON other.phone = d.old_phone
ORDER BY d.n  -- new contacts get their ids in this order
"""
#: The table in which people are looked up; a forecast has its own.
CONTACTS = "contacts_contact"
# The first status of a contact whose address is on the suppression list.
SUPPRESSED_STATUS = "CASE WHEN {s}.reason IN ('bounced', 'complained') THEN {s}.reason ELSE 'unsubscribed' END"
SUPPRESSION = """LEFT JOIN LATERAL (
    SELECT reason FROM contacts_suppression
    WHERE workspace_id = (SELECT %(ws)s) AND channel = '{channel}' AND recipient = {address}
    OFFSET 0) {alias} ON true"""


def suppression(channel: str, address: str) -> str:
    """A join with the suppression of an address, under the alias s_<channel>."""
    return SUPPRESSION.format(channel=channel, address=address, alias=f"s_{channel}")


def in_rounds(
    cursor: CursorWrapper,
    settings: RunSettings,
    params: dict,
    rounds: Iterable[list[Row]],
    *,
    contacts: str = CONTACTS,
) -> Iterator[None]:
    """Match the staged rows, round by round. After each round `matched` holds its verdicts, and the caller writes them
    before it goes on: the next round looks them up."""
    for rows in rounds:
        numbers, again = [row.number for row in rows], 0
        while numbers:
            _match(cursor, settings, params, numbers, contacts)
            again += 1
            if again >= MAX_ROUNDS:
                _give_up(cursor)
            yield
            numbers = numbers_of(cursor, "later")


def _match(cursor: CursorWrapper, settings: RunSettings, params: dict, row_numbers: list[int], contacts: str) -> None:
    """Fill `matched` for the rows of `incoming` with these numbers. What it held before is deleted."""
    joins = {}
    for identity, alias in (("external_id", "x"), ("email", "e")):
        join = _LOOK_UP if identity in settings.identities else _NO_LOOK_UP
        joins[identity] = join.format(identity=identity, alias=alias, contacts=contacts)
    by_phone = _LOOK_UP_BY_PHONE if "phone" in settings.identities else _NO_LOOK_UP_BY_PHONE
    cursor.execute("DELETE FROM matched")
    cursor.execute(
        MATCH.format(contacts=contacts, phone=by_phone.format(contacts=contacts), **joins),
        params | {"mode": settings.mode, "row_numbers": row_numbers, "rejected": list(REJECTED)},
    )


def _give_up(cursor: CursorWrapper) -> None:
    """Reject the rows that still wait and have nothing but a number: this many rows use it for different people. The
    others wait for few rows, and end by themselves."""
    cursor.execute(
        "UPDATE matched m SET verdict = 'shared_phone', contact_id = NULL FROM incoming i "
        "WHERE i.n = m.n AND m.verdict = 'later' AND i.email IS NULL AND i.external_id IS NULL"
    )


def numbers_of(cursor: CursorWrapper, verdict: str) -> list[int]:
    """The numbers of the rows with this verdict."""
    cursor.execute("SELECT n FROM matched WHERE verdict = %s ORDER BY n", [verdict])
    return [row[0] for row in cursor.fetchall()]


def add_rejected(cursor: CursorWrapper, found: dict[str, list[int]]) -> None:
    """Add the numbers of the rows that `matched` rejects to those found so far, by reason."""
    for reason in REJECTED:
        found.setdefault(reason, []).extend(numbers_of(cursor, reason))


def merged_away(cursor: CursorWrapper, params: dict) -> list[int]:
    """The numbers of the rows whose address belongs to a contact that was merged into another."""
    cursor.execute(
        "SELECT i.n FROM incoming i JOIN contacts_contact c ON c.workspace_id = (SELECT %(ws)s) AND c.email = i.email "
        "WHERE c.merged_into_id IS NOT NULL ORDER BY i.n",
        params,
    )
    return [row[0] for row in cursor.fetchall()]
