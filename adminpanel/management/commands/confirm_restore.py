"""Let a restored or cloned database send again."""

from django.core.management.base import BaseCommand, CommandError, CommandParser

from delivery.models import Deployment
from delivery.sending import restore_guard


class Command(BaseCommand):
    help = (
        "Let a restored or cloned database send again. Campaigns that were under way in the backup may have been sent "
        "since it was made: say what is to become of their open messages."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        choice = parser.add_mutually_exclusive_group(required=True)
        choice.add_argument(
            "--give-up-open", action="store_true", help="list open messages as unknown; nobody is written to twice"
        )
        choice.add_argument(
            "--send-open", action="store_true", help="send them: certain only where nothing was sent since the backup"
        )

    def handle(self, **options) -> None:
        held = Deployment.objects.exclude(held_at=None).first()
        if held is None:
            raise CommandError("This database is not held: there is nothing to confirm.")
        self.stdout.write(f"Held since {held.held_at:%Y-%m-%d %H:%M}: {held.held_because}")
        given_up = restore_guard.confirm(give_up_open=options["give_up_open"])
        self.stdout.write(f"Confirmed. {given_up} open messages are listed as unknown." if given_up else "Confirmed.")
