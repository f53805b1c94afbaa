"""The roles that `manage.py db roles` makes, on servers where one is superuser and where one is not."""

import os
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import psycopg
import pytest
from django.core.management import CommandError, call_command

from kernel import embedded_postgres, role_creation, roles
from tests import database
from tests.database import HOME, is_embedded

ROOT = Path(__file__).resolve().parents[2]
NAME = f"roles_{os.getpid()}"
ADMIN = f"{NAME}_admin"

pytestmark = pytest.mark.skipif(not is_embedded(), reason="needs a server whose superuser is known")


def superuser() -> str:
    return embedded_postgres.superuser_url(HOME)


def execute(query: str, url: str | None = None) -> list[tuple]:
    return database.admin(query, url or superuser())


@pytest.fixture
def server(db):
    """Whatever a test makes here is gone afterwards."""
    yield
    execute(f'DROP DATABASE IF EXISTS "{NAME}" WITH (FORCE)')
    made = execute(f"SELECT rolname FROM pg_roles WHERE rolname LIKE '{NAME}\\_%' ORDER BY rolname = '{ADMIN}'")
    for (role,) in made:
        execute(f'DROP OWNED BY "{role}"; DROP ROLE "{role}"')


def limited_admin(rights: str) -> str:
    """The address of an administrator as managed servers give them: no superuser."""
    execute(f"CREATE ROLE {ADMIN} LOGIN NOSUPERUSER {rights} PASSWORD 'secret'")
    return superuser().replace("postgres:" + embedded_postgres._password(HOME), f"{ADMIN}:secret")


def rights() -> dict[str, tuple]:
    rows = execute(f"SELECT rolname, rolcreatedb, rolbypassrls FROM pg_roles WHERE rolname LIKE '{NAME}\\_%'")
    return {name.removeprefix(f"{NAME}_"): tuple(has) for name, *has in rows}


ALL = {"owner": (True, False), "web": (False, False), "engine": (False, True), "backup": (False, True)}


def test_a_superuser_makes_four_roles(server):
    created = role_creation.create_roles(superuser(), NAME)
    assert rights() == ALL and not created.notes
    assert set(created.settings) == set(role_creation.SETTINGS.values())
    for url in created.settings.values():
        assert execute("SELECT current_database()", url) == [(NAME,)]


def test_roles_that_exist_keep_their_passwords(server):
    first = role_creation.create_roles(superuser(), NAME)
    execute(f"DROP ROLE {NAME}_backup; ALTER ROLE {NAME}_engine NOBYPASSRLS; ALTER ROLE {NAME}_web BYPASSRLS")
    again = role_creation.create_roles(superuser(), NAME)
    assert set(again.settings) == {"DATABASE_BACKUP_URL"} and rights() == ALL
    assert execute("SELECT 1", first.settings["DATABASE_URL"])
    assert "leave DATABASE_URL as it is" in " ".join(again.notes)
    changed = role_creation.create_roles(superuser(), NAME, new_passwords=True)
    assert set(changed.settings) == set(first.settings)
    assert execute("SELECT 1", changed.settings["DATABASE_URL"])
    with pytest.raises(psycopg.OperationalError):
        execute("SELECT 1", first.settings["DATABASE_URL"])


def test_an_administrator_who_may_pass_on_bypassrls_makes_four_roles(server):
    role_creation.create_roles(limited_admin("CREATEROLE CREATEDB BYPASSRLS"), NAME)
    assert rights() == ALL | {"admin": (True, True)}


def test_where_nobody_may_bypass_row_level_security_the_owner_is_the_engine(server):
    url = limited_admin("CREATEROLE CREATEDB")
    created = role_creation.create_roles(url, NAME)
    assert set(rights()) == {"owner", "web", "admin"}
    assert created.settings["DATABASE_ENGINE_URL"] == created.settings["DATABASE_OWNER_URL"]
    assert "DATABASE_BACKUP_URL" not in created.settings and "the engine connects as the owner" in created.notes[-1]
    again = role_creation.create_roles(url, NAME)
    assert not again.settings and "Set DATABASE_ENGINE_URL to the same" in " ".join(again.notes)


@pytest.mark.parametrize("given", ["", "CREATEROLE", "CREATEDB"])
def test_an_administrator_who_may_not_says_what_to_ask_for(server, given):
    with pytest.raises(role_creation.Refused, match="CREATEROLE and CREATEDB, and ask the provider for BYPASSRLS"):
        role_creation.create_roles(limited_admin(given), NAME)


def test_addresses_keep_what_the_administrator_said_about_the_connection(server):
    created = role_creation.create_roles(superuser() + "?sslmode=prefer", NAME)
    assert created.settings["DATABASE_URL"].endswith(f"/{NAME}?sslmode=prefer")


def test_commands_that_make_settings_need_none_and_leave_nothing(server, tmp_path):
    """They are the first steps of an installation."""
    unset = ("DATABASE_URL", "DATABASE_OWNER_URL", "DATABASE_ENGINE_URL", "SECRET_KEY", "BASE_URL", "FANFARE_LOCAL")
    environment = {name: value for name, value in os.environ.items() if name not in unset}
    environment |= {"FIELD_ENCRYPTION_KEYS": "", "DATABASE_URL": ""}
    files = set((ROOT / "var").iterdir())
    for command in (["db", "roles", f"--admin-url={superuser()}", "--database", NAME], ["doctor", "--new-key"]):
        done = subprocess.run(
            [sys.executable, "manage.py", *command],
            env=environment,
            capture_output=True,
            text=True,
            cwd=ROOT,
            check=False,
        )
        assert done.returncode == 0 and not done.stderr, done.stderr
    assert len(done.stdout.strip()) >= 60
    assert set((ROOT / "var").iterdir()) <= files


def test_a_connection_that_fails_is_explained(server):
    with pytest.raises(role_creation.Refused, match="Can't connect"):
        role_creation.create_roles("postgres://nobody:x@127.0.0.1:1/postgres", NAME)


@pytest.fixture
def backup_role(server, settings):
    """A role that dumps, as `db roles` makes it, for the tests' own database."""
    role, here = f"{NAME}_backup", superuser().rpartition("/")[0] + f"/{database.NAME}"
    execute(f"CREATE ROLE {role} LOGIN BYPASSRLS PASSWORD 'x'")
    settings.DATABASE_BACKUP_URL = here.replace(f"postgres:{embedded_postgres._password(HOME)}", f"{role}:x")
    roles.synchronise()
    yield role
    execute(f'DROP OWNED BY "{role}"', here)


def test_the_backup_role_reads_everything_and_changes_nothing(backup_role, acme, settings, tmp_path):
    call_command("backup", folder=tmp_path)
    with closing(psycopg.connect(settings.DATABASE_BACKUP_URL)) as connection:
        assert connection.execute("SELECT count(*) FROM delivery_sender").fetchone() == (1,)
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute("DELETE FROM delivery_sender")


def test_a_backup_role_without_its_grants_makes_no_backup(backup_role, acme, tmp_path):
    execute(f"REVOKE ALL ON ALL TABLES IN SCHEMA fanfare FROM {backup_role}", os.environ["DATABASE_OWNER_URL"])
    with pytest.raises(CommandError, match="permission denied for table context_key"):
        call_command("backup", folder=tmp_path)
    assert not list(tmp_path.glob("*.dump*"))
