"""Background work of this app."""

from kernel.jobs import enqueue, job
from templates_app import contents, version_retention


@job(queue="imports", scoped=False)
def prune_contents() -> None:
    if not contents.prune():
        enqueue("templates_app.prune_contents")


@job(queue="imports", scoped=False)
def prune_versions() -> None:
    if not version_retention.prune():
        enqueue("templates_app.prune_versions")
