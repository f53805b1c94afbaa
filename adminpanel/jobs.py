"""Background jobs that keep the installation as a whole."""

import logging

from delivery.sending import restore_guard
from kernel import partitions
from kernel.files import places, sweeping
from kernel.jobs import enqueue, job

log = logging.getLogger("fanfare.partitions")


@job(queue="imports", scoped=False)
def keep_partitions() -> None:
    """Make the next partitions, drop old ones. What is missing is said loudly: rows are safe in the default partition,
    but it must not grow."""
    try:
        for done in partitions.maintain():
            log.info(done)
    except partitions.Busy as problem:
        log.warning("%s; the next run tries again", problem)


@job(queue="imports", scoped=False)
def sweep_files(*, after: str = "") -> None:
    """Delete kept files that no row names. A restored or copied database does not know the newest files, so nothing is
    deleted until an operator has confirmed it."""
    if not places.is_on() or not restore_guard.may_send():
        return
    rest = sweeping.sweep(after=after)
    if rest is not None:
        enqueue("adminpanel.sweep_files", after=rest)
