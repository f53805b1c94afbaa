"""What the records that audit entries are about are called now. An entry itself keeps only a kind and a number.

Who or what is gone for good has no name any more. Addresses are not shown: a contact without a name keeps its number.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from accounts.models import AuditEntry
from accounts.models.audit import model_of
from kernel.tenancy import WorkspaceModel

#: The columns that name a record, for its kind the first that it has.
COLUMNS = (("label",), ("name",), ("first_name", "last_name"))


def add(entries: Iterable[AuditEntry]) -> None:
    """Give the entries the names of their records, looked up in the active workspace, once for each kind."""
    by_kind: dict[str, list[AuditEntry]] = defaultdict(list)
    for entry in entries:
        if entry.record_id is not None:
            by_kind[entry.record].append(entry)
    for kind, rows in by_kind.items():
        model = model_of(kind)
        if model is not None and issubclass(model, WorkspaceModel) and (columns := _columns(model)):
            found = model.objects.filter(pk__in={row.record_id for row in rows}).values_list("pk", *columns)
            names = {pk: " ".join(filter(None, parts)) for pk, *parts in found}
            for row in rows:
                row.name = names.get(row.record_id, "")


def _columns(model: type[WorkspaceModel]) -> tuple[str, ...]:
    own = {field.name for field in model._meta.concrete_fields}
    return next((columns for columns in COLUMNS if own.issuperset(columns)), ())
