from django.db import connections

from accounts.notifying import notify
from contacts import notices
from contacts.exports import running
from contacts.models import Export
from kernel.jobs import carry_on, job
from kernel.tenancy import scope

LARGE = 10_000  # rows; whoever asked for so many is told by mail, too


@job(queue="imports", scoped=False)
def make_export(*, workspace_id: int, export_id: int) -> None:
    def make() -> bool:
        running.run(workspace_id, export_id)
        return True

    def give_up(problem: Exception) -> None:
        with scope(workspace_id):
            export = Export.objects.select_related("job", "asked_by").get(pk=export_id)
            running.give_up(export, problem)
            if export.asked_by:
                notify([export.asked_by], lambda: notices.export_failed(export))

    ids = {"workspace_id": workspace_id, "export_id": export_id}
    if not carry_on("contacts.make_export", make, give_up, expected=running.EXPECTED, **ids):
        return
    with scope(workspace_id):
        export = Export.objects.select_related("asked_by").get(pk=export_id)
        if export.asked_by and export.state == Export.State.DONE:
            whole = export.kind == Export.Kind.WORKSPACE
            notify([export.asked_by], lambda: notices.export_made(export), email=whole or export.rows >= LARGE)


@job(scoped=False)
def tidy_exports() -> None:
    """Files whose time is over are thrown away."""
    with connections["engine"].cursor() as cursor:
        cursor.execute(
            "SELECT workspace_id, array_agg(id) FROM contacts_export WHERE state = 'done' AND expires_at < now() "
            "GROUP BY workspace_id"
        )
        over = cursor.fetchall()
    for workspace_id, ids in over:
        with scope(workspace_id):
            running.expire(Export.objects.filter(pk__in=ids))
