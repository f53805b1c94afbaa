from contacts import purging
from kernel.jobs import enqueue, job


@job(queue="bulk", scoped=False)
def purge_trash(*, after: int = 0) -> None:
    """From the first workspace behind `after`: where one stretch ends, the next one goes on."""
    reached = purging.purge(after=after)
    if reached is not None:
        enqueue(purge_trash, after=reached)
