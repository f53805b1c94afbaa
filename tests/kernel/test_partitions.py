"""Partitions are made in time, dropped when they are old, and no way around row-level security."""

from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from io import StringIO
from types import SimpleNamespace

import pytest
import time_machine
from django.apps import apps
from django.core.management import CommandError, call_command
from django.db import DatabaseError, OperationalError, connection, connections, transaction
from django.utils import timezone

from adminpanel import health
from adminpanel.jobs import keep_partitions
from delivery import pruning
from delivery.models import Batch, Message
from kernel import partitions, rls, roles
from kernel.partition_migrations import PartitionTable
from kernel.partitions import ByMonth, Partitioned
from kernel.tenancy import scope
from tests import factories
from tests.partitions import MESSAGES, execute, jump_beyond_all_partitions, open_batches, parts


def problems(table=MESSAGES) -> list[str]:
    with connections["owner"].cursor() as cursor:
        return list(partitions.problems(cursor, table))


@pytest.fixture
def months(db, monkeypatch):
    """A table by months, declared while the test runs; kept for 90 days."""
    table = Partitioned("partition_test", "at", ByMonth(), "Things", lambda: 90, "fillfactor = 80")
    execute(
        "CREATE TABLE partition_test (workspace_id bigint NOT NULL, at timestamptz NOT NULL, n int DEFAULT 7) "
        "PARTITION BY RANGE (at)"
    )
    execute(rls.PROTECT.format(table="partition_test"))
    execute("CREATE INDEX ON partition_test (n)")
    with connections["owner"].cursor() as cursor:
        partitions.create(cursor, table, "partition_test_first")
    execute(
        "ALTER TABLE partition_test ATTACH PARTITION partition_test_first FOR VALUES FROM (MINVALUE) TO ('2030-01-01')"
    )
    monkeypatch.setattr(partitions.TABLES, "_items", {"partition_test": table})
    try:
        yield table
    finally:
        execute("DROP TABLE partition_test")


@contextmanager
def on(day: str):
    with time_machine.travel(datetime.fromisoformat(day).replace(tzinfo=UTC), tick=False):
        yield


def names(table) -> list[str]:
    return [part.name.removeprefix("partition_test_") for part in parts(table)]


def test_the_next_months_are_made_ahead_of_time(months):
    with on("2029-12-05"):
        partitions.maintain()
        assert names(months) == ["default", "first", "2030_01", "2030_02"]
        assert not problems(months)
    with on("2030-01-31"):
        assert not problems(months), "February is there"
    with on("2030-02-01"):
        assert "lacks its next partition" in problems(months)[0]
        partitions.maintain()
        assert not problems(months) and "2030_04" in names(months)


def test_nothing_is_done_twice(months):
    with on("2029-12-05"):
        assert partitions.maintain()
        assert not partitions.maintain()


def test_rows_that_no_partition_takes_are_kept_and_moved(months):
    with on("2029-12-05"):
        partitions.maintain()
    for day in ("2030-03-01", "2030-03-31", "2030-05-31 23:59:59"):
        execute("INSERT INTO partition_test VALUES (1, %s)", [f"{day}+00"])
    with on("2030-02-10"):
        assert any("default" in problem for problem in problems(months))
        partitions.maintain()
        assert not problems(months)
    rows = execute("SELECT tableoid::regclass::text, at::date::text, n FROM partition_test ORDER BY at")
    assert rows == [
        ("partition_test_2030_03", "2030-03-01", 7),
        ("partition_test_2030_03", "2030-03-31", 7),
        ("partition_test_2030_05", "2030-05-31", 7),
    ]


def test_old_partitions_go_and_younger_ones_stay(months):
    with on("2029-12-05"):
        partitions.maintain()
    for day in ("2029-12-31", "2030-01-01", "2030-02-28"):
        execute("INSERT INTO partition_test VALUES (1, %s)", [f"{day}+00"])
    with on("2030-04-30"):  # 90 days after January 30
        partitions.maintain()
        assert names(months)[:3] == ["default", "2030_01", "2030_02"]
    with on("2030-05-02"):
        partitions.maintain()
    assert [day for (day,) in execute("SELECT at::date::text FROM partition_test")] == ["2030-02-28"]


def test_nothing_goes_where_rows_are_kept_for_ever(months, monkeypatch):
    monkeypatch.setattr(
        partitions.TABLES, "_items", {"x": Partitioned("partition_test", "at", ByMonth(), "", lambda: 0)}
    )
    with on("2031-01-01"):
        partitions.maintain()
        assert "first" in names(months)


def test_a_new_partition_is_like_the_others(months):
    with on("2029-12-05"):
        partitions.maintain()
    ((options, security, forced, indexes),) = execute(
        "SELECT reloptions, relrowsecurity, relforcerowsecurity, (SELECT count(*) FROM pg_index WHERE indrelid = oid) "
        "FROM pg_class WHERE relname = 'partition_test_2030_01'"
    )
    assert (options, security, forced, indexes) == (["fillfactor=80"], True, True, 1)


def test_a_table_that_is_in_use_gets_partitions_and_loses_none(months, monkeypatch):
    monkeypatch.setattr(partitions, "LOCK_WAIT", "100ms")
    execute(f"GRANT SELECT ON partition_test TO {connections['engine'].settings_dict['USER']}")
    with transaction.atomic("engine"), connections["engine"].cursor() as reader, on("2030-05-02"):
        reader.execute("SELECT * FROM partition_test")
        with pytest.raises(partitions.Busy):
            partitions.maintain()
        keep_partitions()  # says so, and does not fail
        partitions.maintain_after_migrate(apps.get_app_config("accounts"), "owner")
        assert {"first", "2030_05", "2030_07"} <= set(names(months))
    with on("2030-05-02"):
        partitions.maintain()
    assert "first" not in names(months)


def test_a_lock_is_known_in_whatever_language_the_server_speaks(months, monkeypatch):
    def in_french(execute, *args):
        try:
            return execute(*args)
        except OperationalError as problem:
            raise OperationalError("annulation de la requête : délai écoulé pour un verrou") from problem.__cause__

    monkeypatch.setattr(partitions, "LOCK_WAIT", "100ms")
    execute(f"GRANT SELECT ON partition_test TO {connections['engine'].settings_dict['USER']}")
    with transaction.atomic("engine"), connections["engine"].cursor() as reader, on("2030-05-02"):
        reader.execute("SELECT * FROM partition_test")
        with connections["owner"].execute_wrapper(in_french), pytest.raises(partitions.Busy, match="délai"):
            partitions.maintain()


# --- messages


@pytest.fixture
def small_ranges(monkeypatch):
    """Ranges of 100 ids. What is made is attached to the table for good, so ids go on beyond it."""
    monkeypatch.setattr(partitions.ByIds, "MIN_IDS", 100)


def test_messages_of_batches_without_a_partition_are_kept_and_moved(acme, small_ranges):
    with scope(acme):
        (contact,) = factories.contacts(1)
        jump_beyond_all_partitions()
        (batch,) = open_batches(1)
        Message.objects.create(batch_id=batch, contact=contact)
    assert len(problems()) == 2
    keep_partitions()
    assert not problems()
    with scope(acme):
        assert Message.objects.get().batch_id == batch
    ((where,),) = execute("SELECT tableoid::regclass::text FROM delivery_message")
    assert where != "delivery_message_default"


def test_messages_go_when_all_batches_of_their_range_are_old(acme, small_ranges, settings):
    settings.MESSAGE_DAYS = 100
    with scope(acme):
        (contact,) = factories.contacts(1)
        jump_beyond_all_partitions()
        old = open_batches(150, days_ago=120)
        Message.objects.bulk_create([Message(batch_id=pk, contact=contact) for pk in old])
    partitions.maintain()
    jump_beyond_all_partitions()
    with scope(acme):
        late, new = open_batches(1, days_ago=101)[0], open_batches(1)[0]
        Message.objects.bulk_create([Message(batch_id=pk, contact=contact) for pk in (late, new)])
        assert Message.objects.count() == 152
    partitions.maintain()
    with scope(acme):
        left = set(Message.objects.values_list("batch_id", flat=True))
    assert left == {late, new}, "late and new share a range: it goes as a whole"


def test_a_range_that_lasts_for_years_loses_its_old_messages_all_the_same(acme, settings, monkeypatch):
    settings.MESSAGE_DAYS = 100
    monkeypatch.setattr(pruning, "CHUNK", 2)
    with scope(acme):
        people = factories.contacts(5)
        old, late, new = (open_batches(1, days_ago=days)[0] for days in (135, 105, 0))
        Message.objects.bulk_create(
            [Message(batch_id=pk, contact=contact) for pk in (old, late, new) for contact in people]
        )
    assert pruning.prune()
    with scope(acme):
        assert set(Message.objects.values_list("batch_id", flat=True)) == {late, new}
    settings.MESSAGE_DAYS = 0
    with scope(acme):
        Batch.objects.filter(pk=late).update(created_at=timezone.now() - timedelta(days=9999))
    assert pruning.prune()
    with scope(acme):
        assert Message.objects.count() == 10, "0 keeps everything"


# --- nobody gets around the policy


def partitions_of_all_tables() -> list[str]:
    rows = execute("SELECT relname FROM pg_class WHERE relispartition AND relkind IN ('r', 'p') ORDER BY 1")
    return [name for (name,) in rows]


def test_every_partitioned_table_is_declared(db):
    found = execute("SELECT relname FROM pg_class WHERE relkind = 'p' AND relnamespace = 'public'::regnamespace")
    assert {name for (name,) in found} == {table.table for table in partitions.TABLES}
    assert all(not problems(table) for table in partitions.TABLES)


@pytest.mark.parametrize("sql", ["SELECT * FROM {}", "DELETE FROM {}", "UPDATE {} SET workspace_id = 1", "TRUNCATE {}"])
def test_the_web_role_can_not_name_a_partition(acme, sql):
    found = partitions_of_all_tables()
    assert "delivery_message_default" in found
    for name in found:
        for workspace in (None, acme):
            with transaction.atomic(), connection.cursor() as cursor:
                if workspace:
                    rls.enter(workspace.pk)
                with pytest.raises(DatabaseError, match="permission denied"):
                    cursor.execute(sql.format(name))
                transaction.set_rollback(True)


def test_row_level_security_holds_where_somebody_grants_a_partition(acme, beta):
    with scope(beta):
        (contact,) = factories.contacts(1)
        (batch,) = open_batches(1)
        Message.objects.create(batch_id=batch, contact=contact)
    ((name,),) = execute("SELECT tableoid::regclass::text FROM delivery_message")
    execute(f"GRANT ALL ON {name} TO {connections['default'].settings_dict['USER']}")
    try:
        for workspace, n in ((acme, 0), (beta, 1)):
            with scope(workspace), connection.cursor() as cursor:
                cursor.execute(f"SELECT * FROM {name}")
                assert len(cursor.fetchall()) == n
    finally:
        roles.synchronise()


def test_workspaces_see_their_own_messages_through_the_table(acme, beta):
    for workspace in (acme, beta):
        with scope(workspace):
            (contact,) = factories.contacts(1)
            (batch,) = open_batches(1)
            Message.objects.create(batch_id=batch, contact=contact)
    with scope(acme), connection.cursor() as cursor:
        cursor.execute("SELECT workspace_id FROM delivery_message")
        assert cursor.fetchall() == [(acme.pk,)]


# --- the operator


def test_doctor_says_that_the_next_partition_is_missing(acme, small_ranges):
    def finding():
        return next(found for found in health.check_all() if found.name == "partitions")

    assert finding().ok
    with scope(acme):
        jump_beyond_all_partitions()
        open_batches(1)
    assert not finding().ok and "next partition" in finding().text
    out = StringIO()
    call_command("db", "partitions", stdout=out)
    assert finding().ok and "made" in out.getvalue() and "delivery_message_default" in out.getvalue()


def test_the_command_says_what_it_can_not_mend(db, monkeypatch):
    monkeypatch.setattr(partitions, "maintain", list)
    monkeypatch.setattr(partitions, "problems", lambda cursor, table: [f"{table.table} is broken"])
    with pytest.raises(CommandError) as said:
        call_command("db", "partitions", stdout=StringIO())
    assert str(said.value).splitlines() == [f"{table.table} is broken" for table in partitions.TABLES]


def test_the_admin_shows_what_is_kept_and_for_how_long(acme, alice, as_user):
    alice.is_staff = alice.is_superuser = True
    alice.save()
    page = as_user(alice).get("/admin/retention/").content.decode()
    assert "delivery_message_default" in page and "Kept for 1095 days" in page


# --- the migration


def test_a_filled_table_is_partitioned_and_back(acme):
    """In one transaction that is taken back."""
    with scope(acme):
        people = factories.contacts(20)
        (batch,) = open_batches(1)
        Message.objects.bulk_create([Message(batch_id=batch, contact=contact, detail="ok") for contact in people])
    rows = "SELECT * FROM delivery_message ORDER BY contact_id"
    before, described = execute(rows), describe()
    operation = PartitionTable("message", "batch_id", "SELECT 1000000000", "fillfactor = 70")
    state = SimpleNamespace(apps=apps)
    owner = connections["owner"]
    with transaction.atomic("owner"):
        for move, kind in ((operation.database_backwards, "r"), (operation.database_forwards, "p")):
            move("delivery", SimpleNamespace(connection=owner), state, state)
            assert execute(rows) == before
            assert describe() == described
            assert execute("SELECT relkind FROM pg_class WHERE relname = 'delivery_message'") == [(kind,)]
        assert execute("SELECT DISTINCT tableoid::regclass::text FROM delivery_message") == [
            ("delivery_message_first",)
        ]
        transaction.set_rollback(True, "owner")


def describe() -> list[tuple]:
    """Columns, indexes, policies and rights of the table that holds messages."""
    return [
        execute(
            "SELECT attname, atttypid, attnotnull FROM pg_attribute WHERE attrelid = 'delivery_message'::regclass "
            "AND attnum > 0 ORDER BY attnum"
        ),
        execute(
            "SELECT i.relname, x.indisprimary, pg_get_expr(x.indpred, x.indrelid) FROM pg_index x "
            "JOIN pg_class i ON i.oid = x.indexrelid WHERE x.indrelid = 'delivery_message'::regclass ORDER BY 1"
        ),
        execute("SELECT polname FROM pg_policy WHERE polrelid = 'delivery_message'::regclass ORDER BY 1"),
        execute(
            "SELECT g.grantee::regrole::text, g.privilege_type FROM pg_class, aclexplode(relacl) g "
            "WHERE oid = 'delivery_message'::regclass ORDER BY 1, 2"
        ),
    ]
