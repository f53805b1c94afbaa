"""Writing a file's rows: one transaction a chunk, which holds the contacts, the counts and the cursor together.

Killed anywhere, the import goes on from its cursor and ends as if nothing had happened. It runs on the engine
connection because COPY is refused under row-level security, so every statement names the workspace.
"""

from __future__ import annotations

import contextlib
import json
import time

from django.db import connections, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Job
from contacts.importing import ahead, reading
from contacts.importing.ahead import Chunk
from contacts.importing.rows import Row
from contacts.models import ContactImport
from kernel.links import workspace_url
from kernel.tenancy import across_workspaces

REJECTED_CELLS = 30


class Interrupted(Exception):
    """Another worker goes on with this import."""


def run(workspace_id: int, import_id: int, *, budget: float = 200.0) -> bool:
    """Take in rows until the file ends (True) or the budget in seconds is used up (False: call again)."""
    deadline = time.monotonic() + budget
    with across_workspaces("imports run as the engine, which may COPY; every statement names the workspace"):
        contact_import = ContactImport.objects.select_related("job").get(pk=import_id, workspace_id=workspace_id)
        if contact_import.state != ContactImport.State.RUNNING:
            return True
        source = ahead.chunks(reading.rows(contact_import), contact_import.mapping, skip=contact_import.cursor)
        with contextlib.closing(source):
            for chunk in source:
                _take_in(contact_import, chunk)
                if time.monotonic() > deadline:
                    return False
        _finish(contact_import)
    return True


def _take_in(contact_import: ContactImport, chunk: Chunk) -> None:
    with transaction.atomic("engine"), connections["engine"].cursor() as cursor:
        _claim(cursor, contact_import)
        counts = {"rows": chunk.size, "merged": chunk.merged, "rejected": len(chunk.rejected)}
        counts |= _write_contacts(cursor, contact_import, chunk.rows)
        counts["merged"] += counts.pop("seen")
        _write_tags(cursor, contact_import, chunk.rows)
        _write_rejected(cursor, contact_import, chunk.rejected)
        contact_import.cursor += chunk.size
        for name, number in counts.items():
            setattr(contact_import, name, getattr(contact_import, name) + number)
        contact_import.save(update_fields=["cursor", *counts])
        contact_import.job.progress(contact_import.rows)


def _claim(cursor, contact_import: ContactImport) -> None:
    """Two workers on one import: the second one waits here, then sees that the cursor has moved. Raises Interrupted."""
    cursor.execute(
        "SELECT cursor FROM contacts_contactimport WHERE workspace_id = %s AND id = %s FOR UPDATE",
        [contact_import.workspace_id, contact_import.pk],
    )
    if cursor.fetchone()[0] != contact_import.cursor:
        raise Interrupted


UPSERT = """
WITH suppressed AS MATERIALIZED (
    SELECT s.recipient, s.reason FROM incoming i CROSS JOIN LATERAL (
        SELECT recipient, reason FROM contacts_suppression
        WHERE workspace_id = %(ws)s AND channel = 'email' AND recipient = i.email OFFSET 0) s
), written AS (
    INSERT INTO contacts_contact AS c (workspace_id, email, first_name, last_name, attributes, status, source,
                                       import_effect, import_id, created_at, updated_at)
    SELECT %(ws)s, i.email, i.first_name, i.last_name, i.attributes, coalesce(s.reason, 'subscribed'), 'import',
           'created', %(import)s, now(), now()
    FROM incoming i LEFT JOIN suppressed s ON s.recipient = i.email
    ORDER BY i.email
    ON CONFLICT (workspace_id, email) DO UPDATE SET
        first_name = CASE WHEN excluded.first_name <> '' THEN excluded.first_name ELSE c.first_name END,
        last_name = CASE WHEN excluded.last_name <> '' THEN excluded.last_name ELSE c.last_name END,
        attributes = c.attributes || excluded.attributes,
        -- Only someone who never answered is subscribed by an import; a no stays a no.
        status = CASE WHEN c.status = 'pending' THEN excluded.status ELSE c.status END,
        -- What this did, for the counts: reading the rows beforehand would be a second look-up each.
        import_effect = CASE WHEN c.import_id = excluded.import_id THEN 'seen'
                             WHEN c.status = 'pending' THEN 'subscribed' ELSE 'updated' END,
        import_id = excluded.import_id, deleted_at = NULL, updated_at = now()
    RETURNING c.id, c.status, CASE WHEN xmax = 0 THEN 'created' ELSE c.import_effect END AS effect
), consented AS (
    INSERT INTO contacts_consent (workspace_id, contact_id, channel, state, source, wording, reason, import_id,
                                  actor_id, at)
    SELECT %(ws)s, w.id, 'email', 'granted', 'import', %(proof)s, '', %(import)s, %(actor)s, now()
    FROM written w WHERE w.status = 'subscribed' AND w.effect IN ('created', 'subscribed')
)
SELECT count(*) FILTER (WHERE effect = 'created'), count(*) FILTER (WHERE effect IN ('updated', 'subscribed')),
       count(*) FILTER (WHERE effect = 'seen'), count(*) FILTER (WHERE status <> 'subscribed' AND effect <> 'seen')
FROM written
"""


def _write_contacts(cursor, contact_import: ContactImport, rows: dict[str, Row]) -> dict[str, int]:
    cursor.execute(
        'CREATE TEMP TABLE IF NOT EXISTS incoming (email text COLLATE "C" PRIMARY KEY, first_name text NOT NULL, '
        "last_name text NOT NULL, attributes jsonb NOT NULL, tags text[] NOT NULL) ON COMMIT DELETE ROWS"
    )
    with cursor.copy("COPY incoming FROM STDIN") as copy:
        for row in rows.values():
            copy.write_row((row.email, row.first_name, row.last_name, json.dumps(row.attributes), sorted(row.tags)))
    cursor.execute("ANALYZE incoming")
    params = {
        "ws": contact_import.workspace_id,
        "import": contact_import.pk,
        "proof": contact_import.consent_source,
        "actor": contact_import.uploaded_by_id,
    }
    cursor.execute(UPSERT, params)
    return dict(zip(("created", "updated", "seen", "kept_out"), cursor.fetchone(), strict=True))


def _write_tags(cursor, contact_import: ContactImport, rows: dict[str, Row]) -> None:
    params = {"ws": contact_import.workspace_id, "import": contact_import.pk}
    cursor.execute(
        "INSERT INTO contacts_contacttag (workspace_id, contact_id, tag_id) "
        "SELECT %(ws)s, c.id, t.tag_id FROM contacts_importtag t, incoming i "
        "JOIN contacts_contact c ON c.workspace_id = %(ws)s AND c.email = i.email "
        "WHERE t.workspace_id = %(ws)s AND t.contact_import_id = %(import)s ON CONFLICT DO NOTHING",
        params,
    )
    if not any(row.tags for row in rows.values()):
        return
    cursor.execute(
        "INSERT INTO contacts_tag (workspace_id, name) SELECT DISTINCT %(ws)s, unnest(tags) FROM incoming "
        "ON CONFLICT DO NOTHING",
        params,
    )
    cursor.execute(
        "INSERT INTO contacts_contacttag (workspace_id, contact_id, tag_id) "
        "SELECT %(ws)s, c.id, t.id FROM incoming i "
        "JOIN contacts_contact c ON c.workspace_id = %(ws)s AND c.email = i.email "
        "JOIN contacts_tag t ON t.workspace_id = %(ws)s AND t.name = ANY(i.tags) ON CONFLICT DO NOTHING",
        params,
    )


def _write_rejected(cursor, contact_import: ContactImport, rejected: list) -> None:
    if not rejected:
        return
    rows = [
        (number, reason, json.dumps([cell.replace("\0", "\ufffd")[:500] for cell in cells[:REJECTED_CELLS]]))
        for number, reason, cells in rejected
    ]
    numbers, reasons, cells = (list(column) for column in zip(*rows, strict=True))
    # Not COPY: with one database role for everything, row-level security applies here, too, and refuses it.
    cursor.execute(
        "INSERT INTO contacts_rejectedrow (workspace_id, contact_import_id, line, reason, cells) "
        "SELECT %s, %s, line, reason, cells "
        "FROM unnest(%s::bigint[], %s::text[], %s::jsonb[]) AS u(line, reason, cells)",
        [contact_import.workspace_id, contact_import.pk, numbers, reasons, cells],
    )


def _finish(contact_import: ContactImport) -> None:
    contact_import.state = ContactImport.State.DONE
    contact_import.finished_at = timezone.now()
    contact_import.save(update_fields=["state", "finished_at"])
    contact_import.parts.all().delete()
    contact_import.job.finish(Job.State.DONE, _("%(rows)d rows read") % {"rows": contact_import.rows})


def give_up(contact_import: ContactImport, problem: Exception) -> None:
    """What was taken in stays; the page offers to go on from there."""
    contact_import.state = ContactImport.State.FAILED
    contact_import.problem = type(problem).__name__
    contact_import.save(update_fields=["state", "problem"])
    contact_import.job.finish(Job.State.FAILED, _("Stopped by an error. What was read so far is kept."))


def start(contact_import: ContactImport, user) -> None:
    """Begin, or go on after a failure. The caller enqueues the job in the same transaction."""
    contact_import.state, contact_import.problem = ContactImport.State.RUNNING, ""
    contact_import.job = Job.objects.create(
        kind="import",
        owner=user,
        done=contact_import.rows,
        message=contact_import.name,
        path=workspace_url(contact_import.workspace, "contacts:import", pk=contact_import.pk),
    )
    contact_import.save()
