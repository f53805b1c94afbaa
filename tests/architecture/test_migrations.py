"""One initial migration an app; later ones keep to docs/guides/migrations.md."""

from __future__ import annotations

import threading
from importlib import import_module
from pathlib import Path

import pytest
from django.contrib.postgres.operations import AddIndexConcurrently
from django.core.management import CommandError, call_command
from django.db import connections, migrations, models

from tests.architecture.migration_rules import problems_of
from tests.architecture.test_code import APPS, ROOT

LATER = [
    f"{path.parts[-3]}.migrations.{path.stem}"
    for app in APPS
    for path in sorted((ROOT / app / "migrations").glob("[0-9]*.py"))
    if not path.stem.startswith("0001")
]


def test_later_migrations_can_run_while_the_product_does():
    found = {}
    for name in LATER:
        module = import_module(name)
        migration = module.Migration(Path(name).suffix[1:], name.partition(".")[0])
        found[name] = problems_of(migration, second_step=getattr(module, "SECOND_STEP", ""))
    assert not {name: problems for name, problems in found.items() if problems}


INDEX = models.Index(fields=["name"], name="by_name")
NOT_NULL, NULLABLE = models.IntegerField(default=0), models.IntegerField(null=True)
WITH_DEFAULT = models.IntegerField(db_default=0)


@pytest.mark.parametrize(
    "operation, atomic, is_refused",
    [
        (migrations.AddIndex("tag", INDEX), True, True),
        (AddIndexConcurrently("tag", INDEX), True, True),
        (AddIndexConcurrently("tag", INDEX), False, False),
        (migrations.AddField("tag", "n", NOT_NULL), True, True),
        (migrations.AddField("tag", "n", NULLABLE), True, False),
        (migrations.AddField("tag", "n", WITH_DEFAULT), True, False),
        (migrations.RenameField("tag", "a", "b"), True, True),
        (migrations.RenameModel("Tag", "Label"), True, True),
        (migrations.RemoveField("tag", "n"), True, True),
        (migrations.DeleteModel("Tag"), True, True),
        (
            migrations.AddConstraint("tag", models.CheckConstraint(condition=models.Q(n__gt=0), name="positive")),
            True,
            True,
        ),
        (migrations.RunSQL("UPDATE contacts_tag SET name = name"), True, True),
        (migrations.RunSQL("UPDATE contacts_tag SET name = name", migrations.RunSQL.noop), True, False),
    ],
    ids=lambda value: value.__class__.__name__ if isinstance(value, migrations.operations.base.Operation) else None,
)
def test_the_rules(operation, atomic, is_refused):
    migration = migrations.Migration("0002_a", "contacts")
    migration.operations, migration.atomic = [operation], atomic
    assert bool(problems_of(migration)) == is_refused


def test_what_the_last_release_does_not_use_may_go():
    migration = migrations.Migration("0002_a", "contacts")
    migration.operations = [migrations.RemoveField("tag", "n")]
    assert problems_of(migration, second_step="1.4 reads Tag.number") == []


def test_a_table_that_is_new_may_have_what_it_likes():
    migration = migrations.Migration("0002_a", "contacts")
    migration.operations = [
        migrations.CreateModel("Label", [("id", models.BigAutoField(primary_key=True))]),
        migrations.AddField("label", "n", NOT_NULL),
        migrations.AddIndex("label", INDEX),
    ]
    assert problems_of(migration) == []


def test_a_migration_gives_up_on_a_lock_that_somebody_holds(db):
    """Without the timeout it would wait, and every query on the table behind it."""
    taken, done = threading.Event(), threading.Event()

    def hold() -> None:
        with connections["owner"].cursor() as cursor:
            cursor.execute("BEGIN; LOCK TABLE django_migrations IN ACCESS EXCLUSIVE MODE")
            taken.set()
            done.wait(30)
            cursor.execute("ROLLBACK")
        connections["owner"].close()

    holder = threading.Thread(target=hold)
    holder.start()
    taken.wait(30)
    try:
        with pytest.raises(CommandError, match="Run the command again"):
            call_command("migrate", lock_timeout=0.2, verbosity=0)
    finally:
        done.set()
        holder.join()
        connections["owner"].close()
