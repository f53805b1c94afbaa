"""The kinds of files that can be exported. Higher apps add theirs in AppConfig.ready."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext_lazy as _

from accounts.actors import Actor
from contacts.exports import selection, sources
from contacts.exports.sources import Source
from kernel.extensions import Extensions

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

CONTACTS, SUPPRESSIONS, WORKSPACE = "contacts", "suppress", "workspace"


class Unusable(Exception):
    """Raised if what an export was asked for can't be used any more; the message says why."""


@dataclass(frozen=True, eq=False)  # by identity: a lazy label hashes as its translation
class Kind:
    """What one kind of export is called, who may ask for it, see it and download it, and where its rows come from.

    `prepare` reads `Export.scope` in the workspace's scope, before the snapshot begins; it raises Unusable. `source`
    takes the workspace's id and what `prepare` returned. It is called inside the snapshot that the rows are read from,
    which is read-only, on the engine connection. None: the ZIP of the whole workspace.
    """

    label: StrOrPromise
    permission: str
    source: Callable[[int, Any], Source] | None
    prepare: Callable[[dict], Any] = dict


KINDS: Extensions[Kind] = Extensions("exports", "Kinds of files that are created in the background, by Export.kind.")


def register(name: str, kind: Kind) -> None:
    """Add a kind. `name` is stored in Export.kind: at most 10 characters."""
    KINDS.add(kind, name)


def hidden_from(actor: Actor) -> list[str]:
    """The names of the kinds whose files this actor may not see."""
    return [name for name, kind in KINDS.items() if not actor.may(kind.permission)]


def _condition(wanted: dict) -> tuple[str, dict]:
    """The selected contacts, as an SQL condition with its parameters."""
    try:
        return selection.condition(wanted)
    except ValueError as problem:
        raise Unusable(str(problem)) from problem


register(
    CONTACTS,
    Kind(
        _("Contacts"),
        "contacts.export",
        lambda workspace_id, condition: sources.contacts(workspace_id, *condition),
        _condition,
    ),
)
register(
    SUPPRESSIONS,
    Kind(_("Suppression list"), "contacts.export", lambda workspace_id, _wanted: sources.suppressions(workspace_id)),
)
register(WORKSPACE, Kind(_("The whole workspace"), "workspace.manage", None))
