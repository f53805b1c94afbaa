"""Django's migrate, as the owner of the tables, and never waiting long for a lock.

A statement that waits for a lock on a table lets every later query on that table wait behind it. So it gives up after
some seconds, and the migration is run again when the table is quieter: see docs/guides/migrations.md.
"""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.core.management.commands import migrate
from django.db import OperationalError, connections
from psycopg.errors import LockNotAvailable

from kernel.management.commands.makemigrations import Autodetector

LOCK_TIMEOUT = 5.0  # seconds


class Command(migrate.Command):
    autodetector = Autodetector

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.set_defaults(database="owner")
        parser.add_argument(
            "--lock-timeout",
            type=float,
            default=LOCK_TIMEOUT,
            help="Seconds a statement may wait for a lock on a table; 0 waits for ever.",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        with connections[options["database"]].cursor() as cursor:
            cursor.execute(f"SET lock_timeout = {round(options['lock_timeout'] * 1000)}")
        try:
            super().handle(*args, **options)
        except OperationalError as problem:
            if not isinstance(problem.__cause__, LockNotAvailable):
                raise
            raise CommandError(
                f"Somebody held a lock on a table for longer than {options['lock_timeout']:g} s. What was migrated so "
                "far stays; nothing is half done. Run the command again, or stop the workers first."
            ) from problem
