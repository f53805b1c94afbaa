"""What definitions are read against: the workspace's subjects, and the names of what their rules choose.

A page reads its definition several times (to show, to word and to count it). Inside `asked_once()` all of them share
one `Knowledge`, and the database is asked once. Jobs read without it: a field may go while they run.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cached_property

from accounts.models import Workspace
from contacts.fields import values
from contacts.groups.pickers import Kind
from contacts.segments.conditions import Subject, subjects
from kernel.tenancy import require_workspace_id

Options = Callable[[], list[tuple[str, str]]]


class SchemaCache:
    """Of one workspace, each thing asked for when it is first needed."""

    def __init__(self, workspace_id: int):
        self.workspace_id = workspace_id
        self._names: dict[str, dict[str, str | None]] = {}
        self._options: dict[Options, list[tuple[str, str]]] = {}

    @cached_property
    def subjects(self) -> dict[str, Subject]:
        return subjects()

    @cached_property
    def read_number(self) -> Callable:
        """A number from a text, as it is written where the workspace is. Raises values.BadValue."""
        workspace = Workspace.objects.get(pk=self.workspace_id)
        return values.reader(values.Kind.NUMBER, **values.conventions(workspace))

    def names(self, kind: Kind, keys: Iterable[str]) -> dict[str, str]:
        """Names of those that exist."""
        known = self._names.setdefault(kind.key, {})
        if unknown := [key for key in dict.fromkeys(keys) if key not in known]:
            known |= dict.fromkeys(unknown) | kind.named(unknown)
        return {key: name for key in keys if (name := known[key]) is not None}

    def options(self, options: Options) -> list[tuple[str, str]]:
        if options not in self._options:
            self._options[options] = options()
        return self._options[options]


_kept: ContextVar[SchemaCache | None] = ContextVar("knowledge", default=None)


@contextmanager
def cached_schema() -> Iterator[None]:
    """Also a decorator of views."""
    token = _kept.set(SchemaCache(require_workspace_id()))
    try:
        yield
    finally:
        _kept.reset(token)


def schema() -> SchemaCache:
    """The one that is shared, where there is one for this workspace, or a new one."""
    workspace_id, kept = require_workspace_id(), _kept.get()
    return kept if kept is not None and kept.workspace_id == workspace_id else SchemaCache(workspace_id)
