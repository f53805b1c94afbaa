"""Background work of this app."""

from kernel.jobs import enqueue, job
from templates_app import contents


@job(queue="imports", scoped=False)
def prune_contents() -> None:
    if not contents.prune():
        enqueue("templates_app.prune_contents")
