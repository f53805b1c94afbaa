"""Caches what is needed to read definitions: the workspace's subjects, and the names of what the rules choose.

A page reads its definition several times (to show, to describe and to count it). Inside `cached_schema()` they share
one `SchemaCache`, and the database is asked once. Jobs don't use it: a field may be deleted while they run.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cached_property

from accounts.models import Workspace
from contacts.fields import values
from contacts.groups.pickers import Kind
from contacts.segments.conditions import Options, Subject, subjects
from kernel.tenancy import require_workspace_id


class SchemaCache:
    """The cache of one workspace. Everything is loaded when it is first needed."""

    def __init__(self, workspace_id: int):
        self.workspace_id = workspace_id
        self._names: dict[str, dict[str, str | None]] = {}
        self._options: dict[Callable[[], Options], Options] = {}

    @cached_property
    def subjects(self) -> dict[str, Subject]:
        return subjects()

    @cached_property
    def read_number(self) -> Callable:
        """A function that reads a number from text, as it is written in the workspace's country. It raises
        values.BadValue."""
        workspace = Workspace.objects.get(pk=self.workspace_id)
        return values.reader(values.Kind.NUMBER, **values.conventions(workspace))

    def names(self, kind: Kind, keys: Iterable[str]) -> dict[str, str]:
        """The names by key; keys that don't exist are left out."""
        known = self._names.setdefault(kind.key, {})
        if unknown := [key for key in dict.fromkeys(keys) if key not in known]:
            known |= dict.fromkeys(unknown) | kind.named(unknown)
        return {key: name for key in keys if (name := known[key]) is not None}

    def options(self, load: Callable[[], Options]) -> Options:
        """The options that `load` returns."""
        if load not in self._options:
            self._options[load] = load()
        return self._options[load]


_shared: ContextVar[SchemaCache | None] = ContextVar("schema_cache", default=None)


@contextmanager
def cached_schema() -> Iterator[None]:
    """Share one cache inside the block. It is also a decorator for views."""
    token = _shared.set(SchemaCache(require_workspace_id()))
    try:
        yield
    finally:
        _shared.reset(token)


def schema() -> SchemaCache:
    """The shared cache, if there is one for this workspace; else a new one."""
    workspace_id, shared = require_workspace_id(), _shared.get()
    return shared if shared is not None and shared.workspace_id == workspace_id else SchemaCache(workspace_id)
