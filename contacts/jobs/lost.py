"""Work whose worker died for good: the queue gives a task up after some attempts."""

from django.db import connections

from kernel.jobs import enqueue, job

# Asked for again while another worker has it, each does nothing. Marked, so that it is not asked for at every turn.
LOST = """
UPDATE accounts_job j SET updated_at = now() FROM {table} w
WHERE j.workspace_id = w.workspace_id AND j.id = w.job_id AND {unfinished}
AND j.state IN ('queued', 'running') AND j.updated_at < now() - interval '20 minutes'
RETURNING w.workspace_id, w.id
"""
KINDS = (
    ("contacts.import_contacts", "import_id", "contacts_contactimport", "w.state = 'running'"),
    ("contacts.undo_import", "import_id", "contacts_contactimport", "w.state = 'undoing'"),
    ("contacts.make_export", "export_id", "contacts_export", "w.state IN ('running', 'expired')"),
    ("contacts.act_in_bulk", "action_id", "contacts_bulkaction", "w.finished_at IS NULL"),
)


@job(scoped=False)
def ask_again() -> None:
    """Imports, undos, exports and bulk actions that are not finished and have not been heard of for 20 minutes."""
    for job_name, name, table, unfinished in KINDS:
        with connections["engine"].cursor() as cursor:
            cursor.execute(LOST.format(table=table, unfinished=unfinished))
            lost = cursor.fetchall()
        for workspace_id, pk in lost:
            enqueue(job_name, workspace_id=workspace_id, **{name: pk})
