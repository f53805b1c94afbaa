"""Counts a chunk of the usual file (run_settings.RunSettings.is_plain) in one statement, with one look-up per row.

This is to the forecast what people.UPSERT is to the import. Rows about a contact that was merged into another are left
to `matching`, as there.
"""

from __future__ import annotations

from collections import Counter
from typing import Any

from django.db.backends.utils import CursorWrapper

from contacts.imports import forecast_consent
from contacts.imports.run_settings import RunSettings

#: New contacts get ids from here in `forecast_people`.
FIRST_NEW_ID = 1 << 62
# With the aliases that forecast_consent needs: v is the row with its verdict, c its contact. LIMIT keeps the planner
# from joining whole tables.
COUNT = """
WITH judged AS MATERIALIZED (
    SELECT v.*, {outcome} AS outcome
    FROM incoming i
    LEFT JOIN LATERAL (SELECT p.id FROM forecast_people p WHERE p.email = i.email LIMIT 1) f ON true
    LEFT JOIN LATERAL (
        SELECT k.id, k.email, k.status, k.deleted_at, k.merged_into_id FROM contacts_contact k
        WHERE k.workspace_id = (SELECT %(ws)s) AND k.email = i.email AND f.id IS NULL LIMIT 1) c ON true
    CROSS JOIN LATERAL (
        SELECT i.n, i.email, c.id AS contact_id, c.id IS NULL AND f.id IS NULL AS new_email,
            NULL::text AS old_email,
            CASE WHEN f.id IS NOT NULL THEN 'seen' WHEN c.id IS NULL THEN 'create'
                WHEN c.merged_into_id IS NOT NULL THEN 'merged' ELSE 'update' END AS verdict) v
    {suppressions}
), remembered AS (
    -- A contact whose address somebody else changes meanwhile may be found twice. ON CONFLICT would look for each new
    -- id.
    INSERT INTO forecast_people (id, email)
    SELECT coalesce(j.contact_id, {first_new_id} + j.n), j.email FROM judged j WHERE j.verdict = 'create'
    OR (j.verdict = 'update' AND NOT EXISTS (SELECT FROM forecast_people p WHERE p.id = j.contact_id OFFSET 0))
)
SELECT coalesce(array_agg(n) FILTER (WHERE verdict = 'merged'), '{{}}'), {counts} FROM judged
"""


def count(
    cursor: CursorWrapper, settings: RunSettings, params: dict[str, Any], verdicts: list[str]
) -> tuple[Counter[str], Counter[str], set[int]]:
    """Count the rows in `incoming`, and remember their contacts. Returns how many have each of the `verdicts`, how many
    each of forecast_consent.OUTCOMES, and the numbers of the rows that were not counted: `matching` has to find their
    contacts."""
    outcomes = forecast_consent.OUTCOMES
    counts = [f"count(*) FILTER (WHERE verdict = '{verdict}')" for verdict in verdicts]
    counts += [f"count(*) FILTER (WHERE outcome = '{outcome}')" for outcome in outcomes]
    statement = COUNT.format(
        outcome=forecast_consent.outcome(settings, "email"),
        suppressions=forecast_consent.suppressions(settings),
        first_new_id=FIRST_NEW_ID,
        counts=", ".join(counts),
    )
    cursor.execute(statement, params)
    merged, *numbers = cursor.fetchone()
    of_verdict = Counter(dict(zip(verdicts, numbers, strict=False)))
    return of_verdict, Counter(dict(zip(outcomes, numbers[len(verdicts) :], strict=True))), set(merged)
