from accounts.notifying import notify
from contacts import notices
from contacts.models import BulkAction
from contacts.people import bulk_actions
from kernel.jobs import carry_on, job
from kernel.tenancy import scope


@job(queue="bulk", scoped=False)
def act_in_bulk(*, workspace_id: int, action_id: int) -> None:
    def give_up(problem: Exception) -> None:
        with scope(workspace_id):
            bulk_actions.give_up(BulkAction.objects.select_related("job").get(pk=action_id))

    ids: dict[str, int | str] = {"workspace_id": workspace_id, "action_id": action_id}
    if not carry_on("contacts.act_in_bulk", lambda: bulk_actions.run(workspace_id, action_id), give_up, ids):
        return
    with scope(workspace_id):
        done = BulkAction.objects.select_related("asked_by").get(pk=action_id)
        if done.asked_by:
            notify([done.asked_by], lambda: notices.bulk_action_finished(done), email=False)
