"""Put a backup in the database's place; sending is held until an operator confirms it."""

from pathlib import Path

from django.core.management.base import BaseCommand, CommandError, CommandParser

from adminpanel import restoring

NEXT = """Nothing is sent from it until you confirm it:
  1. manage.py migrate      if migrations wait
  2. manage.py doctor
  3. manage.py confirm_restore --give-up-open      if anything may have been sent since the backup was made
     manage.py confirm_restore --send-open         only if you are certain that nothing was
  4. start web and workers
See docs/runbooks/database-was-restored.md."""


class Command(BaseCommand):
    help = "Put a backup in the database's place. It sends nothing until confirm_restore."
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, help="a file that manage.py backup wrote")
        parser.add_argument(
            "--replace", action="store_true", help="even if there is data; the present database is kept, renamed"
        )
        parser.add_argument("--jobs", type=int, default=2, help="how many tables are loaded at once (default: 2)")

    def handle(self, file: Path, replace: bool, jobs: int, **options) -> None:
        try:
            restored = restoring.restore(file, replace=replace, jobs=jobs, say=self.stdout.write)
        except restoring.Refused as refusal:
            raise CommandError(f"Nothing was restored. {refusal}") from None
        self.stdout.write("The backup is in place.")
        if restored.kept:
            self.stdout.write(f"The database that was there is now {restored.kept}. Drop it when it isn't needed.")
        for warning in restored.warnings:
            self.stdout.write(self.style.WARNING(warning))
        self.stdout.write(NEXT)
