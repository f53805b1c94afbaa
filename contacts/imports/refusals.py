"""Applies the refusals of a chunk's rows: whoever the file marks as unsubscribed, bounced or complained is never
subscribed after it, whatever else the file says and whichever rows it adds or updates.

A refusal is applied to the contact that the row was matched with, also if the import skips it, and to the one that has
its address, also if the row is rejected. It changes statuses as elsewhere: an opt-out adds a ledger entry and puts the
address on the suppression list; a bounce is about an address and no change of consent, so it has no ledger entry.

A no to SMS or WhatsApp is the number's. Others with the number get a ledger entry that says only that, as in
`contacts.consent.bulk_opt_out`. A row with nothing but a number names all who have it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from django.db.backends.utils import CursorWrapper

from contacts.consent import consent_rules, suppression_list
from contacts.consent.bulk_opt_out import LAST_WORD
from contacts.imports.consent_answers import RANK
from contacts.imports.rows import Row
from contacts.models import ContactImport, Suppression

TABLES = """
CREATE TEMP TABLE IF NOT EXISTS refusals (
    n bigint NOT NULL, channel text NOT NULL, recipient text COLLATE "C", names_all boolean NOT NULL,
    email text COLLATE "C", external_id text COLLATE "C", state text NOT NULL, strength int NOT NULL,
    reason text NOT NULL, at timestamptz, claimed_on date
) ON COMMIT DELETE ROWS;
CREATE TEMP TABLE IF NOT EXISTS refusing (n bigint NOT NULL, contact_id bigint NOT NULL) ON COMMIT DELETE ROWS;
"""
MATCHED = """
INSERT INTO refusing (n, contact_id)
SELECT m.n, m.contact_id FROM matched m WHERE m.contact_id IS NOT NULL AND m.verdict <> 'later'
AND EXISTS (SELECT FROM refusals r WHERE r.n = m.n)
"""
# A person who was subscribed by an earlier row of the same file, and whom this row does not say yes for, is not.
_OWN_GRANT = """(SELECT g.state = 'granted' AND g.import_id = %(import)s FROM contacts_consent g
    WHERE g.workspace_id = (SELECT %(ws)s) AND g.contact_id = p.id AND g.channel = %(channel)s AND g.topic_id IS NULL
    ORDER BY g.id DESC LIMIT 1)"""
APPLY = """
WITH said AS MATERIALIZED (
    SELECT f.contact_id, r.*, true AS is_named FROM refusals r JOIN refusing f ON f.n = r.n
    WHERE r.channel = %(channel)s
    UNION ALL
    -- Once an address: many rows, and many contacts, may have one phone number.
    SELECT o.id, r.*, r.names_all FROM (
        SELECT DISTINCT ON (recipient, names_all) * FROM refusals WHERE channel = %(channel)s AND recipient IS NOT NULL
        ORDER BY recipient, names_all, strength DESC, n) r CROSS JOIN LATERAL (
        SELECT coalesce(c.merged_into_id, c.id) AS id FROM contacts_contact c
        WHERE c.workspace_id = (SELECT %(ws)s) AND c.{address} = r.recipient OFFSET 0) o
    UNION ALL
    {by_email}
    UNION ALL
    {by_external_id}
), asked AS MATERIALIZED (
    SELECT DISTINCT ON (contact_id) contact_id, recipient AS refused, state, reason, at, claimed_on, is_named FROM said
    ORDER BY contact_id, strength DESC, is_named DESC, n
), people AS MATERIALIZED (
    SELECT c.id, c.{status} AS was, c.{address} AS recipient, a.refused, a.state, a.reason, a.at,
           a.claimed_on, a.is_named
    FROM asked a JOIN contacts_contact c ON c.workspace_id = (SELECT %(ws)s) AND c.id = a.contact_id
    ORDER BY c.id FOR UPDATE OF c
), changing AS MATERIALIZED (
    SELECT p.*, CASE p.state WHEN 'complained' THEN 'complained' WHEN 'pending' THEN 'pending'
        WHEN 'bounced' THEN 'bounced' ELSE CASE WHEN p.was IN ('subscribed', 'pending') THEN 'unsubscribed' ELSE p.was
        END END AS new
    FROM people p WHERE CASE p.state
        WHEN 'complained' THEN p.was <> 'complained'
        -- A bounce belongs to an address, perhaps to one that the person had before.
        WHEN 'bounced' THEN p.was IN ('subscribed', 'pending') AND coalesce(p.refused, p.recipient) = p.recipient
        WHEN 'pending' THEN p.is_named AND p.was = 'subscribed' AND {own_grant}
        ELSE p.was IN ('subscribed', 'pending') OR (p.was = 'bounced' AND 'withdrawn' IS DISTINCT FROM {last_word})
    END
), marked AS (
    UPDATE contacts_contact c SET {status} = n.new, updated_at = now() FROM changing n
    WHERE c.workspace_id = (SELECT %(ws)s) AND c.id = n.id AND c.{status} <> n.new
), noted AS (
    INSERT INTO contacts_consent (workspace_id, contact_id, channel, state, basis, source, wording, wording_version,
                                  reason, import_id, actor_id, claimed_on, at)
    SELECT %(ws)s, id, %(channel)s, 'withdrawn', 'consent', CASE WHEN is_named THEN 'import' ELSE 'same_number' END,
           '', '', CASE WHEN is_named THEN reason ELSE '' END, %(import)s, %(actor)s,
           CASE WHEN is_named THEN claimed_on END, coalesce(CASE WHEN is_named THEN at END, now())
    FROM changing WHERE state <> 'bounced'
)
SELECT state, recipient FROM changing WHERE recipient IS NOT NULL AND state <> 'pending'
"""
# The contact with this external id or e-mail address: a rejected row names it, too.
BY_IDENTITY = """SELECT o.id, r.*, true FROM refusals r CROSS JOIN LATERAL (
        SELECT coalesce(c.merged_into_id, c.id) AS id FROM contacts_contact c
        WHERE c.workspace_id = (SELECT %(ws)s) AND c.{identity} = r.{identity} OFFSET 0) o
    WHERE r.channel = %(channel)s"""
SUPPRESSIONS = {
    "withdrawn": Suppression.Reason.UNSUBSCRIBED,
    "bounced": Suppression.Reason.BOUNCED,
    "complained": Suppression.Reason.COMPLAINED,
}


def stage(cursor: CursorWrapper, rows: Iterable[Row], rejected: Iterable[Row]) -> None:
    """Copy what the rows refuse into `refusals`. What names a contact only of rejected rows: the others are matched."""
    cursor.execute(TABLES)
    with cursor.copy(
        "COPY refusals (n, channel, recipient, names_all, email, external_id, state, strength, reason, at, claimed_on) "
        "FROM STDIN"
    ) as copy:
        for group, is_rejected in ((rows, False), (rejected, True)):
            for row in group:
                for line in _lines(row, is_rejected):
                    copy.write_row(line)


def _lines(row: Row, is_rejected: bool) -> Iterator[tuple]:
    """The lines of `refusals` for a row: one for each channel that it doesn't say yes for."""
    names = (row.email, row.external_id) if is_rejected else (None, None)
    for channel, answer in row.consent.answers.items() if row.consent else ():
        if answer.state == "granted":
            continue
        address = consent_rules.ADDRESS[channel]
        at, day = answer.at or (None, None)
        said = (answer.state, RANK[answer.state], answer.reason.replace("\0", ""), at, day)
        yield (row.number, channel, getattr(row, address), row.names_all(address), *names, *said)


def remember_matches(cursor: CursorWrapper) -> None:
    """Keep which contacts the refusing rows in `matched` are about."""
    cursor.execute(MATCHED)


def apply(cursor: CursorWrapper, contact_import: ContactImport, channels: Iterable[str]) -> None:
    """Apply the staged refusals to these channels, after the rows are written."""
    for channel in sorted(channels):
        statement = APPLY.format(
            status=consent_rules.STATUS[channel],
            address=consent_rules.ADDRESS[channel],
            by_email=BY_IDENTITY.format(identity="email"),
            by_external_id=BY_IDENTITY.format(identity="external_id"),
            own_grant=_OWN_GRANT,
            last_word=LAST_WORD.format(person="p.id", channel="%(channel)s"),
        )
        params = {
            "ws": contact_import.workspace_id,
            "import": contact_import.pk,
            "actor": contact_import.uploaded_by_id,
            "channel": channel,
        }
        cursor.execute(statement, params)
        found = cursor.fetchall()
        for state, reason in SUPPRESSIONS.items():
            if addresses := {recipient for said, recipient in found if said == state}:
                suppression_list.put(cursor, contact_import.workspace_id, channel, addresses, reason)
