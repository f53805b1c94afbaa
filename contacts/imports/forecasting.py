"""Forecasts an import: counts what it would do, without doing it.

Rows are read, staged and matched exactly as in an import, but in read-only transactions, in which PostgreSQL writes
nothing but temporary tables. One of these keeps what the file did to contacts so far: rows are matched with these
first, then with the contacts that the file has not touched. So the counts are those of the import, and memory does not
grow with the file.
"""

from __future__ import annotations

import contextlib
import time
from collections import Counter
from uuid import UUID

from django.db import connections, transaction
from django.db.backends.utils import CursorWrapper
from django.utils.translation import gettext as _

from contacts.imports import (
    companies,
    consent_rows,
    do_not_contact,
    events,
    forecast_consent,
    forecast_creations,
    forecast_plain,
    matching,
    people,
    prefetch,
    row_stream,
    run_settings,
    running,
    staging,
)
from contacts.imports.forecast_plain import FIRST_NEW_ID
from contacts.imports.limits import Unreadable
from contacts.imports.prefetch import Chunk
from contacts.imports.rows import Row
from contacts.imports.run_settings import RunSettings
from contacts.models import ContactImport

Target = ContactImport.Target
MAX_REJECTED_SHOWN = 20
SAVE_EVERY = 2.0
# `forecast_people` holds the contacts that the file would have written, as they would be, under ids of their own where
# they are new. `forecast_keys` holds the companies and addresses of the other kinds of files.
TABLES = """
CREATE TEMP TABLE IF NOT EXISTS forecast_people (
    id bigint PRIMARY KEY, email text COLLATE "C", phone text COLLATE "C", external_id text COLLATE "C"
) ON COMMIT PRESERVE ROWS;
CREATE INDEX IF NOT EXISTS forecast_people_email ON forecast_people (email) WHERE email IS NOT NULL;
CREATE INDEX IF NOT EXISTS forecast_people_phone ON forecast_people (phone) WHERE phone IS NOT NULL;
CREATE INDEX IF NOT EXISTS forecast_people_id ON forecast_people (external_id) WHERE external_id IS NOT NULL;
CREATE TEMP TABLE IF NOT EXISTS forecast_keys (key text COLLATE "C" PRIMARY KEY) ON COMMIT PRESERVE ROWS;
TRUNCATE forecast_people, forecast_keys;
"""
# In place of contacts_contact. The columns of both halves have the same types and collations: PostgreSQL then looks for
# a person in each half by its index, whatever it knows of the tables. It would read all of both otherwise. OFFSET keeps
# the planner from joining both tables for each row.
CONTACTS = """(
    SELECT id, %(ws)s::bigint AS workspace_id, email, phone, external_id, NULL::timestamptz AS deleted_at,
        NULL::bigint AS merged_into_id, %(import)s::bigint AS import_id FROM forecast_people
    UNION ALL
    SELECT r.id, r.workspace_id, r.email::text, r.phone::text, r.external_id::text, r.deleted_at, r.merged_into_id,
        NULL::bigint
    FROM contacts_contact r WHERE NOT EXISTS (SELECT FROM forecast_people f WHERE f.id = r.id OFFSET 0))"""
# `person` as in forecast_people; `old_` what an earlier row left there.
VERDICTS = f"""
WITH verdicts AS MATERIALIZED (
    SELECT i.email, i.phone, i.external_id, i.email_answer, i.sms_answer, i.whatsapp_answer, m.contact_id, m.verdict,
        m.new_email, m.new_phone, f.email AS old_email, f.phone AS old_phone,
        CASE WHEN m.verdict = 'create' THEN {FIRST_NEW_ID} + m.n ELSE m.contact_id END AS person
    FROM matched m JOIN incoming i ON i.n = m.n LEFT JOIN LATERAL (
        SELECT p.email, p.phone FROM forecast_people p
        WHERE p.id = m.contact_id AND m.verdict = 'seen' OFFSET 0) f ON true
)
"""  # noqa: S608
# OFFSET as above: a join would read all people of a workspace that is larger than the average one.
JOINED = """verdicts v
LEFT JOIN LATERAL (
    SELECT k.* FROM contacts_contact k
    WHERE k.workspace_id = (SELECT %(ws)s) AND k.id = v.contact_id OFFSET 0) c ON true
{suppressions}"""
VERDICT_OF_COUNT = {"created": "create", "updated": "update", "skipped": "skip", "seen": "seen"}
COUNT = "SELECT {counts} FROM {joined}"
# A contact that the file has seen is written again only if the row changes what it is known by.
REMEMBER = f"""
INSERT INTO forecast_people AS p (id, email, phone, external_id)
SELECT CASE WHEN m.verdict = 'create' THEN {FIRST_NEW_ID} + m.n ELSE m.contact_id END,
       CASE WHEN m.new_email OR m.verdict = 'create' THEN i.email ELSE c.email END,
       CASE WHEN m.new_phone OR m.verdict = 'create' THEN i.phone ELSE c.phone END,
       CASE WHEN m.new_external_id OR m.verdict = 'create' THEN i.external_id ELSE c.external_id END
FROM matched m JOIN incoming i ON i.n = m.n LEFT JOIN LATERAL (
    SELECT k.* FROM {CONTACTS} k WHERE k.workspace_id = (SELECT %(ws)s) AND k.id = m.contact_id OFFSET 0) c ON true
WHERE m.verdict IN ('create', 'update')
   OR (m.verdict = 'seen' AND (m.new_email OR m.new_phone OR m.new_external_id))
ON CONFLICT (id) DO UPDATE SET email = excluded.email, phone = excluded.phone, external_id = excluded.external_id
"""  # noqa: S608
COMPANY_SEEN = "EXISTS (SELECT FROM forecast_keys k WHERE k.key = 'f' || lower(f.name))"
# Only written companies are remembered: one that is skipped is skipped again at its next row.
REMEMBER_COMPANIES = f"""
INSERT INTO forecast_keys SELECT 'f' || lower(f.name)
FROM ({companies.VERDICTS.format(seen=COMPANY_SEEN)}) f
WHERE f.verdict IN ('created', 'updated') ON CONFLICT DO NOTHING
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
                cursor.execute(staging.TABLES + companies.TABLE + ";" + do_not_contact.TABLE + ";" + TABLES)
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


def give_up(workspace_id: int, import_id: int, token: str, problem: Exception) -> None:
    """End the forecast with a message, so that the page stops waiting."""
    with running.as_engine(workspace_id, import_id) as contact_import:
        _save(contact_import, _nothing_yet(token) | {"problem": _cause(problem), "done": True})


def _cause(problem: Exception) -> str:
    if isinstance(problem, running.LOST):
        return _("This file is no longer available. Upload it again.")
    if isinstance(problem, running.UNREACHABLE):
        return _("This file can't be read at the moment. Try again in a few minutes.")
    return _("The file couldn't be checked. Change the columns or try again.")


def _nothing_yet(token: str) -> dict:
    """The counts before the first row; "first" are the first rejected rows, "notes" the first notes,
    "refusing" the first rows that say no; "refused" counts these by channel, "left_out" by the column left out.
    "consent" are the outcomes by channel (forecast_consent.OUTCOMES). "event_names" is how many names of events are
    new."""
    counters: dict[str, Counter] = {name: Counter() for name in ("counts", "reasons", "noted", "refused", "left_out")}
    return {"token": token, "done": False, "first": [], "notes": [], "refusing": [], "consent": {}, **counters}


def _count_chunk(contact_import: ContactImport, settings: RunSettings, chunk: Chunk, found: dict) -> None:
    with transaction.atomic("engine"), connections["engine"].cursor() as cursor:
        cursor.execute("SET TRANSACTION READ ONLY")
        if settings.target == Target.COMPANIES:
            numbers = _count_companies(cursor, contact_import, settings, chunk)
        elif settings.target == Target.SUPPRESSION:
            numbers = _count_suppressions(cursor, contact_import, chunk)
        elif settings.target == Target.EVENTS:
            numbers = _count_events(cursor, contact_import, chunk, found)
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
    staging.stage_for_forecast(cursor, settings, chunk.rows)
    counts: Counter[str] = Counter(dict.fromkeys(VERDICT_OF_COUNT, 0))
    rejected: dict[str, list[int]] = {}
    skipped: list[int] = []
    rounds = chunk.rounds
    if settings.is_plain:
        rounds = _count_plain(cursor, settings, params, rounds, counts, consent)
    joined = JOINED.format(suppressions=forecast_consent.suppressions(settings))
    counted = [f"count(*) FILTER (WHERE v.verdict = '{verdict}')" for verdict in VERDICT_OF_COUNT.values()]
    counted += forecast_consent.columns(settings)
    count = VERDICTS + COUNT.format(counts=", ".join(counted), joined=joined)
    for _round in matching.in_rounds(cursor, settings, params, rounds, contacts=CONTACTS):
        cursor.execute(count, params)
        numbers = list(cursor.fetchone())
        counts.update(dict(zip(VERDICT_OF_COUNT, numbers, strict=False)))
        forecast_consent.add(settings, numbers[len(VERDICT_OF_COUNT) :], consent)
        forecast_consent.remember(cursor, settings, VERDICTS, joined, params, chunk=chunk.last_line)
        cursor.execute(REMEMBER, params)
        matching.add_rejected(cursor, rejected)
        skipped += matching.numbers_of(cursor, "skip")
    if chunk.tally:
        forecast_consent.remember_rejected(cursor, settings, chunk.tally.rejected, chunk=chunk.last_line)
    left_out = skipped + [number for numbers in rejected.values() for number in numbers]
    forecast_creations.add(cursor, contact_import, settings, left_out)
    for reason, numbers in rejected.items():
        chunk.reject(numbers, reason)
    return dict(counts)


def _count_plain(
    cursor: CursorWrapper,
    settings: RunSettings,
    params: dict,
    rounds: list[list[Row]],
    counts: Counter[str],
    consent: dict[str, Counter[str]],
) -> list[list[Row]]:
    """Count the rows of a usual file. Returns those that have to be matched."""
    names = {verdict: name for name, verdict in VERDICT_OF_COUNT.items()}
    of_verdict, outcomes, merged = forecast_plain.count(cursor, settings, params, list(names))
    counts.update({names[verdict]: number for verdict, number in of_verdict.items()})
    consent.setdefault("email", Counter()).update(outcomes)
    return [[row for row in rows if row.number in merged] for rows in rounds]


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


def _count_events(cursor: CursorWrapper, contact_import: ContactImport, chunk: Chunk, found: dict) -> dict[str, int]:
    """Keys of new events are remembered as 'k' and the key, new names as 'n' and the folded name, and those that
    can't be made as 'x' and the folded name."""

    def seen(keys: list[UUID]) -> set[UUID]:
        cursor.execute(
            "SELECT substr(key, 2)::uuid FROM forecast_keys WHERE key = ANY(%s)", [[f"k{key}" for key in keys]]
        )
        return {key for (key,) in cursor.fetchall()}

    cursor.execute("SELECT substr(key, 2) FROM forecast_keys WHERE starts_with(key, 'n')")
    planned = [name for (name,) in cursor.fetchall()]
    counted = events.count(cursor, contact_import, chunk.rows, seen=seen, planned=planned)
    for reason, numbers in counted.rejected.items():
        chunk.reject(numbers, reason)
    new = [*(f"k{event.key}" for event in counted.events), *(f"n{name}" for name in counted.names)]
    new += [f"x{name}" for name in counted.refused_names]
    cursor.execute("INSERT INTO forecast_keys SELECT unnest(%s::text[]) ON CONFLICT DO NOTHING", [new])
    cursor.execute("SELECT count(*) FROM forecast_keys WHERE starts_with(key, 'n') OR starts_with(key, 'x')")
    found["event_names"] = cursor.fetchone()[0]
    return counted.counts


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
