"""The database: its roles, its partitions, and the embedded server."""

import os
import shutil
import subprocess
import sys

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connections
from django.template.defaultfilters import filesizeformat

from kernel import embedded_postgres, partitions, role_creation, roles

HOME = settings.BASE_DIR / "var" / "postgres"


class Command(BaseCommand):
    help = (
        "roles: set up owner, web, engine and backup. partitions: show and repair them. "
        "start, stop, status, psql, dump, reset: the embedded server."
    )
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        actions = ["roles", "partitions", "start", "stop", "status", "psql", "dump", "reset"]
        parser.add_argument("action", choices=actions)
        parser.add_argument("--admin-url", help="roles: a superuser's postgres://... on the server to set up")
        parser.add_argument("--database", default="fanfare", help="roles: the database to create (default: fanfare)")
        parser.add_argument(
            "--new-passwords", action="store_true", help="roles: give existing roles new passwords, too"
        )
        parser.add_argument("--yes", action="store_true", help="reset: don't ask")

    def handle(self, action: str, **options) -> None:
        getattr(self, f"do_{action}")(**options)

    def do_roles(self, admin_url: str | None, database: str, new_passwords: bool, **options) -> None:
        if admin_url:
            self._create_roles(admin_url, database, new_passwords)
            return
        roles.synchronise()
        self.stdout.write("Grants and the signing key are up to date.")
        if roles.one_role():
            self.stdout.write("One role does everything. To set up three, give a superuser's address: --admin-url")

    def _create_roles(self, admin_url: str, database: str, new_passwords: bool) -> None:
        """Settings go to standard output, so that they can be kept in a file; notes go to standard error."""
        try:
            created = role_creation.create_roles(admin_url, database, new_passwords=new_passwords)
        except role_creation.Refused as refusal:
            raise CommandError(str(refusal)) from None
        for name, value in created.settings.items():
            self.stdout.write(f"{name}={value}")
        for note in created.notes:
            self.stderr.write(note)

    def do_partitions(self, **options) -> None:
        """Do what the hourly job does, and show the outcome."""
        try:
            for done in partitions.maintain():
                self.stdout.write(done)
        except partitions.Busy as problem:
            raise CommandError(f"{problem} Run the command again.") from None
        faults: list[str] = []
        with connections["owner"].cursor() as cursor:
            for table in partitions.TABLES:
                days = table.keep_days()
                self.stdout.write(f"{table.table}: " + (f"kept for {days} days" if days else "kept for ever"))
                for part in partitions.partitions(cursor, table):
                    self.stdout.write(f"  {part.name}: {part.range_text}, {filesizeformat(part.size)}")
                faults += partitions.problems(cursor, table)
        if faults:
            raise CommandError("\n".join(faults))

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
