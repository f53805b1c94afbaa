"""Puts a chunk's rows into temporary tables, from which PostgreSQL matches and writes them all at once.

`incoming` holds the rows, `matched` the contact of each row and what to do with it, `touched` what was done. They are
empty after each transaction.

Statements that look people up say `workspace_id = (SELECT %(ws)s)`, so that PostgreSQL plans for any workspace. If it
knew that this one is new, it would expect no rows in it, and any index that begins with the workspace would look as
good as the one that finds the person: 8,000 rows of a new workspace read 40 million pages.
"""

from __future__ import annotations

import json
from typing import Any

from django.db.backends.utils import CursorWrapper

from contacts.identity.address_kinds import address_kind
from contacts.imports.consent_answers import CHANNELS
from contacts.imports.consent_rows import RowConsent
from contacts.imports.rows import Row
from contacts.imports.run_settings import RunSettings

TABLES = """
CREATE TEMP TABLE IF NOT EXISTS incoming (
    n bigint NOT NULL, email text COLLATE "C", phone text COLLATE "C", external_id text COLLATE "C",
    first_name text NOT NULL DEFAULT '', last_name text NOT NULL DEFAULT '', language text NOT NULL DEFAULT '',
    address_kind text NOT NULL DEFAULT '', attributes jsonb NOT NULL DEFAULT '{}', tags text[] NOT NULL DEFAULT '{}',
    lists text[] NOT NULL DEFAULT '{}', companies text[] NOT NULL DEFAULT '{}', role text NOT NULL DEFAULT '',
    cleared text[] NOT NULL DEFAULT '{}',
    email_answer text, sms_answer text, whatsapp_answer text, consent_at timestamptz, consent_wording text,
    consent_on date, consent_ip inet, consent_source text, created_at timestamptz
) ON COMMIT DELETE ROWS;
CREATE TEMP TABLE IF NOT EXISTS matched (
    n bigint NOT NULL, contact_id bigint, verdict text NOT NULL, new_email boolean, new_phone boolean,
    new_external_id boolean
) ON COMMIT DELETE ROWS;
CREATE TEMP TABLE IF NOT EXISTS touched (n bigint NOT NULL, contact_id bigint NOT NULL, effect text NOT NULL)
    ON COMMIT DELETE ROWS;
"""

ANSWERS = [f"{channel}_answer" for channel in CHANNELS]
PROOF = ("consent_at", "consent_on", "consent_wording", "consent_ip", "consent_source", "created_at")


def stage(cursor: CursorWrapper, settings: RunSettings, rows: list[Row]) -> None:
    """Copy the rows into `incoming`: only the columns that the file has, since each column costs time."""
    optional: list[str] = [name for name in ("phone", "external_id", "language") if name in settings.mapping]
    if "company_role" in settings.mapping:
        optional.append("role")
    sets = _sets(settings)
    if settings.clear_empty:
        sets.append("cleared")
    columns = ["n", "email", "first_name", "last_name", "address_kind", "attributes", *optional, *sets]
    answers = ANSWERS if settings.consent.writes else []
    if answers:
        columns += [*answers, *PROOF]
    dumps = json.JSONEncoder(ensure_ascii=False, check_circular=False).encode
    with cursor.copy(f"COPY incoming ({', '.join(columns)}) FROM STDIN") as copy:
        for row in rows:
            email = row.email
            line: list[Any] = [row.number, email, row.first_name, row.last_name, address_kind(email) if email else ""]
            line.append(dumps(row.attributes) if row.attributes else "{}")
            line += [getattr(row, name) for name in optional]
            line += [sorted(getattr(row, name)) for name in sets]
            if answers:
                line += _consent(row)
            copy.write_row(line)
    _analyze(cursor)


def stage_for_forecast(cursor: CursorWrapper, settings: RunSettings, rows: list[Row]) -> None:
    """Copy of the rows into `incoming` only what a forecast counts: who it is, what they say about consent, and the
    tags, lists and companies."""
    identities = sorted(settings.identities)
    sets = _sets(settings)
    answers = ANSWERS if settings.consent.writes else []
    columns = ["n", *identities, *sets, *answers]
    with cursor.copy(f"COPY incoming ({', '.join(columns)}) FROM STDIN") as copy:
        for row in rows:
            line: list[Any] = [row.number]
            line += [getattr(row, name) for name in identities]
            line += [sorted(getattr(row, name)) for name in sets]
            if answers:
                line += _answers(row.consent or RowConsent({}))
            copy.write_row(line)
    _analyze(cursor)


def _sets(settings: RunSettings) -> list[str]:
    sets: list[str] = [name for name in ("tags", "lists") if name in settings.mapping]
    return [*sets, "companies"] if settings.names_companies else sets


def _analyze(cursor: CursorWrapper) -> None:
    """The planner needs the size and the keys. Analyzing the wide columns would cost as much as writing the rows."""
    cursor.execute("ANALYZE incoming (n, email)")


def _answers(said: RowConsent) -> list[str | None]:
    """In the order of ANSWERS."""
    return [said.answers[channel].state if channel in said.answers else None for channel in CHANNELS]


def _consent(row: Row) -> list[Any]:
    """What the row says about consent, in the order of ANSWERS and PROOF."""
    said = row.consent or RowConsent({})
    at, day = said.at or (None, None)
    created_at = said.created_at and said.created_at.at
    return [*_answers(said), at, day, said.wording, said.ip, said.source, created_at]
