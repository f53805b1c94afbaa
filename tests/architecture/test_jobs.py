"""Background work ends, or enqueues another job, before the queue's timeout kills its worker."""

import ast
import inspect
import textwrap
from collections.abc import Iterator
from importlib import import_module

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext

from kernel import jobs

WITH_BUDGETS = {
    "adminpanel.sweep_files",
    "contacts.act_in_bulk",
    "contacts.forecast_import",
    "contacts.import_contacts",
    "contacts.index_words",
    "contacts.purge_trash",
    "contacts.read_changes",
    "contacts.retire_contacts_of",
    "contacts.undo_import",
    "delivery.fill_batch",
    "delivery.mark_inactive",
    "delivery.prune",
    "delivery.run_lane",
}
LAST_CHUNK = 15  # seconds for the chunk that starts when the budget is nearly used up


def _called(job: jobs.Job) -> Iterator:
    """The functions of other modules that a job's source calls: `module.function(...)`."""
    tree = ast.parse(textwrap.dedent(inspect.getsource(job.function)))
    modules = dict(job.function.__globals__)
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom):
            modules |= {name.name: import_module(f"{node.module}.{name.name}") for name in node.names}
    for node in ast.walk(tree):
        if (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and isinstance(node.func.value, ast.Name)
        ):
            function = getattr(modules.get(node.func.value.id), node.func.attr, None)
            if inspect.isfunction(function):
                yield function


def _budget(job: jobs.Job) -> float | None:
    for function in _called(job):
        budget = inspect.signature(function).parameters.get("budget")
        if budget is not None:
            return settings.LANE_SECONDS if budget.default is None else budget.default
    return None


def test_every_budget_is_used_up_before_the_queues_timeout():
    cluster = settings.Q_CLUSTER
    found = {job.name: (job.queue, _budget(job)) for job in jobs.JOBS if not job.name.endswith("@event")}
    assert {name for name, (_, budget) in found.items() if budget is not None} == WITH_BUDGETS
    for name in WITH_BUDGETS:
        queue, budget = found[name]
        timeout = cluster["ALT_CLUSTERS"].get(queue, cluster)["timeout"]
        assert budget + LAST_CHUNK <= timeout, name


def test_a_jobs_texts_are_in_its_workspaces_language(acme, alice):
    """Both for a job that runs inside the scope and for one that gets the workspace as an argument."""
    type(acme).objects.update(language="fr")
    texts = []

    @jobs.job(scoped=False)
    def free(*, workspace_id: int) -> None:
        texts.append(gettext("Done"))

    @jobs.job()
    def scoped() -> None:
        texts.append(gettext("Done"))

    try:
        with translation.override("en"):
            jobs.run("test_jobs.free", None, {"workspace_id": acme.pk})
            jobs.run("test_jobs.scoped", acme.pk, {})
            texts.append(gettext("Done"))
    finally:
        jobs.JOBS.remove("test_jobs.free")
        jobs.JOBS.remove("test_jobs.scoped")
    assert texts == ["Terminé", "Terminé", "Done"]
