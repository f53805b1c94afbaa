"""Writing a file's rows: one transaction a chunk, which holds the contacts, the counts and the cursor together.

Killed anywhere, the import goes on from its cursor and ends as if nothing had happened. It runs on the engine
connection because COPY is refused under row-level security, so every statement names the workspace.
"""

from __future__ import annotations

import contextlib
import json
import time
from collections.abc import Iterator

from django.db import IntegrityError, connections, transaction
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import Job
from contacts.imports import companies, do_not_contact, memberships, people, prefetch, row_stream, targets
from contacts.imports import run_settings as plans
from contacts.imports.limits import Unreadable
from contacts.imports.prefetch import Chunk
from contacts.imports.run_settings import Plan
from contacts.models import ContactImport
from kernel.jobs import Interrupted
from kernel.links import workspace_url
from kernel.tenancy import across_workspaces

REJECTED_CELLS = 30
# How often a chunk is tried while others change the same people.
ATTEMPTS = 5
Target = ContactImport.Target


@contextlib.contextmanager
def as_engine(workspace_id: int, import_id: int) -> Iterator[ContactImport]:
    """Work on an import as the engine role, which may COPY: every statement names the workspace."""
    with across_workspaces("imports run as the engine, which may COPY; every statement names the workspace"):
        yield ContactImport.objects.select_related("job").get(pk=import_id, workspace_id=workspace_id)


def run(workspace_id: int, import_id: int, *, budget: float = 200.0) -> bool:
    """Take in rows until the file ends (True) or the budget in seconds is used up (False: call again). Raises
    Interrupted."""
    deadline = time.monotonic() + budget
    with as_engine(workspace_id, import_id) as contact_import:
        if contact_import.state != ContactImport.State.RUNNING:
            raise Interrupted  # another worker brought it to its end
        plan = plans.of(contact_import)
        statements = memberships.asked_for(contact_import, plan)
        source = prefetch.chunks(row_stream.rows(contact_import), plan, skip=contact_import.cursor)
        with contextlib.closing(source):
            for chunk in source:
                _take_in(contact_import, plan, statements, chunk)
                if time.monotonic() > deadline:
                    return False
        _finish(contact_import)
    return True


def _take_in(contact_import: ContactImport, plan: Plan, statements: list[str], chunk: Chunk) -> None:
    """One chunk. Where somebody changes the same people meanwhile, it is looked at anew."""
    for attempt in range(ATTEMPTS):
        try:
            with transaction.atomic("engine"), connections["engine"].cursor() as cursor:
                _write(cursor, contact_import, plan, statements, chunk.copy())
            return
        except IntegrityError:
            if attempt == ATTEMPTS - 1:
                raise


def _write(cursor, contact_import: ContactImport, plan: Plan, statements: list[str], chunk: Chunk) -> None:
    claim(cursor, contact_import)
    if plan.target == Target.COMPANIES:
        written, conflicts = companies.write(cursor, contact_import, plan, chunk.rows)
    elif plan.target == Target.SUPPRESSION:
        written, conflicts = do_not_contact.write(cursor, contact_import, chunk.rows)
    else:
        chunk.reject(people.erased(cursor, contact_import.workspace_id, chunk.rows), "erased")
        written, conflicts = people.write(cursor, contact_import, plan, chunk.rounds, keep=bool(statements))
        memberships.write(cursor, statements, people.params_of(contact_import))
    chunk.reject(conflicts, "conflict")
    _write_rejected(cursor, contact_import, chunk.rejected)
    counts = {"rows": chunk.size, "merged": chunk.merged + written.pop("seen"), "rejected": len(chunk.rejected)}
    counts |= written
    values = {name: getattr(contact_import, name) + number for name, number in counts.items()}
    values["cursor"] = contact_import.cursor + chunk.size
    ContactImport.objects.filter(pk=contact_import.pk, workspace_id=contact_import.workspace_id).update(**values)
    contact_import.job.progress(values["rows"])
    transaction.on_commit(lambda: vars(contact_import).update(values), using="engine")


def claim(cursor, contact_import: ContactImport) -> None:
    """Two workers on one import: the second one waits here, then sees that the cursor has moved. Raises Interrupted."""
    cursor.execute(
        "SELECT cursor FROM contacts_contactimport WHERE workspace_id = %s AND id = %s FOR UPDATE",
        [contact_import.workspace_id, contact_import.pk],
    )
    if cursor.fetchone()[0] != contact_import.cursor:
        raise Interrupted


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
    # The database's clock, which also dates what is written: an undo compares the two.
    with connections["engine"].cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        contact_import.finished_at = cursor.fetchone()[0]
    # What the pages showed of the file goes with it.
    contact_import.preview = None
    with transaction.atomic("engine"):
        contact_import.save(update_fields=["state", "finished_at", "preview"])
        contact_import.parts.all().delete()
    words = ngettext("%(rows)d row read", "%(rows)d rows read", contact_import.rows)
    contact_import.job.finish(Job.State.DONE, words % {"rows": contact_import.rows})


def give_up(contact_import: ContactImport, problem: Exception) -> None:
    """What was taken in stays; the page offers to go on from there."""
    if contact_import.state != ContactImport.State.RUNNING:
        return
    contact_import.state = ContactImport.State.FAILED
    contact_import.problem = str(problem)[:300] if isinstance(problem, Unreadable) else type(problem).__name__
    contact_import.save(update_fields=["state", "problem"])
    contact_import.job.finish(Job.State.FAILED, _("Something went wrong. The rows read so far are kept."))


def start(contact_import: ContactImport, user) -> None:
    """Begin, or go on after a failure. The caller enqueues the job in the same transaction."""
    targets.make(contact_import)
    contact_import.state, contact_import.problem = ContactImport.State.RUNNING, ""
    contact_import.job = Job.objects.create(
        kind="import",
        owner=user,
        done=contact_import.rows,
        message=contact_import.name,
        path=workspace_url(contact_import.workspace, "contacts:import", pk=contact_import.pk),
    )
    contact_import.save()
