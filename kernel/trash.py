"""What a merchant deletes can be restored for 30 days; then it is deleted permanently.

Models inherit from `Trashable`; an app registers those that the trash page offers. An app whose rows refer to such a
row (a campaign to a list, a segment to a tag) registers that as a usage: what is in use can't be deleted, because an
exclusion must not silently disappear.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, ClassVar, Self

from django.db import IntegrityError, models, transaction
from django.db.models import ManyToOneRel
from django.utils import timezone
from django.utils.functional import Promise as StrPromise

from kernel.extensions import Extensions
from kernel.tenancy import ScopedManager, ScopedQuerySet, WorkspaceModel

DAYS = 30
CHUNK = 500


class TrashableQuerySet(ScopedQuerySet):
    def present(self) -> Self:
        """Without the deleted rows."""
        return self.filter(deleted_at=None)

    def deleted(self) -> Self:
        return self.filter(deleted_at__isnull=False)


TrashableManager = ScopedManager.from_queryset(TrashableQuerySet)


class Trashable(WorkspaceModel):
    """A row that is hidden when it is deleted, and can be restored."""

    deleted_at = models.DateTimeField(null=True, editable=False)

    objects: ClassVar = TrashableManager()

    class Meta(WorkspaceModel.Meta):
        abstract = True

    def discard(self) -> None:
        self._put(timezone.now())

    def restore(self) -> None:
        """Raises NameTaken where another one has its name by now."""
        try:
            with transaction.atomic(using=self._state.db):
                self._put(None)
        except IntegrityError:
            raise NameTaken(str(self)) from None

    def _put(self, deleted_at: datetime | None) -> None:
        self.deleted_at = deleted_at
        moved = {"deleted_at", "updated_at"} & {field.name for field in self._meta.fields}
        self.save(update_fields=moved)

    @property
    def days_in_trash(self) -> int:
        return (timezone.now() - self.deleted_at).days if self.deleted_at else 0

    @property
    def days_until_purge(self) -> int:
        return max(0, DAYS - self.days_in_trash)


class NameTaken(Exception):
    """Another row has the name of the one to be restored."""


@dataclass(frozen=True, eq=False)
class Kind:
    """A kind of thing that the trash page shows."""

    model: type[Trashable]
    noun: str  # in its address and in the audit log: "list" for "list.restored"
    label: StrPromise
    permission: str
    page: str  # name of the URL of its list
    # Of what goes and comes back with something else: not offered by itself meanwhile.
    hidden: models.Q

    def rows(self) -> TrashableQuerySet:
        """What is in the trash of the active workspace."""
        deleted = self.model.objects.deleted().exclude(self.hidden)
        return deleted.filter(deleted_at__gt=timezone.now() - timedelta(days=DAYS))


@dataclass(frozen=True)
class Usage:
    """`names(row)` says what uses a row of the model: such a row can't be deleted."""

    model: type[Trashable]
    names: Callable[[Any], Iterable[str]]


KINDS: Extensions[Kind] = Extensions("trash kinds", "What the trash page offers to restore, by its noun.")
USAGES: Extensions[Usage] = Extensions("usages", "What can't be deleted because something uses it.")


def register(
    model: type[Trashable],
    noun: str,
    label: StrPromise,
    *,
    permission: str,
    page: str,
    hidden: models.Q = models.Q(pk__in=[]),  # noqa: B008  (a constant)
) -> None:
    KINDS.add(Kind(model, noun, label, permission, page, hidden), noun)


def register_usage(model: type[Trashable], by: str, names: Callable[[Any], Iterable[str]]) -> None:
    """`by` says in a word or two who uses rows of the model, such as "segments"."""
    USAGES.add(Usage(model, names), f"{model._meta.label} by {by}")


def usages_of(row: Trashable) -> list[str]:
    return [name for usage in USAGES if usage.model is type(row) for name in usage.names(row)]


def purge(model: type[Trashable], before: datetime) -> None:
    """Delete permanently what was put into the trash before then, in the active workspace. Rows that something still
    points to stay."""
    deleted = model.objects.filter(deleted_at__lt=before).values_list("pk", flat=True)
    ids = [pk for pk in deleted if not _is_needed(model, pk)]
    for start in range(0, len(ids), CHUNK):
        model.objects.filter(pk__in=ids[start : start + CHUNK]).delete()


def _is_needed(model: type[Trashable], pk: int) -> bool:
    """Asked before deleting, because Django would load every row that protects it: a topic's whole consent ledger."""
    protecting = [
        relation
        for relation in model._meta.get_fields(include_hidden=True)
        if isinstance(relation, ManyToOneRel) and relation.on_delete is models.PROTECT
    ]
    return any(
        relation.related_model._default_manager.filter(**{relation.field.name: pk}).exists() for relation in protecting
    )
