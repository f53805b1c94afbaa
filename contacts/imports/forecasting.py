"""Forecasts an import: counts what it would do, without doing it.

Rows are read, staged and matched exactly as in an import, but in read-only transactions, in which PostgreSQL writes
nothing but temporary tables. One of these keeps who appeared in earlier chunks, so memory does not grow with the file.

The counts are exact if the file identifies people by one column. With several, a row that shares only one identity with
an earlier row counts as merged: whether they contradict each other is known only once the earlier row is written.
"""

from __future__ import annotations

import contextlib
import time
from collections import Counter

from django.db import connections, transaction
from django.db.backends.utils import CursorWrapper
from django.utils.translation import gettext as _

from contacts.consent import consent_rules
from contacts.imports import (
    companies,
    consent_rows,
    do_not_contact,
    forecast_consent,
    forecast_creations,
    matching,
    people,
    prefetch,
    row_stream,
    run_settings,
    running,
    staging,
)
from contacts.imports.limits import Unreadable
from contacts.imports.prefetch import Chunk
from contacts.imports.run_settings import RunSettings
from contacts.models import ContactImport

Target = ContactImport.Target
MAX_REJECTED_SHOWN = 20
SAVE_EVERY = 2.0
# The collation is that of the columns of `incoming`: with another one, a key would be looked for in the whole table.
TABLE = """
CREATE TEMP TABLE IF NOT EXISTS forecast_keys (key text COLLATE "C" PRIMARY KEY) ON COMMIT PRESERVE ROWS;
TRUNCATE forecast_keys;
"""
SEEN = "EXISTS (SELECT FROM forecast_keys k WHERE k.key = 'c' || w.id)"
KEYS = "'e' || i.email, 'p' || i.phone, 'x' || i.external_id"
VERDICTS = f"""
WITH verdicts AS MATERIALIZED (
    SELECT i.email, i.phone, i.email_answer, i.sms_answer, i.whatsapp_answer, m.contact_id,
        CASE WHEN m.verdict = 'create' AND EXISTS (
        SELECT FROM forecast_keys k WHERE k.key = ANY(ARRAY[{KEYS}])) THEN 'seen'
        ELSE m.verdict END AS verdict
    FROM matched m JOIN incoming i ON i.n = m.n
)
"""  # noqa: S608
JOINED = """verdicts v
LEFT JOIN contacts_contact c ON c.workspace_id = (SELECT %(ws)s) AND c.id = v.contact_id {suppressions}"""
COUNT = """
SELECT count(*) FILTER (WHERE v.verdict = 'create'), count(*) FILTER (WHERE v.verdict = 'update'),
       count(*) FILTER (WHERE v.verdict = 'skip'), count(*) FILTER (WHERE v.verdict IN ('seen', 'later')),
       {counts} FROM {joined}
"""
REMEMBER = f"""
INSERT INTO forecast_keys
SELECT k.key FROM matched m JOIN incoming i ON i.n = m.n CROSS JOIN LATERAL (
    SELECT 'c' || m.contact_id WHERE m.verdict = 'update'
    UNION ALL SELECT v.key FROM unnest(ARRAY[{KEYS}]) AS v(key)
    WHERE m.verdict = 'create' AND v.key IS NOT NULL) AS k(key)
ON CONFLICT DO NOTHING
"""  # noqa: S608
COMPANY_SEEN = "EXISTS (SELECT FROM forecast_keys k WHERE k.key = 'f' || lower(f.name))"
# Only written companies are remembered: one that is skipped is skipped again at its next row.
REMEMBER_COMPANIES = f"""
INSERT INTO forecast_keys SELECT 'f' || lower(f.name)
FROM company_rows f JOIN ({companies.VERDICTS.format(seen=COMPANY_SEEN)}) v ON v.n = f.n
WHERE v.verdict IN ('created', 'updated') ON CONFLICT DO NOTHING
"""  # noqa: S608

SUPPRESSION_SEEN = "EXISTS (SELECT FROM forecast_keys k WHERE k.key = 'r' || f.{address})"
REMEMBER_SUPPRESSIONS = """
INSERT INTO forecast_keys SELECT v.key FROM suppression_rows f
CROSS JOIN LATERAL (VALUES ('r' || f.email), ('r' || f.phone)) AS v(key)
WHERE v.key IS NOT NULL ON CONFLICT DO NOTHING
"""


def run(workspace_id: int, import_id: int, token: str, *, budget: float = 150.0) -> None:
    """Count, and save the counts in `preview`, unless another mapping was chosen meanwhile (another token). After
    `budget` seconds the counts so far are saved as "partial"."""
    deadline, saved = time.monotonic() + budget, 0.0
    with running.as_engine(workspace_id, import_id) as contact_import:
        found = _nothing_yet(token)
        try:
            settings = run_settings.load(contact_import)
            with transaction.atomic("engine"), connections["engine"].cursor() as cursor:
                cursor.execute(staging.TABLES + companies.TABLE + ";" + do_not_contact.TABLE + ";" + TABLE)
                forecast_creations.begin(cursor, contact_import)
                forecast_consent.begin(cursor)
            with contextlib.closing(prefetch.chunks(row_stream.rows(contact_import), settings, skip=0)) as source:
                for chunk in source:
                    _count_chunk(contact_import, settings, chunk, found)
                    if not contact_import.survey:  # the lines of a text were counted when it was uploaded
                        contact_import.lines = chunk.last_line
                    if time.monotonic() > deadline:
                        found["partial"] = True
                        break
                    if time.monotonic() > saved + SAVE_EVERY:
                        saved = time.monotonic()
                        if not _save(contact_import, found):
                            return
            if settings.target == Target.CONTACTS:
                _conclude(contact_import, settings, found)
        except Unreadable as problem:
            found["problem"] = str(problem)
        _save(contact_import, found | {"done": True})


def _conclude(contact_import: ContactImport, settings: RunSettings, found: dict) -> None:
    """Add what is known only when all rows were counted."""
    with connections["engine"].cursor() as cursor:
        forecast_consent.take_back(cursor, settings, found["consent"])
        found["creations"] = forecast_creations.found(cursor, contact_import)


def give_up(workspace_id: int, import_id: int, token: str) -> None:
    """End the forecast with a message, so that the page stops waiting."""
    with running.as_engine(workspace_id, import_id) as contact_import:
        problem = _("The file couldn't be checked. Change the columns or try again.")
        _save(contact_import, _nothing_yet(token) | {"problem": problem, "done": True})


def _nothing_yet(token: str) -> dict:
    """The counts before the first row; "first" are the first rejected rows, "notes" the first notes,
    "refusing" the first rows that say no; "refused" counts these by channel, "left_out" by the column left out.
    "consent" are the outcomes by channel (forecast_consent.OUTCOMES)."""
    counters: dict[str, Counter] = {name: Counter() for name in ("counts", "reasons", "noted", "refused", "left_out")}
    return {"token": token, "done": False, "first": [], "notes": [], "refusing": [], "consent": {}, **counters}


def _count_chunk(contact_import: ContactImport, settings: RunSettings, chunk: Chunk, found: dict) -> None:
    with transaction.atomic("engine"), connections["engine"].cursor() as cursor:
        cursor.execute("SET TRANSACTION READ ONLY")
        if settings.target == Target.COMPANIES:
            numbers = _count_companies(cursor, contact_import, settings, chunk)
        elif settings.target == Target.SUPPRESSION:
            numbers = _count_suppressions(cursor, contact_import, chunk)
        else:
            numbers = _count_people(cursor, contact_import, settings, chunk, found["consent"])
    counts = found["counts"]
    notes = chunk.notes
    counts.update({"rows": chunk.size, "merged": chunk.merged + numbers.pop("seen"), "rejected": len(chunk.rejected)})
    counts.update(numbers | {"noted": len(notes)})
    found["noted"].update(running.notes_by_column(notes))
    for number, column, reason, cell, _cells in notes[: MAX_REJECTED_SHOWN - len(found["notes"])]:
        found["notes"].append([number, settings.heading_of(column), reason, cell[:60]])
    if chunk.tally is not None:
        found["refused"].update(chunk.tally.refused)
        found["left_out"].update({str(column): number for column, number in chunk.tally.left_out.items()})
        found["refusing"] = (found["refusing"] + chunk.tally.first)[: consent_rows.MAX_SHOWN]
    found["reasons"].update(reason for _number, reason, _cells in chunk.rejected)
    for number, reason, cells in sorted(chunk.rejected, key=lambda row: row[0]):
        if len(found["first"]) < MAX_REJECTED_SHOWN:
            found["first"].append([number, reason, [cell.replace("\0", "\ufffd")[:60] for cell in cells[:6]]])


def _count_people(
    cursor: CursorWrapper,
    contact_import: ContactImport,
    settings: RunSettings,
    chunk: Chunk,
    consent: dict[str, Counter[str]],
) -> dict[str, int]:
    params = people.params_of(contact_import)
    chunk.reject(people.erased(cursor, contact_import.workspace_id, chunk.rows), "erased")
    # Later rounds are about people of the first round, who are counted already; they may name more tags.
    first, again = chunk.rounds[0], sum(map(len, chunk.rounds[1:]))
    staging.stage(cursor, settings, chunk.rows)
    matching.match(cursor, settings, params, [row.number for row in first], seen=SEEN)
    conflicts = matching.numbers(cursor, "conflict")
    kept_out, suppressions = _kept_out(settings)
    joined = JOINED.format(suppressions=suppressions)
    outcomes = forecast_consent.columns(settings)
    counted = [f"count(*) FILTER (WHERE v.verdict IN ('create', 'update') AND {kept_out})", *outcomes]
    cursor.execute(VERDICTS + COUNT.format(counts=", ".join(counted), joined=joined), params)
    numbers = list(cursor.fetchone())
    counts = dict(zip(people.COUNTS, numbers, strict=False))
    forecast_consent.add(settings, numbers[len(people.COUNTS) :], consent)
    rejected = chunk.tally.rejected if chunk.tally else ()
    forecast_consent.remember(cursor, settings, VERDICTS, joined, params, rejected)
    forecast_creations.add(cursor, contact_import, settings)
    cursor.execute(REMEMBER)
    chunk.reject(conflicts, "conflict")
    counts["seen"] += again
    return counts


def _count_companies(
    cursor: CursorWrapper, contact_import: ContactImport, settings: RunSettings, chunk: Chunk
) -> dict[str, int]:
    companies.stage(cursor, chunk.rows)
    params = people.params_of(contact_import) | {"mode": settings.mode}
    counts = companies.count(cursor, settings, params, seen=COMPANY_SEEN)
    cursor.execute(REMEMBER_COMPANIES, params)
    return counts


def _count_suppressions(cursor: CursorWrapper, contact_import: ContactImport, chunk: Chunk) -> dict[str, int]:
    gone = set(people.erased(cursor, contact_import.workspace_id, chunk.rows))
    do_not_contact.stage(cursor, [row for row in chunk.rows if row.number not in gone])
    counts = do_not_contact.count(cursor, people.params_of(contact_import), seen=SUPPRESSION_SEEN)
    cursor.execute(REMEMBER_SUPPRESSIONS)
    counts["skipped"] += len(gone)
    return counts


def _kept_out(settings: RunSettings) -> tuple[str, str]:
    """(condition, joins): an SQL condition that holds if the row's person can't be written to on a declared channel,
    and the joins it needs."""
    conditions, joins = ["false"], []
    for channel in settings.channels:
        address, status = consent_rules.ADDRESS[channel], consent_rules.STATUS[channel]
        joins.append(matching.suppression(channel, f"coalesce(v.{address}, c.{address})"))
        conditions.append(
            f"(coalesce(v.{address}, c.{address}) IS NOT NULL AND {people.says_yes(settings, channel, row='v')} AND "
            f"CASE WHEN coalesce(c.{status}, 'pending') = 'pending' THEN s_{channel}.reason IS NOT NULL "
            f"ELSE c.{status} <> 'subscribed' END)"
        )
    return f"({' OR '.join(conditions)})", " ".join(joins)


def _save(contact_import: ContactImport, found: dict) -> bool:
    """Save the counts. False if nobody waits for this forecast any more."""
    contact_import.preview = (contact_import.preview or {}) | {"forecast": found}
    waiting = ContactImport.objects.filter(
        pk=contact_import.pk,
        workspace_id=contact_import.workspace_id,
        state=ContactImport.State.UPLOADED,
        preview__forecast__token=found["token"],
    )
    return bool(waiting.update(preview=contact_import.preview, lines=contact_import.lines))
