"""The tenant is a workspace, and forgetting it raises.

Inside `scope(workspace)` every scoped manager sees that workspace's rows and no others, and PostgreSQL's row-level
security agrees (`kernel.rls`). Outside, using a scoped manager raises `NoWorkspace`. Looking across workspaces is
spelled `across_workspaces("reason")` and runs as the engine role; a census test lists who may.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from django.db import models, transaction

from kernel import rls

_active: ContextVar[int | None] = ContextVar("workspace", default=None)
_across: ContextVar[str | None] = ContextVar("across_workspaces", default=None)


class NoWorkspace(RuntimeError):
    """A scoped manager was used while no workspace was active."""


def current_workspace_id() -> int | None:
    return _active.get()


def is_across() -> bool:
    return _across.get() is not None


def require_workspace_id() -> int:
    """The active workspace's id. Raises NoWorkspace where none is active."""
    workspace_id = _active.get()
    if workspace_id is None:
        raise NoWorkspace("No workspace is active: wrap the call in kernel.tenancy.scope(workspace).")
    return workspace_id


@contextmanager
def scope(workspace) -> Iterator[None]:
    """Work inside one workspace (an instance or its id), in one transaction of the web role.

    The transaction carries the signed context that row-level security reads, so keep it short: long work belongs on
    the engine connection, whose SQL names the workspace itself.
    """
    workspace_id = getattr(workspace, "pk", workspace)
    if workspace_id is None:
        raise NoWorkspace("scope() was given no workspace.")
    outer = _active.get()
    active, across = _active.set(workspace_id), _across.set(None)
    try:
        with transaction.atomic():
            rls.enter(workspace_id)
            yield
            # A savepoint does not undo set_config on release, so the outer workspace is put back by hand.
            if outer is not None and not transaction.get_connection().needs_rollback:
                rls.enter(outer)
    finally:
        _active.reset(active)
        _across.reset(across)


@contextmanager
def across_workspaces(reason: str) -> Iterator[None]:
    """See every workspace's rows, on the engine connection. `reason` says why, for the reader and the census."""
    if not reason:
        raise ValueError("across_workspaces() needs a reason.")
    active, across = _active.set(None), _across.set(reason)
    try:
        yield
    finally:
        _active.reset(active)
        _across.reset(across)


class Router:
    """The web role by default; the engine role while looking across workspaces; migrations as the owner."""

    def db_for_read(self, model, **hints) -> str:
        return "engine" if is_across() else "default"

    db_for_write = db_for_read

    def allow_relation(self, first, second, **hints) -> bool:
        return True  # three connections, one database

    def allow_migrate(self, db, app_label, **hints) -> bool:
        return db == "owner"


class ScopedQuerySet(models.QuerySet):
    def bulk_create(self, objs, *args, **kwargs):
        objs = list(objs)
        for obj in objs:
            obj.fill_workspace()
        return super().bulk_create(objs, *args, **kwargs)


class ActiveWorkspace(models.Expression):
    """The workspace that is active when the query runs; raises NoWorkspace where there is none.

    Django's forms build querysets while modules are imported. Such a queryset may exist outside a scope, but not run.
    """

    output_field = models.BigIntegerField()

    def as_sql(self, compiler, connection):
        return "%s", [require_workspace_id()]


class ScopedManager(models.Manager.from_queryset(ScopedQuerySet)):
    """Filters by the active workspace; raises where there is none. It is the base manager too, so relations obey."""

    def get_queryset(self):
        queryset = super().get_queryset()
        if is_across():
            return queryset
        return queryset.filter(workspace_id=_active.get() or ActiveWorkspace())


class WorkspaceModel(models.Model):
    """A row that belongs to one workspace."""

    # No index of its own: every table has one that begins with the workspace.
    workspace = models.ForeignKey(
        "accounts.Workspace", on_delete=models.CASCADE, related_name="+", editable=False, db_index=False
    )

    objects = ScopedManager()

    class Meta:
        abstract = True
        base_manager_name = "objects"

    def save(self, *args, **kwargs):
        self.fill_workspace()
        super().save(*args, **kwargs)

    def fill_workspace(self) -> None:
        if self.workspace_id is None and not is_across():
            self.workspace_id = require_workspace_id()
