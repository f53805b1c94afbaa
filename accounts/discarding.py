"""Deleting as a merchant does: into the trash, unless something still uses it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.utils.translation import gettext as _

from accounts import audit
from kernel import trash, words

if TYPE_CHECKING:
    from accounts.actors import Actor
    from accounts.requests import WorkspaceRequest
    from kernel.trash import Trashable

MAX_NAMED = 5


class InUse(Exception):
    """The thing can't be deleted; `usages` are the names of what uses it."""

    def __init__(self, usages: list[str]):
        super().__init__(", ".join(usages))
        self.usages = usages


def discard(actor: Actor, row: Trashable, verb: str) -> None:
    """Put it into the trash and note `verb`. Raises InUse."""
    if usages := trash.usages_of(row):
        raise InUse(usages)
    row.discard()
    audit.record(actor, verb, row)


def discard_on_page(request: WorkspaceRequest, row: Trashable, verb: str, done: str) -> bool:
    """The same for a page: tells the member `done` and how to restore it, or what still uses it (False)."""
    try:
        discard(request.actor, row, verb)
    except InUse as problem:
        named = words.first_of(problem.usages, MAX_NAMED)
        text = _("“%(name)s” is still in use: %(usages)s. Remove it from there first.")
        messages.error(request, text % {"name": row, "usages": named})
        return False
    way_back = _("You can restore it from the trash for 30 days.")
    messages.success(request, f"{done} {way_back}")
    return True
