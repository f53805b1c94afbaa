"""Backups, and what becomes of them: here is the drill that shows that a backup can be restored."""

import os
import subprocess
import sys
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg
import pytest
from django.core.management import CommandError, call_command
from psycopg import sql

from delivery import batching
from kernel import dumping, postgres_programs
from kernel.tenancy import scope
from tests import database, factories
from tests.delivery.batches import start

ROOT = Path(__file__).resolve().parents[2]
OTHER = f"{database.NAME}_other"
URLS = ("DATABASE_URL", "DATABASE_ENGINE_URL", "DATABASE_OWNER_URL", "DATABASE_BACKUP_URL")

MAY_SEND = "from delivery.sending import restore_guard as r; print('sends' if r.may_send() else 'held')"


@pytest.fixture
def half_sent(acme):
    """A campaign to 30 people of whom 10 have the message, and an account with a password."""
    batch = start(acme, n=30)
    batching.fill(batch.pk)
    with psycopg.connect(os.environ["DATABASE_ENGINE_URL"]) as connection:
        connection.execute(
            "UPDATE delivery_message SET state = 1 WHERE contact_id IN (SELECT id FROM contacts_contact LIMIT 10)"
        )
    with scope(acme):
        account = factories.smtp_account(25)
        account.secret = {"password": "hunter2"}
        account.save()
    return batch


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "backups"


def back_up(folder) -> Path:
    call_command("backup", folder=folder)
    return dumping.backups(folder)[-1].path


def at(variable: str, name: str) -> str:
    return urlunsplit(urlsplit(os.environ[variable])._replace(path=f"/{name}"))


@pytest.fixture
def elsewhere(tmp_path):
    """elsewhere("doctor") runs a command of another installation, whose database does not exist yet."""
    urls = {name: at(name, OTHER) for name in URLS if os.environ.get(name)}
    environment = os.environ | urls | {"EPOCH_FILE": str(tmp_path / "epoch")}

    def run(*arguments, **settings) -> subprocess.CompletedProcess:
        command = [sys.executable, str(ROOT / "manage.py"), *map(str, arguments)]
        return subprocess.run(
            command, env=environment | settings, capture_output=True, text=True, cwd=ROOT, check=False
        )

    yield run
    for name in databases():
        execute(f'DROP DATABASE "{name}"')


def execute(query: str, name: str | None = None) -> list[tuple]:
    url = at("DATABASE_OWNER_URL", name) if name else database.ADMIN
    with closing(psycopg.connect(url, autocommit=True)) as connection:
        cursor = connection.execute(query)
        return cursor.fetchall() if cursor.description else []


def databases() -> list[str]:
    return [name for (name,) in execute("SELECT datname FROM pg_database") if name.startswith(OTHER)]


def count_rows(name: str) -> dict[str, int]:
    """Every table's rows, as the engine sees them."""
    with closing(psycopg.connect(at("DATABASE_ENGINE_URL", name))) as connection:
        tables = connection.execute(
            "SELECT relname FROM pg_class WHERE relkind IN ('r', 'p') AND NOT relispartition AND relpersistence = 'p' "
            "AND relnamespace = 'public'::regnamespace"
        ).fetchall()
        count = sql.SQL("SELECT count(*) FROM {}")
        return {table: connection.execute(count.format(sql.Identifier(table))).fetchone()[0] for (table,) in tables}


def test_a_backup_restored_elsewhere_has_every_row_and_sends_nothing(half_sent, folder, elsewhere):
    backup = back_up(folder)
    restored = elsewhere("restore", backup)
    assert restored.returncode == 0, restored.stderr
    assert "confirm_restore --give-up-open" in restored.stdout and "WARNING" not in restored.stdout
    assert "SECRET_KEY" not in restored.stdout and "FIELD_ENCRYPTION_KEYS" not in restored.stdout
    counts = count_rows(OTHER)
    assert counts == count_rows(database.NAME) | {"delivery_deployment": 1}
    assert counts["delivery_message"] == 30 and counts["accounts_workspace"] == 1
    assert elsewhere("shell", "-c", MAY_SEND).stdout.splitlines()[-1] == "held"
    confirmed = elsewhere("confirm_restore", "--give-up-open")
    assert f"restored from {backup.name}" in confirmed.stdout and "20 open messages" in confirmed.stdout
    assert elsewhere("shell", "-c", MAY_SEND).stdout.splitlines()[-1] == "sends"
    states = execute("SELECT state, count(*) FROM delivery_message GROUP BY 1 ORDER BY 1", OTHER)
    assert not states, "row-level security is on in the restored database"
    assert databases() == [OTHER]


def test_a_database_with_data_is_replaced_only_when_told_and_only_by_a_whole_one(half_sent, folder, elsewhere):
    backup = back_up(folder)
    elsewhere("restore", backup)
    before = count_rows(OTHER)
    refused = elsewhere("restore", backup)
    assert refused.returncode and "not empty" in refused.stderr and "--replace" in refused.stderr
    with closing(psycopg.connect(at("DATABASE_URL", OTHER))):
        refused = elsewhere("restore", backup, "--replace")
        assert refused.returncode and "stop web and workers first" in refused.stderr
    broken = folder / "broken.dump"
    content = backup.read_bytes()
    broken.write_bytes(content[: len(content) - 2000])
    failed = elsewhere("restore", broken, "--replace")
    assert failed.returncode and "Nothing was restored" in failed.stderr
    assert databases() == [OTHER] and count_rows(OTHER) == before
    replaced = elsewhere("restore", backup, "--replace")
    assert replaced.returncode == 0, replaced.stderr
    (kept,) = set(databases()) - {OTHER}
    assert kept in replaced.stdout and count_rows(kept) == before == count_rows(OTHER)


def test_a_restore_says_which_keys_do_not_fit(half_sent, folder, elsewhere):
    other = {"SECRET_KEY": "other-" + "x" * 60, "FIELD_ENCRYPTION_KEYS": "other-key-" + "y" * 40}
    restored = elsewhere("restore", back_up(folder), **other)
    assert restored.returncode == 0, restored.stderr
    assert "SECRET_KEY is not the one" in restored.stdout and "LINK_KEYS" in restored.stdout
    assert "can't be decrypted" in restored.stdout and "FIELD_ENCRYPTION_KEYS" in restored.stdout


def test_what_is_no_backup_of_ours_is_refused(folder, db):
    folder.mkdir()
    (folder / "x.dump").write_text("no dump")
    for file, words in ((folder / "x.dump", "pg_restore failed"), (folder / "none.dump", "There is no file")):
        with pytest.raises(CommandError, match=words):
            call_command("restore", file)


def programs(folder: Path, **scripts: str) -> str:
    """A folder of programs that pretend to be PostgreSQL's."""
    folder.mkdir()
    for name, script in scripts.items():
        (folder / name).write_text(f"#!/bin/sh\n{script}\n")
        (folder / name).chmod(0o755)
    return str(folder)


VERSION = '[ "$1" = --version ] && { echo "pg_dump (PostgreSQL) 18.1"; exit; }; true\n'
HALF = 'for a; do case "$a" in --file=*) echo half > "${a#--file=}";; esac; done\n'


@pytest.mark.parametrize(
    "script, words",
    [
        (HALF + "echo 'No space left on device' >&2; exit 1", "No space left"),
        (HALF + "exit 0", "pg_dump wrote 0 of"),
    ],
    ids=["it fails", "it lies"],
)
def test_a_dump_that_is_not_whole_leaves_no_file(db, folder, tmp_path, settings, script, words):
    settings.POSTGRES_BIN = programs(tmp_path / "bin", pg_dump=VERSION + script, pg_restore=VERSION)
    with pytest.raises(CommandError, match=words):
        call_command("backup", folder=folder)
    assert [path.name for path in folder.iterdir()] == [".lock"]


def test_a_program_that_is_too_old_is_named(db, folder, tmp_path, settings):
    settings.POSTGRES_BIN = programs(tmp_path / "bin", pg_dump='echo "pg_dump (PostgreSQL) 14.2"')
    with pytest.raises(CommandError, match=r"pg_dump is version 14, but version \d+ is needed: install postgresql-cl"):
        call_command("backup", folder=folder)
    settings.POSTGRES_BIN = str(tmp_path)
    with pytest.raises(CommandError, match="pg_dump is not installed"):
        call_command("backup", folder=folder)


def test_the_program_of_the_servers_version_is_taken_before_a_newer_one(tmp_path, monkeypatch):
    places = {n: programs(tmp_path / str(n), pg_dump=f'echo "pg_dump (PostgreSQL) {n}.1"') for n in (15, 17, 18)}
    order = [f"{places[n]}/pg_dump" for n in (18, 15, 17)]
    monkeypatch.setattr(postgres_programs, "_candidates", lambda name, server: iter(order))
    assert [postgres_programs.find("pg_dump", n).version for n in (15, 16, 18)] == [15, 17, 18]


def test_a_table_that_hides_rows_from_the_owner_stops_the_backup(db, folder, settings):
    """Without a policy for the owner, the owner's dump would have no rows of it, and would not say so."""
    settings.DATABASE_BACKUP_URL = ""
    execute(
        "CREATE TABLE hiding (id int); ALTER TABLE hiding ENABLE ROW LEVEL SECURITY; "
        "ALTER TABLE hiding FORCE ROW LEVEL SECURITY; CREATE POLICY p ON hiding USING (false)",
        database.NAME,
    )
    try:
        with pytest.raises(CommandError, match="hides rows of hiding from the owner"):
            call_command("backup", folder=folder)
    finally:
        execute("DROP TABLE hiding", database.NAME)


def test_old_backups_go_but_the_newest_stay_however_old(db, folder):
    folder.mkdir()
    now = datetime.now(UTC)
    for days in (40, 30, 20, 2, 1):
        (folder / f"fanfare-{now - timedelta(days=days):%Y%m%d-%H%M%S}.dump").write_text("")
    (folder / "mine.dump").write_text("")
    (folder / f"fanfare-20200101-000000.dump{dumping.PARTIAL}").write_text("of a backup that was killed")
    call_command("backup", folder=folder, days=14, keep=4)
    ages = [(now - backup.at).days for backup in dumping.backups(folder)]
    assert ages[:3] == [20, 2, 1] and len(ages) == 4
    call_command("backup", folder=folder, days=0, keep=0)
    assert len(dumping.backups(folder)) == 1 and (folder / "mine.dump").exists()
    assert not list(folder.glob("*.partial"))


def test_a_backup_is_for_its_owners_eyes(db, folder):
    backup = back_up(folder)
    assert backup.stat().st_mode & 0o077 == 0 and folder.stat().st_mode & 0o077 == 0


def test_two_backups_at_once_do_not_meet(db, folder):
    folder.mkdir()
    with dumping._locked(folder), pytest.raises(CommandError, match="Another backup"):
        call_command("backup", folder=folder)
