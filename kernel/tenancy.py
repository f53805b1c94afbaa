"""The tenant is a workspace. Code that forgets to choose one fails.

Inside `scope(workspace)` every scoped manager sees the rows of that workspace only, and PostgreSQL's row-level security
enforces the same (`kernel.rls`). Outside, a scoped manager raises `NoWorkspace`. `across_workspaces("reason")` sees all
workspaces, as the engine role; a test lists the modules that may use it.

Row-level security is worth as much as the answer to who somebody is. So what decides that (settings.ENGINE_ONLY:
people, memberships, sessions, second factors and more) is read and written by the engine role only. SQL that is
smuggled into a page's statement runs as the web role: it makes nobody a member and reads no password hash.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from django.conf import settings
from django.db import models, transaction

from kernel import rls

_active: ContextVar[int | None] = ContextVar("workspace", default=None)
_across: ContextVar[str | None] = ContextVar("across_workspaces", default=None)
_through_engine: ContextVar[bool] = ContextVar("through_engine", default=False)


class NoWorkspace(RuntimeError):
    """Raised when a scoped manager is used while no workspace is active."""


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
def scope(workspace: Any) -> Iterator[None]:
    """Work inside one workspace (an instance or its id), in one transaction of the web role.

    The signed context that row-level security reads belongs to the transaction. Keep it short: long work belongs on the
    engine connection, where each SQL statement names the workspace itself.
    """
    workspace_id = getattr(workspace, "pk", workspace)
    if workspace_id is None:
        raise NoWorkspace("scope() was given no workspace.")
    outer = _active.get()
    active, across = _active.set(workspace_id), _across.set(None)
    engine = _through_engine.set(False)
    try:
        with transaction.atomic():
            rls.enter(workspace_id)
            yield
            # Releasing a savepoint does not undo set_config, so the outer workspace is set again explicitly.
            if outer is not None and not transaction.get_connection().needs_rollback:
                rls.enter(outer)
    finally:
        _through_engine.reset(engine)
        _active.reset(active)
        _across.reset(across)


@contextmanager
def across_workspaces(reason: str) -> Iterator[None]:
    """See the rows of all workspaces, on the engine connection. `reason` tells the reader why this is needed."""
    if not reason:
        raise ValueError("across_workspaces() needs a reason.")
    active, across = _active.set(None), _across.set(reason)
    try:
        yield
    finally:
        _active.reset(active)
        _across.reset(across)


@contextmanager
def through_engine() -> Iterator[None]:
    """Stay in the active workspace, but in one transaction of the engine role, for a change of who its members are.

    Scoped managers filter as before; only row-level security is not there. What is written before the scope ends can't
    be seen from in here, and the other way round.
    """
    require_workspace_id()
    token = _through_engine.set(True)
    try:
        with transaction.atomic("engine"):
            yield
    finally:
        _through_engine.reset(token)


def is_engine_only(model: Any) -> bool:
    """Whether settings.ENGINE_ONLY names the model or its app. A table between two models belongs to the first."""
    between: Any = getattr(model._meta, "auto_created", None)  # the cache's model has no such attribute
    meta = (between or model)._meta
    return meta.app_label in settings.ENGINE_ONLY or f"{meta.app_label}.{meta.model_name}" in settings.ENGINE_ONLY


class Router:
    """The web role by default; the engine role while looking across workspaces and for what only it may see; migrations
    as the owner."""

    def db_for_read(self, model: type[models.Model], **hints) -> str:
        return "engine" if is_across() or _through_engine.get() or is_engine_only(model) else "default"

    db_for_write = db_for_read

    def allow_relation(self, first: models.Model, second: models.Model, **hints) -> bool:
        return True  # three connections, one database

    def allow_migrate(self, db: str, app_label: str, **hints) -> bool:
        return db == "owner"


class ScopedQuerySet(models.QuerySet):
    def bulk_create(self, objs: Iterable, *args, **kwargs) -> list:
        objs = list(objs)
        for obj in objs:
            obj.fill_workspace()
        return super().bulk_create(objs, *args, **kwargs)


class ActiveWorkspace(models.Expression):
    """The workspace that is active when the query runs. Raises NoWorkspace if there is none.

    Forms hold querysets in their classes, which are created when the module is imported: outside a scope, or inside the
    scope of the first request that needs it. Neither may decide whose rows a later request sees.
    """

    output_field = models.BigIntegerField()

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, Any]:
        return "%s", [require_workspace_id()]


_Manager = models.Manager.from_queryset(ScopedQuerySet)


class ScopedManager(_Manager):  # type: ignore[valid-type, unused-ignore]  # for mypy without Django's plugin
    """Filters by the active workspace; raises NoWorkspace without one. As base manager it filters relations, too."""

    def get_queryset(self) -> models.QuerySet:
        queryset = super().get_queryset()
        if is_across():
            return queryset
        return queryset.filter(workspace_id=ActiveWorkspace())


class EngineOnlyCharField(models.CharField):
    """A column that only the engine role may read, in a table that the web role may join: there it is NULL.

    A row that was read so can't be saved by mistake: the column takes no NULL.
    """

    def select_format(self, compiler: Any, sql: str, params: Any) -> Any:
        if compiler.connection.alias == "default":
            return "NULL", ()
        return sql, params

    def deconstruct(self) -> Any:
        name, _path, args, kwargs = super().deconstruct()
        return name, "django.db.models.CharField", args, kwargs


class WorkspaceModel(models.Model):
    """A row that belongs to one workspace."""

    # Without an index of its own: every table has one that begins with the workspace.
    workspace = models.ForeignKey(
        "accounts.Workspace", on_delete=models.CASCADE, related_name="+", editable=False, db_index=False
    )

    objects = ScopedManager()

    class Meta:
        abstract = True
        base_manager_name = "objects"

    def save(self, *args, **kwargs) -> None:
        self.fill_workspace()
        super().save(*args, **kwargs)

    def fill_workspace(self) -> None:
        if self.workspace_id is None and not is_across():
            self.workspace_id = require_workspace_id()
