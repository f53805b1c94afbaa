"""Folds opens and clicks (hits) into messages, tallies and hourly counts: in sets. Only the first open and the first
click of a message count there, in whatever order hits come.

A hit is moved from the spool to where it is kept in the statement that counts it: both, or neither. Can be repeated."""

from django.db import connections, transaction

from delivery import day_facts, tallies
from delivery.models import Hit, Message

MAX_HITS = 5000  # per statement

State = Message.State
OPEN, CLICK, PERSON = int(Hit.Kind.OPEN), int(Hit.Kind.CLICK), int(Hit.MadeBy.PERSON)

CHANGES = """
    SELECT workspace_id, batch_id, contact_id, fact, n, n * units AS units, n * cost AS cost FROM changes
    WHERE (SELECT count(*) FROM tallies) > 0"""
FOLD = f"""
WITH taken AS (
    DELETE FROM delivery_incominghit WHERE id = ANY (ARRAY(
        SELECT id FROM delivery_incominghit ORDER BY id LIMIT %(most)s FOR UPDATE SKIP LOCKED))
    RETURNING id, workspace_id, batch_id, contact_id, kind, link, at, made_by, agent, network
), known AS MATERIALIZED (
    -- People who refused individual open tracking, whenever the message was sent, or who were erased since. Looked up
    -- one by one.
    SELECT t.*, c.refuses IS TRUE AS refuses,
           lag(t.at) OVER (PARTITION BY t.workspace_id, t.batch_id, t.contact_id, t.kind, t.link, t.made_by
                           ORDER BY t.at, t.id) AS before
    FROM taken t LEFT JOIN LATERAL (
        SELECT tracking_status = 'unsubscribed' OR erased_at IS NOT NULL AS refuses, workspace_id
        FROM contacts_contact WHERE id = t.contact_id OFFSET 0) c ON c.workspace_id = t.workspace_id
), fresh AS MATERIALIZED (
    -- The same within a minute is one hit. Of those who refused, opens are not kept at all.
    SELECT * FROM known k
    WHERE NOT (kind = {OPEN} AND refuses) AND (before IS NULL OR at - before > interval '1 minute')
      AND NOT EXISTS (
        SELECT FROM delivery_hit h WHERE h.workspace_id = k.workspace_id AND h.batch_id = k.batch_id
          AND h.contact_id = k.contact_id AND h.kind = k.kind AND h.link IS NOT DISTINCT FROM k.link
          AND h.made_by = k.made_by AND h.at BETWEEN k.at - interval '1 minute' AND k.at + interval '1 minute' OFFSET 0)
), moved AS (
    INSERT INTO delivery_hit (id, workspace_id, batch_id, contact_id, kind, link, at, made_by, agent, network)
    SELECT id, workspace_id, batch_id, contact_id, kind, link, at, made_by, CASE WHEN refuses THEN '' ELSE agent END,
           CASE WHEN NOT refuses THEN network END
    FROM fresh
), kept AS MATERIALIZED (
    -- What counts: clicks of people, and all opens, since a mailbox provider may load images for its reader.
    SELECT * FROM fresh WHERE kind = {OPEN} OR made_by = {PERSON}
), engaged AS (
    -- Only clicks count as engagement: mail programs often load images without a reader.
    UPDATE contacts_contact c SET engaged_at = k.at, inactive_at = NULL
    FROM (SELECT workspace_id, contact_id, max(at) AS at FROM kept WHERE kind = {CLICK} GROUP BY 1, 2) k
    WHERE c.id = k.contact_id AND c.workspace_id = k.workspace_id
      AND (c.engaged_at IS NULL OR c.engaged_at < k.at - interval '1 day')
), first AS (
    -- A click proves that the message was opened, even where images are off.
    SELECT workspace_id, batch_id, contact_id, min(at) AS opened, min(at) FILTER (WHERE kind = {CLICK}) AS clicked
    FROM kept GROUP BY 1, 2, 3
), before AS MATERIALIZED (
    SELECT m.batch_id, m.contact_id, m.workspace_id, m.opened_at, m.clicked_at, m.state, m.reason, f.opened, f.clicked,
           {day_facts.COUNTED}
    FROM first f JOIN delivery_message m
      ON m.batch_id = f.batch_id AND m.contact_id = f.contact_id AND m.workspace_id = f.workspace_id
    FOR UPDATE OF m
), touched AS (
    UPDATE delivery_message m SET opened_at = coalesce(m.opened_at, b.opened),
           clicked_at = coalesce(m.clicked_at, b.clicked),
           -- A message that was opened or clicked has arrived: that resolves an unknown one.
           state = CASE m.state WHEN {State.UNKNOWN:d} THEN {State.ACCEPTED:d} ELSE m.state END,
           reason = CASE m.state WHEN {State.UNKNOWN:d} THEN 'reconciled' ELSE m.reason END
    FROM before b WHERE m.batch_id = b.batch_id AND m.contact_id = b.contact_id
      AND (m.opened_at IS NULL OR (m.clicked_at IS NULL AND b.clicked IS NOT NULL) OR m.state = {State.UNKNOWN:d})
), new AS (
    SELECT workspace_id, batch_id, contact_id, 'opened' AS fact, {OPEN} AS kind, opened AS at FROM before
    WHERE opened_at IS NULL
    UNION ALL
    SELECT workspace_id, batch_id, contact_id, 'clicked', {CLICK}, clicked FROM before
    WHERE clicked_at IS NULL AND clicked IS NOT NULL
), hours AS (
    INSERT INTO delivery_hourlyhits AS h (workspace_id, batch_id, kind, hour, n)
    SELECT workspace_id, batch_id, kind, date_trunc('hour', at), count(*) FROM new GROUP BY 1, 2, 3, 4
    ORDER BY 1, 2, 3, 4
    ON CONFLICT (workspace_id, batch_id, kind, hour) DO UPDATE SET n = h.n + excluded.n
), changes AS (
    SELECT workspace_id, batch_id, contact_id, fact, '' AS reason, 1 AS n, 1 AS units, 0 AS cost FROM new
    UNION ALL SELECT workspace_id, batch_id, contact_id, 'accepted', '', 1, units, cost FROM before
    WHERE state = {State.UNKNOWN:d}
    UNION ALL SELECT workspace_id, batch_id, contact_id, 'unknown', reason, -1, units, cost FROM before
    WHERE state = {State.UNKNOWN:d}
), tallies AS ({tallies.raise_in_sql("SELECT * FROM changes")}), days AS ({day_facts.raise_in_sql(CHANGES)}
), links AS (
    UPDATE delivery_trackedlink l SET clicks = l.clicks + c.n
    FROM (SELECT workspace_id, batch_id, link, count(*) AS n FROM kept WHERE link IS NOT NULL GROUP BY 1, 2, 3) c
    WHERE l.workspace_id = c.workspace_id AND l.batch_id = c.batch_id AND l.n = c.link
)
SELECT count(*) FROM taken
"""  # noqa: S608  (numbers of our enumerations)


def fold() -> bool:
    """Fold one set of hits. Returns True if there may be more."""
    with transaction.atomic("engine"), connections["engine"].cursor() as cursor:
        cursor.execute(FOLD, {"most": MAX_HITS})
        return cursor.fetchone()[0] == MAX_HITS
