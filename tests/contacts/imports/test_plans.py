"""What an import reads of a workspace that PostgreSQL has no statistics about, as with the first files of a new one.

Any index that begins with the workspace then looks as good as the one that finds the person, and each look-up in it reads
the whole workspace.
"""

import time

import pytest
from django.db import connections

from contacts.imports import forecasting
from kernel.tenancy import scope
from tests import factories
from tests.conftest import make_workspace
from tests.contacts.imports.running import finish, import_file, prepare

ROWS = 8000
#: 8 kB pages of the table and its indexes for a row: three look-ups, and an entry in each of a dozen indexes. A look-up
#: in the wrong index reads thousands.
MAX_PAGES_A_ROW = 200
MAPPING = ["email", "phone", "external_id", "first_name"]


@pytest.fixture
def new_workspace(acme, alice):
    """A workspace without statistics, beside another that has them. Meanwhile PostgreSQL makes none by itself."""
    with scope(make_workspace("Globex", alice)):
        factories.contacts(2000)
    with connections["owner"].cursor() as cursor:
        cursor.execute("ALTER TABLE contacts_contact SET (autovacuum_enabled = off)")
        cursor.execute("ANALYZE contacts_contact")
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


@pytest.mark.parametrize("mapping", [MAPPING, MAPPING[:1]], ids=["three identities", "e-mail"])
def test_a_new_workspaces_people_are_looked_up_one_by_one(new_workspace, mapping):
    lines = [f"p{n}@x.example,+3361{n:07},c{n},P{n}" for n in range(ROWS)]
    seconds = []
    for first_name in ("created", "updated"):
        before, started = pages(), time.perf_counter()
        text = "e-mail,phone,id,name\n" + "\n".join(line.replace(",P", f",{first_name}") for line in lines)
        done = import_file(new_workspace, text, [*mapping, *[""] * (4 - len(mapping))])
        assert getattr(done, first_name) == ROWS
        seconds.append(time.perf_counter() - started)
        assert (pages() - before) / ROWS < MAX_PAGES_A_ROW, first_name
    # A join that compares all rows with all others touches no more pages, but takes a minute instead of a second.
    assert seconds[1] < 10 * seconds[0]


@pytest.mark.parametrize(
    "target, mapping",
    [("contacts", MAPPING), ("contacts", MAPPING[:1]), ("companies", ["company"]), ("suppress", MAPPING[:2])],
)
def test_a_forecast_looks_for_earlier_rows_by_an_index(new_workspace, target, mapping):
    """Where each row is compared with all earlier ones, a forecast takes fifty times as long as its import."""
    lines = [f"p{n}@x.example,+3361{n:07},c{n},P{n}" for n in range(ROWS)]
    text = "e-mail,phone,id,name\n" + "\n".join(lines)
    done = prepare(new_workspace, text, [*mapping, *[""] * (4 - len(mapping))], target=target)
    with scope(new_workspace):
        done.preview = {"forecast": {"token": "t", "done": False}}
        done.save()
    started = time.perf_counter()
    forecasting.run(new_workspace.pk, done.pk, "t")
    forecast = time.perf_counter() - started
    started = time.perf_counter()
    finish(new_workspace, done)
    assert forecast < 5 * (time.perf_counter() - started)
