"""Opens and clicks into messages, tallies and hourly counts: in sets, first touch only, in any order, any number of
times."""

from django.db import connections, transaction

MOST = 5000

FOLD = """
WITH taken AS MATERIALIZED (
    SELECT id, workspace_id, batch_id, contact_id, kind, link, at FROM delivery_hit WHERE NOT folded
    ORDER BY id LIMIT %(most)s FOR UPDATE SKIP LOCKED
), forgotten AS (
    -- Whoever refused individual open tracking leaves no trace of opening, whenever the message was sent.
    DELETE FROM delivery_hit h USING taken t, contacts_contact c
    WHERE h.id = t.id AND t.kind = 1 AND c.id = t.contact_id AND c.workspace_id = t.workspace_id
      AND c.tracking_status = 'unsubscribed'
    RETURNING h.id
), kept AS MATERIALIZED (
    SELECT * FROM taken WHERE id NOT IN (SELECT id FROM forgotten)
), marked AS (
    UPDATE delivery_hit h SET folded = true FROM kept t WHERE h.id = t.id
), engaged AS (
    -- A click is a person's far more often than an open, which a mail program may do by itself.
    UPDATE contacts_contact c SET engaged_at = k.at, inactive_at = NULL
    FROM (SELECT workspace_id, contact_id, max(at) AS at FROM kept WHERE kind = 2 GROUP BY 1, 2) k
    WHERE c.id = k.contact_id AND c.workspace_id = k.workspace_id
      AND (c.engaged_at IS NULL OR c.engaged_at < k.at - interval '1 day')
), first AS (
    -- A click proves that the message was opened, even where images are off.
    SELECT workspace_id, batch_id, contact_id, min(at) AS opened, min(at) FILTER (WHERE kind = 2) AS clicked
    FROM kept GROUP BY 1, 2, 3
), before AS MATERIALIZED (
    SELECT m.batch_id, m.contact_id, m.workspace_id, m.opened_at, m.clicked_at, m.state, m.reason, f.opened, f.clicked
    FROM first f JOIN delivery_message m
      ON m.batch_id = f.batch_id AND m.contact_id = f.contact_id AND m.workspace_id = f.workspace_id
    FOR UPDATE OF m
), touched AS (
    UPDATE delivery_message m SET opened_at = coalesce(m.opened_at, b.opened),
           clicked_at = coalesce(m.clicked_at, b.clicked),
           -- Whoever opened it or clicked in it has it: that settles what was unknown.
           state = CASE m.state WHEN 3 THEN 1 ELSE m.state END,
           reason = CASE m.state WHEN 3 THEN 'reconciled' ELSE m.reason END
    FROM before b WHERE m.batch_id = b.batch_id AND m.contact_id = b.contact_id
      AND (m.opened_at IS NULL OR (m.clicked_at IS NULL AND b.clicked IS NOT NULL) OR m.state = 3)
), new AS (
    SELECT workspace_id, batch_id, 'opened' AS fact, 1 AS kind, opened AS at FROM before WHERE opened_at IS NULL
    UNION ALL
    SELECT workspace_id, batch_id, 'clicked', 2, clicked FROM before WHERE clicked_at IS NULL AND clicked IS NOT NULL
), hours AS (
    INSERT INTO delivery_hourlyhits AS h (workspace_id, batch_id, kind, hour, n)
    SELECT workspace_id, batch_id, kind, date_trunc('hour', at), count(*) FROM new GROUP BY 1, 2, 3, 4
    ORDER BY 1, 2, 3, 4
    ON CONFLICT (workspace_id, batch_id, kind, hour) DO UPDATE SET n = h.n + excluded.n
), changes AS (
    SELECT workspace_id, batch_id, fact, '' AS reason, 1 AS n FROM new
    UNION ALL SELECT workspace_id, batch_id, 'accepted', '', 1 FROM before WHERE state = 3
    UNION ALL SELECT workspace_id, batch_id, 'unknown', reason, -1 FROM before WHERE state = 3
), tallies AS (
    INSERT INTO delivery_tally AS t (workspace_id, batch_id, fact, reason, n)
    SELECT workspace_id, batch_id, fact, reason, sum(n) FROM changes GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4
    ON CONFLICT (workspace_id, batch_id, fact, reason) DO UPDATE SET n = t.n + excluded.n
), links AS (
    UPDATE delivery_trackedlink l SET clicks = l.clicks + c.n
    FROM (SELECT workspace_id, batch_id, link, count(*) AS n FROM kept WHERE link IS NOT NULL GROUP BY 1, 2, 3) c
    WHERE l.workspace_id = c.workspace_id AND l.batch_id = c.batch_id AND l.n = c.link
)
SELECT count(*) FROM taken
"""


def fold() -> bool:
    """Fold one set of hits. True where there may be more."""
    with transaction.atomic("engine"), connections["engine"].cursor() as cursor:
        cursor.execute(FOLD, {"most": MOST})
        return cursor.fetchone()[0] == MOST
