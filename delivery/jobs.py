"""Background jobs of this app. All can be repeated; the tick makes up for any that was lost."""

from django.db import connections
from django.utils import timezone

from delivery import batching, folding, list_hygiene, nudging, pruning
from delivery.models import Lease, WorkerBeat
from delivery.sending import lane, leases, recovering, restore_guard, sending_status
from kernel.jobs import enqueue, job


@job(queue="filling", scoped=False)
def fill_batch(*, batch_id: int) -> None:
    nudging.nudge()  # the first leases can be sent while later ones are written
    if not batching.fill(batch_id):
        enqueue("delivery.fill_batch", batch_id=batch_id)
        return
    recovering.finish_if_done(batch_id)  # if the audience is empty, or the batch was cancelled meanwhile


@job(queue="bulk", scoped=False)
def run_lane() -> None:
    if lane.run():
        enqueue("delivery.run_lane")


@job(scoped=False)
def tick() -> None:
    """What has to happen every few seconds, even if every nudge was lost."""
    recovering.reap()
    if restore_guard.may_send():
        restore_guard.advance_counter()
    sending_status.measure_pace()
    for batch_id in _unfilled():
        enqueue("delivery.fill_batch", batch_id=batch_id)
    for batch_id in _not_ended():
        recovering.finish_if_done(batch_id)
    if leases.is_any_due():
        nudging.nudge()


@job(scoped=False)
def fold_hits() -> None:
    while folding.fold():
        pass


@job(queue="imports", scoped=False)
def prune() -> None:
    if not pruning.prune():
        enqueue("delivery.prune")


@job(scoped=False)
def keep_addresses_clean() -> None:
    """Two jobs per workspace, so that one that fails affects no other. Not in the queue of the lanes."""
    for workspace_id in list_hygiene.workspaces():
        enqueue("delivery.suppress_soft_bounces", workspace_id=workspace_id)
        enqueue("delivery.mark_inactive", workspace_id=workspace_id)


@job(queue="imports", scoped=False)
def suppress_soft_bounces(*, workspace_id: int) -> None:
    list_hygiene.suppress_repeated_soft_bounces(workspace_id)


@job(queue="imports", scoped=False)
def mark_inactive(*, workspace_id: int, after: int = 0) -> None:
    reached = list_hygiene.mark_inactive(workspace_id, after)
    if reached is not None:
        enqueue("delivery.mark_inactive", workspace_id=workspace_id, after=reached)


@job(scoped=False)
def beat(*, queue: str) -> None:
    """Record that the queue's workers take tasks."""
    WorkerBeat.objects.update_or_create(queue=queue, defaults={"at": timezone.now()})


def _ids(sql: str, params: tuple[int, ...] = ()) -> list[int]:
    with connections["engine"].cursor() as cursor:
        cursor.execute(sql, params)
        return [row[0] for row in cursor.fetchall()]


def _unfilled() -> list[int]:
    return _ids(
        "SELECT id FROM delivery_batch WHERE finished_at IS NULL AND filled_at IS NULL AND problem = '' "
        "AND created_at < now() - interval '1 minute' ORDER BY id LIMIT 50"
    )


def _not_ended() -> list[int]:
    return _ids(
        "SELECT b.id FROM delivery_batch b WHERE b.finished_at IS NULL AND b.filled_at IS NOT NULL AND b.decision = '' "
        "AND NOT EXISTS (SELECT FROM delivery_lease l WHERE l.batch_id = b.id AND l.state < %s) ORDER BY b.id LIMIT 50",
        (int(Lease.State.DONE),),
    )
