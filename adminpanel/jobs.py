"""Background jobs that keep the installation as a whole."""

import logging

from kernel import partitions
from kernel.jobs import job

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
