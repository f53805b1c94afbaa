"""Restart work whose worker died: the queue gives a task up after some attempts."""

from django.db import connections

from contacts.models import ContactImport, Export
from kernel.jobs import enqueue, job

# A job that another worker is still running does nothing when enqueued again. `updated_at` is set so that a job is not
# enqueued every time.
LOST = """
UPDATE accounts_job j SET updated_at = now() FROM {table} w
WHERE j.workspace_id = w.workspace_id AND j.id = w.job_id AND {unfinished}
AND j.state IN ('queued', 'running') AND j.updated_at < now() - interval '20 minutes'
RETURNING w.workspace_id, w.id
"""
#: (job, name of its argument, table of its rows, SQL condition on the row `w`: unfinished).
KINDS = (
    ("contacts.import_contacts", "import_id", "contacts_contactimport", f"w.state = '{ContactImport.State.RUNNING}'"),
    ("contacts.undo_import", "import_id", "contacts_contactimport", f"w.state = '{ContactImport.State.UNDOING}'"),
    (
        "contacts.make_export",
        "export_id",
        "contacts_export",
        f"w.state IN ('{Export.State.RUNNING}', '{Export.State.EXPIRED}')",
    ),
    ("contacts.act_in_bulk", "action_id", "contacts_bulkaction", "w.finished_at IS NULL"),
)


@job(scoped=False)
def requeue_stalled() -> None:
    """Enqueue imports, undos, exports and bulk actions again that are unfinished and have made no progress for 20
    minutes."""
    for job_name, name, table, unfinished in KINDS:
        with connections["engine"].cursor() as cursor:
            cursor.execute(LOST.format(table=table, unfinished=unfinished))
            lost = cursor.fetchall()
        for workspace_id, pk in lost:
            enqueue(job_name, workspace_id=workspace_id, **{name: pk})
