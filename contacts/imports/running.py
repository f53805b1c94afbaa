"""Writes a file's rows: one transaction per chunk, with the contacts, the counts and the cursor together.

An import that is killed continues from its cursor and ends with the same result. It runs on the engine connection,
because COPY is refused under row-level security, so every statement names the workspace.
"""

from __future__ import annotations

import contextlib
import json
import logging
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import AbstractContextManager
from typing import Any

from django.db import IntegrityError, connection, connections, transaction
from django.db.backends.utils import CursorWrapper
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import Job, User
from contacts.imports import (
    companies,
    do_not_contact,
    effects,
    events,
    memberships,
    people,
    prefetch,
    rejecting,
    retrying,
    row_stream,
    run_settings,
    stored_file,
    targets,
)
from contacts.imports.limits import Unreadable
from contacts.imports.prefetch import Chunk
from contacts.imports.run_settings import RunSettings
from contacts.models import ContactChange, ContactImport
from kernel.causes import caused_by
from kernel.files.problems import Damaged, Missing, Problem
from kernel.jobs import Interrupted
from kernel.links import workspace_url
from kernel.tenancy import across_workspaces

log = logging.getLogger("fanfare.files")

NOTED_CELLS, NOTED_CELL_LENGTH = 30, 2000
# How often a chunk is tried while other transactions change the same people.
ATTEMPTS = 5
# Of PostgreSQL, for a chunk: the rows before and after are kept aside for what notes changes (decision 0030), and more
# than this goes to files.
WORK_MEM = "64MB"
#: The file is gone, or not as it was uploaded: no second try helps.
LOST = (Missing, Damaged)
#: The file can't be read now.
UNREACHABLE = (Problem, OSError)
Target = ContactImport.Target
Source = ContactChange.Source


@contextlib.contextmanager
def as_engine(workspace_id: int, import_id: int) -> Iterator[ContactImport]:
    """Work on an import as the engine role, which may COPY: every statement names the workspace."""
    with across_workspaces("imports run as the engine, which may COPY; every statement names the workspace"):
        yield ContactImport.objects.select_related("job", "workspace").get(pk=import_id, workspace_id=workspace_id)


def job_of(contact_import: ContactImport) -> Job:
    """The job of an import that was started."""
    if contact_import.job is None:
        raise ValueError(f"Import {contact_import.pk} was never started.")
    return contact_import.job


def run(workspace_id: int, import_id: int, *, budget: float = 200.0) -> bool:
    """Write rows until the file ends (True) or the budget in seconds is used up (False: call again). Raises Interrupted
    if another worker has the import."""
    deadline = time.monotonic() + budget
    with as_engine(workspace_id, import_id) as contact_import:
        if contact_import.state != ContactImport.State.RUNNING:
            raise Interrupted  # another worker finished it
        settings = run_settings.load(contact_import)
        statements = memberships.statements_for(contact_import, settings)
        source = prefetch.chunks(row_stream.rows(contact_import), settings, skip=contact_import.cursor)
        with contextlib.closing(source):
            for chunk in source:
                _import_chunk(contact_import, settings, statements, chunk)
                if time.monotonic() > deadline:
                    return False
        _finish(contact_import)
    return True


def _import_chunk(contact_import: ContactImport, settings: RunSettings, statements: list[str], chunk: Chunk) -> None:
    """Write one chunk. If another transaction changes the same people meanwhile, start the chunk again."""
    for attempt in range(ATTEMPTS):
        try:
            with (
                transaction.atomic("engine"),
                connections["engine"].cursor() as cursor,
                _caused_by(cursor, contact_import),
            ):
                _write(cursor, contact_import, settings, statements, chunk.copy())
            return
        except IntegrityError:
            if attempt == ATTEMPTS - 1:
                raise


def _caused_by(cursor: CursorWrapper, contact_import: ContactImport) -> AbstractContextManager[None]:
    """What the changes of the import's contacts say about where they come from."""
    return caused_by(Source.IMPORT, source_id=contact_import.pk, actor_id=contact_import.uploaded_by_id, cursor=cursor)


def _write(
    cursor: CursorWrapper, contact_import: ContactImport, settings: RunSettings, statements: list[str], chunk: Chunk
) -> None:
    cursor.execute("SELECT set_config('work_mem', %s, true)", [WORK_MEM])
    claim(cursor, contact_import)
    rejected: dict[str, list[int]] = {}
    if settings.target == Target.COMPANIES:
        written = companies.write(cursor, contact_import, settings, chunk.rows)
    elif settings.target == Target.SUPPRESSION:
        written = do_not_contact.write(cursor, contact_import, chunk.rows)
    elif settings.target == Target.EVENTS:
        written, rejected = events.write(cursor, contact_import, chunk.rows)
    else:
        chunk.reject(people.erased(cursor, contact_import.workspace_id, chunk.rows), "erased")
        written, rejected = people.write(
            cursor,
            contact_import,
            settings,
            chunk.rounds,
            keep_touched=bool(statements),
            rejected=chunk.tally.rejected if chunk.tally else (),
        )
        memberships.write(cursor, statements, people.params_of(contact_import))
    for reason, numbers in rejected.items():
        chunk.reject(numbers, reason)
    notes = chunk.notes
    _write_notes(cursor, contact_import, settings, notes)
    counts = {"rows": chunk.size, "merged": chunk.merged + written.pop("seen"), "rejected": len(chunk.rejected)}
    counts |= written | rejecting.keep(cursor, contact_import, chunk.rejected) | {"noted": len(notes)}
    retrying.mark(cursor, contact_import, chunk)
    values: dict[str, Any] = {name: getattr(contact_import, name) + number for name, number in counts.items()}
    values["noted_columns"] = dict(Counter(contact_import.noted_columns) + notes_by_column(notes))
    if not contact_import.survey:  # the lines of a text were counted when it was uploaded
        values["lines"] = chunk.last_line
    if chunk.tally is not None:
        values["refused"] = dict(Counter(contact_import.refused) + chunk.tally.refused)
    values["cursor"] = contact_import.cursor + chunk.size
    ContactImport.objects.filter(pk=contact_import.pk, workspace_id=contact_import.workspace_id).update(**values)
    job_of(contact_import).progress(values["rows"])
    transaction.on_commit(lambda: vars(contact_import).update(values), using="engine")


def claim(cursor: CursorWrapper, contact_import: ContactImport) -> None:
    """Lock the import. If two workers have it, the second one waits here, then sees that the cursor has moved. Raises
    Interrupted."""
    cursor.execute(
        "SELECT cursor FROM contacts_contactimport WHERE workspace_id = %s AND id = %s FOR UPDATE",
        [contact_import.workspace_id, contact_import.pk],
    )
    if cursor.fetchone()[0] != contact_import.cursor:
        raise Interrupted


def notes_by_column(notes: list[prefetch.LineNote]) -> Counter[str]:
    """How many notes there are on each column, as of ContactImport.noted_columns."""
    return Counter(str(column) for _number, column, _reason, _cell, _cells in notes)


def _write_notes(
    cursor: CursorWrapper, contact_import: ContactImport, settings: RunSettings, notes: list[prefetch.LineNote]
) -> None:
    if not notes:
        return
    rows = [
        (number, settings.heading_of(column), reason, cell[:500], json.dumps(shortened(cells)))
        for number, column, reason, cell, cells in notes
    ]
    cursor.execute(
        'INSERT INTO contacts_importnote (workspace_id, contact_import_id, line, "column", reason, cell, cells) '
        "SELECT %s, %s, u.* FROM unnest(%s::bigint[], %s::text[], %s::text[], %s::text[], %s::jsonb[]) AS u",
        [contact_import.workspace_id, contact_import.pk, *(list(column) for column in zip(*rows, strict=True))],
    )


def shortened(cells: list[str]) -> list[str]:
    """The cells of a row as they are kept with a note."""
    return [cell.replace("\0", "\ufffd")[:NOTED_CELL_LENGTH] for cell in cells[:NOTED_CELLS]]


def _finish(contact_import: ContactImport) -> None:
    contact_import.state = ContactImport.State.DONE
    # The database's clock, which also sets updated_at: an undo compares the two.
    with connections["engine"].cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        contact_import.finished_at = cursor.fetchone()[0]
    # The preview holds rows of the file, so it is deleted with it.
    contact_import.preview = None
    file, contact_import.file = contact_import.file, ""
    with transaction.atomic("engine"), connections["engine"].cursor() as cursor:
        effects.sort(cursor, contact_import)
        contact_import.save(update_fields=["state", "finished_at", "preview", "file"])
        contact_import.parts.all().delete()
    # Jobs are asked for on another connection, so only now; if the process dies here, the file is swept up.
    stored_file.delete_later(contact_import.workspace_id, file)
    text = ngettext("%(rows)d row read", "%(rows)d rows read", contact_import.rows)
    job_of(contact_import).finish(Job.State.DONE, text % {"rows": contact_import.rows})


def give_up(contact_import: ContactImport, problem: Exception) -> None:
    """Mark the import as failed. What was written stays; the page offers to continue from there."""
    if contact_import.state != ContactImport.State.RUNNING:
        return
    contact_import.state = ContactImport.State.FAILED
    contact_import.problem = _cause(problem)[:300]
    with transaction.atomic(), connection.cursor() as cursor:
        effects.sort(cursor, contact_import)
    if isinstance(problem, LOST):  # so that the page offers no second try
        stored_file.forget(ContactImport.objects.filter(pk=contact_import.pk))
    contact_import.save(update_fields=["state", "problem"])
    job_of(contact_import).finish(Job.State.FAILED, _("Something went wrong. The rows read so far are kept."))


def _cause(problem: Exception) -> str:
    """Why it stopped, for the merchant: an exception's name would tell them nothing."""
    if isinstance(problem, Unreadable):
        return str(problem)
    if isinstance(problem, LOST):
        return _("The file is no longer available. Import it again: rows already read won't be duplicated.")
    if isinstance(problem, UNREACHABLE):
        return _("This file can't be read at the moment. Try again in a few minutes.")
    return _("Something went wrong on our side. If it keeps failing, contact support.")


def waits_for_file(workspace_id: int, import_id: int, problem: Exception) -> bool:
    """Whether it is tried again, because the file's place may be away for some minutes only."""
    log.error("The file of import %d can't be read: %s", import_id, problem)
    with as_engine(workspace_id, import_id) as contact_import:
        return not isinstance(problem, LOST) and job_of(contact_import).may_be_tried_again


def start(contact_import: ContactImport, user: User | None) -> None:
    """Start, or continue after a failure. The caller enqueues the job in the same transaction."""
    targets.create(contact_import)
    contact_import.state, contact_import.problem = ContactImport.State.RUNNING, ""
    forecast = (contact_import.preview or {}).get("forecast", {})
    contact_import.job = Job.objects.create(
        kind="import",
        owner=user,
        done=contact_import.rows,
        total=None if forecast.get("partial") else forecast.get("counts", {}).get("rows"),
        message=contact_import.name,
        path=workspace_url(contact_import.workspace, "contacts:import", pk=contact_import.pk),
    )
    contact_import.save()
