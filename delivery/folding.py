"""Folds opens and clicks (hits) into messages, tallies and hourly counts: in sets. Only the first open and the first
click of a message count there, in whatever order hits come. Can be repeated."""

from django.db import connections, transaction

from delivery import day_facts
from delivery.models import Hit, Message

MAX_HITS = 5000  # per statement

State = Message.State
OPEN, CLICK = int(Hit.Kind.OPEN), int(Hit.Kind.CLICK)

CHANGES = """
    SELECT workspace_id, batch_id, contact_id, fact, n, n AS units, 0 AS cost FROM changes
    WHERE (SELECT count(*) FROM tallies) > 0"""
FOLD = f"""
WITH taken AS MATERIALIZED (
    SELECT id, workspace_id, batch_id, contact_id, kind, link, at FROM delivery_hit WHERE NOT folded
    ORDER BY id LIMIT %(most)s FOR UPDATE SKIP LOCKED
), forgotten AS (
    -- Opens of people who refused individual open tracking are deleted, whenever the message was sent.
    DELETE FROM delivery_hit h USING taken t, contacts_contact c
    WHERE h.id = t.id AND t.kind = {OPEN} AND c.id = t.contact_id AND c.workspace_id = t.workspace_id
      AND c.tracking_status = 'unsubscribed'
    RETURNING h.id
), kept AS MATERIALIZED (
    SELECT * FROM taken WHERE id NOT IN (SELECT id FROM forgotten)
), marked AS (
    UPDATE delivery_hit h SET folded = true FROM kept t WHERE h.id = t.id
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
    SELECT m.batch_id, m.contact_id, m.workspace_id, m.opened_at, m.clicked_at, m.state, m.reason, f.opened, f.clicked
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
    SELECT workspace_id, batch_id, contact_id, fact, '' AS reason, 1 AS n FROM new
    UNION ALL SELECT workspace_id, batch_id, contact_id, 'accepted', '', 1 FROM before WHERE state = {State.UNKNOWN:d}
    UNION ALL SELECT workspace_id, batch_id, contact_id, 'unknown', reason, -1 FROM before
    WHERE state = {State.UNKNOWN:d}
), tallies AS (
    INSERT INTO delivery_tally AS t (workspace_id, batch_id, fact, reason, n)
    SELECT workspace_id, batch_id, fact, reason, sum(n) FROM changes GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4
    ON CONFLICT (workspace_id, batch_id, fact, reason) DO UPDATE SET n = t.n + excluded.n
    RETURNING 1
), days AS ({day_facts.raise_in_sql(CHANGES)}
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
