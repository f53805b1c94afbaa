"""The database: its roles, and the embedded server."""

import os
import secrets
import shutil
import subprocess
import sys
from urllib.parse import quote, urlsplit

import psycopg
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from psycopg import sql

from kernel import embedded_postgres, roles

HOME = settings.BASE_DIR / "var" / "postgres"


class Command(BaseCommand):
    help = "roles: set up owner, web and engine. start, stop, status, psql, dump, reset: the embedded server."
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("action", choices=["roles", "start", "stop", "status", "psql", "dump", "reset"])
        parser.add_argument("--admin-url", help="roles: a superuser's postgres://... on the server to set up")
        parser.add_argument("--database", default="fanfare", help="roles: the database to create (default: fanfare)")
        parser.add_argument("--yes", action="store_true", help="reset: don't ask")

    def handle(self, action: str, **options) -> None:
        getattr(self, f"do_{action}")(**options)

    def do_roles(self, admin_url: str | None, database: str, **options) -> None:
        if admin_url:
            for name, url in create_roles(admin_url, database).as_environment().items():
                self.stdout.write(f"{name}={url}")
            return
        roles.synchronise()
        self.stdout.write("Grants and the signing key are up to date.")
        if roles.one_role():
            self.stdout.write("One role does everything. To set up three, give a superuser's address: --admin-url")

    def do_start(self, **options) -> None:
        embedded_postgres.ensure_running(HOME)
        self.stdout.write("The embedded PostgreSQL is running.")

    def do_stop(self, **options) -> None:
        stopped = embedded_postgres.stop(HOME)
        self.stdout.write("Stopped." if stopped else "It was not running.")

    def do_status(self, **options) -> None:
        self.stdout.write("running" if embedded_postgres.is_running(HOME) else "stopped")

    def do_psql(self, **options) -> None:
        sys.exit(subprocess.call([embedded_postgres.binary("psql"), os.environ["DATABASE_OWNER_URL"]]))

    def do_dump(self, **options) -> None:
        """Dump as superuser: under row-level security, pg_dump would fail or leave rows out."""
        url = embedded_postgres.superuser_url(HOME, embedded_postgres.DATABASE)
        sys.exit(subprocess.call([embedded_postgres.binary("pg_dump"), "--no-owner", url]))

    def do_reset(self, yes: bool, **options) -> None:
        if not yes and input("This deletes the embedded database and all in it. Type 'reset': ") != "reset":
            raise CommandError("Nothing was deleted.")
        embedded_postgres.stop(HOME)
        shutil.rmtree(HOME, ignore_errors=True)
        self.stdout.write("Deleted. The next start makes a new one.")


def create_roles(admin_url: str, database: str) -> embedded_postgres.Urls:
    """Create or update the three roles and the database on the operator's server. Every call sets new passwords.

    Returns the three addresses. Raises CommandError.
    """
    names = {"owner": f"{database}_owner", "web": f"{database}_web", "engine": f"{database}_engine"}
    rights = {"owner": "CREATEDB NOBYPASSRLS", "web": "NOBYPASSRLS", "engine": "BYPASSRLS"}
    passwords = {kind: secrets.token_urlsafe(24) for kind in names}
    try:
        connection = psycopg.connect(admin_url, autocommit=True)
    except psycopg.OperationalError as problem:
        raise CommandError(f"Can't connect: {problem}") from None
    with connection:
        for kind, name in names.items():
            exists = connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [name]).fetchone()
            verb = sql.SQL("ALTER" if exists else "CREATE")
            statement = sql.SQL("{} ROLE {} LOGIN NOSUPERUSER {} PASSWORD {}").format(
                verb, sql.Identifier(name), sql.SQL(rights[kind]), sql.Literal(passwords[kind])
            )
            try:
                connection.execute(statement)
            except psycopg.errors.InsufficientPrivilege:
                raise CommandError("This address may not create roles with BYPASSRLS: give a superuser's.") from None
        if not connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [database]).fetchone():
            connection.execute(
                sql.SQL("CREATE DATABASE {} OWNER {}").format(sql.Identifier(database), sql.Identifier(names["owner"]))
            )
    place = urlsplit(admin_url).netloc.rpartition("@")[2]
    urls = {kind: f"postgres://{names[kind]}:{quote(passwords[kind])}@{place}/{database}" for kind in names}
    return embedded_postgres.Urls(urls["web"], urls["engine"], urls["owner"])
