"""What a migration after 0001 may do while the product runs; docs/guides/migrations.md says why and how."""

from __future__ import annotations

from django.contrib.postgres.operations import (
    AddConstraintNotValid,
    AddIndexConcurrently,
    RemoveIndexConcurrently,
    ValidateConstraint,
)
from django.db import migrations
from django.db.models import NOT_PROVIDED

CONCURRENT = (AddIndexConcurrently, RemoveIndexConcurrently, ValidateConstraint)
SECOND_STEPS = (migrations.RemoveField, migrations.DeleteModel)
RENAMES = (migrations.RenameField, migrations.RenameModel, migrations.AlterModelTable)


def problems_of(migration: migrations.Migration, *, second_step: str = "") -> list[str]:
    """Sentences that say what to do instead. `second_step` is the migration module's SECOND_STEP: which release
    stopped using what is removed here."""
    new = {op.name.lower() for op in migration.operations if isinstance(op, migrations.CreateModel)}
    return [
        problem
        for operation in migration.operations
        if getattr(operation, "model_name", "").lower() not in new  # nobody uses a table that is created here
        and (problem := _problem(operation, migration, second_step))
    ]


def _problem(operation, migration: migrations.Migration, second_step: str) -> str:
    name = operation.describe()
    if isinstance(operation, CONCURRENT):
        return "" if not migration.atomic else f"{name}: set atomic = False."
    if isinstance(operation, (migrations.AddIndex, migrations.RemoveIndex)):
        return f"{name}: use AddIndexConcurrently or RemoveIndexConcurrently, with atomic = False."
    if isinstance(operation, AddConstraintNotValid):
        return ""
    if isinstance(operation, migrations.AddConstraint):
        return f"{name}: add it NOT VALID, and validate it in the next migration; a unique one stands on its index."
    if isinstance(operation, migrations.AddField):
        return _problem_of_new_field(operation, name)
    if isinstance(operation, RENAMES):
        return f"{name}: the running code knows the old name. Add, copy, switch and remove in separate releases."
    if isinstance(operation, SECOND_STEPS) and not second_step:
        return f"{name}: say in SECOND_STEP which release stopped using it."
    if isinstance(operation, (migrations.RunSQL, migrations.RunPython)) and not operation.reversible:
        return f"{name}: say how to take it back, or noop."
    return ""


def _problem_of_new_field(operation: migrations.AddField, name: str) -> str:
    field = operation.field
    if field.many_to_many or field.null or field.db_default is not NOT_PROVIDED:
        return ""
    return f"{name}: make it null or give it a db_default; the running code inserts rows without it."
