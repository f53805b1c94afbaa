from accounts.notifying import notify
from contacts import notices
from contacts.imports import forecasting, running, undoing
from contacts.models import ContactImport
from kernel.jobs import TryAgain, carry_on, job
from kernel.tenancy import scope

MAIL_FROM_ROWS = 1000  # for a file of this size the member is notified by e-mail too


@job(queue="imports", scoped=False)
def import_contacts(*, workspace_id: int, import_id: int) -> None:
    def work() -> bool:
        try:
            return running.run(workspace_id, import_id)
        except running.UNREACHABLE as problem:
            if running.waits_for_file(workspace_id, import_id, problem):
                raise TryAgain from problem
            raise

    def give_up(problem: Exception) -> None:
        with scope(workspace_id):
            running.give_up(ContactImport.objects.select_related("job").get(pk=import_id), problem)

    ids: dict[str, int | str] = {"workspace_id": workspace_id, "import_id": import_id}
    if not carry_on("contacts.import_contacts", work, give_up, ids, expected=running.UNREACHABLE):
        return
    with scope(workspace_id):
        done = ContactImport.objects.select_related("uploaded_by").get(pk=import_id)
        if done.uploaded_by and done.state == ContactImport.State.DONE:
            notify([done.uploaded_by], lambda: notices.import_finished(done), email=done.rows >= MAIL_FROM_ROWS)


@job(queue="imports", scoped=False)
def forecast_import(*, workspace_id: int, import_id: int, token: str) -> None:
    def count() -> bool:
        forecasting.run(workspace_id, import_id, token)
        return True

    def give_up(problem: Exception) -> None:
        forecasting.give_up(workspace_id, import_id, token, problem)

    ids: dict[str, int | str] = {"workspace_id": workspace_id, "import_id": import_id, "token": token}
    carry_on("contacts.forecast_import", count, give_up, ids)


@job(queue="imports", scoped=False)
def undo_import(*, workspace_id: int, import_id: int) -> None:
    def give_up(problem: Exception) -> None:
        with scope(workspace_id):
            undoing.give_up(ContactImport.objects.select_related("job").get(pk=import_id))

    ids: dict[str, int | str] = {"workspace_id": workspace_id, "import_id": import_id}
    carry_on("contacts.undo_import", lambda: undoing.run(workspace_id, import_id), give_up, ids)
