"""What an import reads of a workspace that PostgreSQL has no statistics about, as with the first files of a new one.

Any index that begins with the workspace then looks as good as the one that finds the person, and each look-up in it reads
the whole workspace.
"""

import contextlib
import re
from collections import Counter
from collections.abc import Iterator

import pytest
from django.db import connections

from contacts.consent import consent_rules
from contacts.imports import forecasting, prefetch
from contacts.models import Company, Suppression
from kernel.tenancy import scope
from tests import factories
from tests.conftest import make_workspace
from tests.contacts.imports.running import finish, forecast_of, import_file, prepare

ROWS = 8000
#: 8 kB pages of the table and its indexes for a row: three look-ups, and an entry in each of a dozen indexes. A look-up
#: in the wrong index reads thousands.
MAX_PAGES_A_ROW = 200
#: Three levels of the index, and the contact.
MAX_PAGES_A_LOOK_UP = 5
#: Rows that a step of a plan goes through for each row of a chunk. A step that compares all rows with each other, or with
#: those of earlier chunks, goes through a thousand and more.
CHUNK, MAX_ROWS_A_ROW = 1000, 20
#: The statements about the rows of a chunk.
STATEMENTS = re.compile(
    r"^\s*(WITH|INSERT|UPDATE|DELETE|SELECT)\b.*\b(incoming|matched|company_rows|suppression_rows|forecast_\w+)\b",
    re.DOTALL | re.IGNORECASE,
)
MAPPING = ["email", "phone", "external_id", "first_name"]


@pytest.fixture
def new_workspace(acme, alice):
    """A workspace without statistics, beside another that has them. Meanwhile PostgreSQL makes none by itself."""
    with scope(make_workspace("Globex", alice)):
        factories.contacts(2000)
        Company.objects.bulk_create(Company(name=f"Company {n}") for n in range(1000))
        Suppression.objects.bulk_create(
            Suppression(channel=channel, recipient=f"{channel}{n}", reason="manual")
            for channel in consent_rules.ADDRESS
            for n in range(1000)
        )
    with connections["owner"].cursor() as cursor:
        cursor.execute("ALTER TABLE contacts_contact SET (autovacuum_enabled = off)")
        cursor.execute("ANALYZE contacts_contact, contacts_company, contacts_suppression")
    yield acme
    with connections["owner"].cursor() as cursor:
        cursor.execute("ALTER TABLE contacts_contact RESET (autovacuum_enabled)")


def pages() -> int:
    """How many pages of contacts were touched so far."""
    with connections["engine"].cursor() as cursor:
        cursor.execute("SELECT pg_stat_force_next_flush()")
        cursor.execute("SELECT 1")
    with connections["owner"].cursor() as cursor:
        cursor.execute(
            "SELECT heap_blks_hit + heap_blks_read + idx_blks_hit + idx_blks_read FROM pg_statio_user_tables "
            "WHERE relname = 'contacts_contact'"
        )
        return cursor.fetchone()[0]


@contextlib.contextmanager
def watched_steps() -> Iterator[Counter[str]]:
    """By statement and step of its plan, the most rows that the step went through: those that it found and those that it
    dropped, over all its repetitions."""
    most: Counter[str] = Counter()

    def explain(execute, sql, params, many, context):
        if STATEMENTS.search(sql):
            in_transaction = context["connection"].in_atomic_block
            if in_transaction:
                execute("SAVEPOINT before_explain", None, False, context)
            execute("EXPLAIN (ANALYZE, FORMAT JSON) " + sql, params, many, context)
            plan = context["cursor"].fetchone()[0][0]["Plan"]
            if in_transaction:
                execute("ROLLBACK TO SAVEPOINT before_explain", None, False, context)
            for name, rows in steps(plan):
                most[f"{name}: {sql}"] = max(most[f"{name}: {sql}"], rows)
        return execute(sql, params, many, context)

    with connections["engine"].execute_wrapper(explain):
        yield most


def steps(step: dict) -> Iterator[tuple[str, int]]:
    dropped = sum(number for name, number in step.items() if name.startswith("Rows Removed by"))
    yield f"{step['Node Type']} {step.get('Alias', '')}", int((step["Actual Rows"] + dropped) * step["Actual Loops"])
    for part in step.get("Plans", ()):
        yield from steps(part)


@pytest.mark.parametrize("mapping", [MAPPING, MAPPING[:1]], ids=["three identities", "e-mail"])
def test_a_new_workspaces_people_are_looked_up_one_by_one(new_workspace, mapping):
    lines = [f"p{n}@x.example,+3361{n:07},c{n},P{n}" for n in range(ROWS)]
    for first_name in ("created", "updated"):
        before = pages()
        text = "e-mail,phone,id,name\n" + "\n".join(line.replace(",P", f",{first_name}") for line in lines)
        done = import_file(new_workspace, text, [*mapping, *[""] * (4 - len(mapping))])
        assert getattr(done, first_name) == ROWS
        assert (pages() - before) / ROWS < MAX_PAGES_A_ROW, first_name


def test_the_forecast_of_a_usual_file_looks_each_person_up_once(new_workspace):
    lines = [f"p{n}@x.example,P{n}" for n in range(ROWS)]
    text = "e-mail,name\n" + "\n".join(lines)
    import_file(new_workspace, text, ["email", "first_name"])
    with connections["owner"].cursor() as cursor:
        cursor.execute("ANALYZE contacts_contact")
    done = prepare(new_workspace, text, ["email", "first_name"])
    before = pages()
    assert forecast_of(new_workspace, done)["counts"]["updated"] == ROWS
    assert (pages() - before) / ROWS < MAX_PAGES_A_LOOK_UP


@pytest.mark.parametrize(
    "target, mapping",
    [("contacts", MAPPING), ("contacts", MAPPING[:1]), ("companies", ["company"]), ("suppress", MAPPING[:2])],
)
def test_each_row_is_compared_with_few_others(new_workspace, monkeypatch, target, mapping):
    """In a forecast and an import, of new people and of known ones. Comparing each row with all earlier ones made a
    forecast of 50,000 rows take three minutes instead of two seconds."""
    monkeypatch.setattr(prefetch, "CHUNK", CHUNK)
    compare(new_workspace, target, mapping)


@pytest.mark.parametrize("mapping", [MAPPING, MAPPING[:1]], ids=["three identities", "e-mail"])
def test_each_row_is_compared_with_few_others_in_a_new_installation(new_workspace, monkeypatch, mapping):
    if connections["owner"].pg_version < 180000:
        pytest.skip("PostgreSQL forgets statistics when asked since version 18")
    monkeypatch.setattr(prefetch, "CHUNK", CHUNK)
    with connections["owner"].cursor() as cursor:
        cursor.execute("SELECT pg_clear_relation_stats('public', 'contacts_contact')")
        cursor.execute(
            "SELECT pg_clear_attribute_stats('public', 'contacts_contact', attname, false) FROM pg_stats "
            "WHERE schemaname = 'public' AND tablename = 'contacts_contact'"
        )
    compare(new_workspace, "contacts", mapping)


@pytest.mark.parametrize("mapping", [MAPPING, MAPPING[:1]], ids=["three identities", "e-mail"])
def test_a_workspace_larger_than_the_others_is_not_read_for_each_chunk(acme, alice, mapping):
    """PostgreSQL expects as many people in a workspace as in the average one, and would rather read these few all."""
    for number in range(40):
        with scope(make_workspace(f"Small {number}", alice)):
            factories.contacts(25)
    mapping = [*mapping, *[""] * (4 - len(mapping))]
    head, *lines = ["e-mail,phone,id,name", *(f"p{n}@x.example,+3361{n:07},c{n},P{n}" for n in range(ROWS))]
    import_file(acme, "\n".join([head, *lines]), mapping)
    with connections["owner"].cursor() as cursor:
        cursor.execute("ANALYZE contacts_contact")
    done = prepare(acme, "\n".join([head, *lines[:CHUNK]]), mapping)
    with scope(acme):
        done.preview = {"forecast": {"token": "t", "done": False}}
        done.save()
    with watched_steps() as most:
        forecasting.run(acme.pk, done.pk, "t")
        finish(acme, done)
    [(step, rows)] = most.most_common(1)
    assert rows < ROWS, step


def temporary_bytes() -> int:
    """What the engine's connection has put into temporary files since the database was made, and what others have."""
    with connections["engine"].cursor() as cursor:
        cursor.execute("SELECT pg_stat_force_next_flush()")
        cursor.execute("SELECT temp_bytes FROM pg_stat_database WHERE datname = current_database()")
        return cursor.fetchone()[0]


def test_a_chunk_is_noted_in_memory(acme):
    """Everybody changes, so each row is kept aside twice: as it was, and as it is."""
    for word in ("before", "after"):
        lines = "".join(f"u{n}@shop.example,{word} {'x' * 200},u{n}\n" for n in range(prefetch.CHUNK))
        before = temporary_bytes()
        import_file(acme, f"email,first_name,last_name\n{lines}", ["email", "first_name", "last_name"])
    assert temporary_bytes() == before


def compare(workspace, target: str, mapping: list[str]) -> None:
    text = "e-mail,phone,id,name\n" + "\n".join(f"p{n}@x.example,+3361{n:07},c{n},P{n}" for n in range(ROWS))
    for _time in ("new", "known"):
        done = prepare(workspace, text, [*mapping, *[""] * (4 - len(mapping))], target=target)
        with scope(workspace):
            done.preview = {"forecast": {"token": "t", "done": False}}
            done.save()
        with watched_steps() as most:
            forecasting.run(workspace.pk, done.pk, "t")
            finish(workspace, done)
        assert most, "no statement was explained"
        [(step, rows)] = most.most_common(1)
        assert rows <= MAX_ROWS_A_ROW * CHUNK, step
