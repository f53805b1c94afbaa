from django.db import connections

from accounts.notifying import notify
from contacts import notices
from contacts.exports import kinds, running
from contacts.models import Export
from kernel.jobs import TryAgain, carry_on, job
from kernel.tenancy import scope

MAIL_FROM_ROWS = 10_000  # for an export of this size the member is notified by e-mail too


@job(queue="imports", scoped=False)
def make_export(*, workspace_id: int, export_id: int) -> None:
    def make() -> bool:
        try:
            running.run(workspace_id, export_id)
        except running.UNSTORED as problem:
            if running.waits_for_storage(workspace_id, export_id, problem):
                raise TryAgain from problem
            raise
        return True

    def give_up(problem: Exception) -> None:
        with scope(workspace_id):
            export = Export.objects.select_related("job", "asked_by").get(pk=export_id)
            running.give_up(export, problem)
            if export.asked_by:
                notify([export.asked_by], lambda: notices.export_failed(export))

    ids: dict[str, int | str] = {"workspace_id": workspace_id, "export_id": export_id}
    if not carry_on("contacts.make_export", make, give_up, ids, expected=running.EXPECTED):
        return
    with scope(workspace_id):
        export = Export.objects.select_related("asked_by").get(pk=export_id)
        if export.asked_by and export.state == Export.State.DONE:
            is_archive = export.kind == kinds.WORKSPACE
            notify(
                [export.asked_by],
                lambda: notices.export_made(export),
                email=is_archive or export.rows >= MAIL_FROM_ROWS,
            )


@job(scoped=False)
def tidy_exports() -> None:
    """Delete the files that have expired."""
    with connections["engine"].cursor() as cursor:
        cursor.execute(
            "SELECT workspace_id, array_agg(id) FROM contacts_export WHERE state = %s AND expires_at < now() "
            "GROUP BY workspace_id",
            [Export.State.DONE],
        )
        expired = cursor.fetchall()
    for workspace_id, ids in expired:
        with scope(workspace_id):
            running.expire(Export.objects.filter(pk__in=ids))
