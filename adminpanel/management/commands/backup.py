"""Back the database up into a folder, and delete old backups there."""

from pathlib import Path

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.template.defaultfilters import filesizeformat

from kernel import dumping

ABOUT_KEYS = (
    "The keys are not in it: keep FIELD_ENCRYPTION_KEYS, SECRET_KEY and LINK_KEYS in another place. Without them the "
    "stored credentials can't be read, and links in messages that were sent stop working."
)


class Command(BaseCommand):
    help = "Back the database up into a folder, and delete old backups there."
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--folder", type=Path, default=Path(settings.BACKUP_FOLDER), help="default: BACKUP_FOLDER")
        parser.add_argument(
            "--days", type=int, default=settings.BACKUP_DAYS, help="delete older ones; default: BACKUP_DAYS"
        )
        parser.add_argument(
            "--keep", type=int, default=settings.BACKUP_KEEP, help="but keep so many; default: BACKUP_KEEP"
        )

    def handle(self, folder: Path, days: int, keep: int, **options) -> None:
        try:
            done = dumping.back_up(folder, days=days, keep=keep)
        except dumping.Failed as problem:
            raise CommandError(f"No backup was made. {problem}") from None
        there = dumping.backups(folder)
        self.stdout.write(
            f"{done.backup.path}: {_size(done.backup.size)} in {done.seconds:.0f} s. "
            f"The database has {_size(done.database_size)}."
        )
        self.stdout.write(
            f"{len(there)} backups, {_size(sum(backup.size for backup in there))} in all. Deleted: {len(done.deleted)}."
        )
        self.stdout.write(ABOUT_KEYS)


def _size(n: int) -> str:
    return filesizeformat(n).replace("\xa0", " ")
