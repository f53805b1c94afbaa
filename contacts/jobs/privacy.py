from contacts.privacy import purging, retention
from kernel.jobs import enqueue, job


@job(queue="bulk", scoped=False)
def purge_trash(*, after: int = 0) -> None:
    """From the first workspace behind `after`: where one stretch ends, the next one goes on."""
    reached = purging.purge(after=after)
    if reached is not None:
        enqueue("contacts.purge_trash", after=reached)


@job(scoped=False)
def retire_contacts() -> None:
    for workspace_id in retention.workspaces():
        enqueue("contacts.retire_contacts_of", workspace_id=workspace_id)


@job(queue="imports", scoped=False)
def retire_contacts_of(*, workspace_id: int, after: int = 0) -> None:
    reached = retention.retire(workspace_id, after)
    if reached is not None:
        enqueue("contacts.retire_contacts_of", workspace_id=workspace_id, after=reached)
