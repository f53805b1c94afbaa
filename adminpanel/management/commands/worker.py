"""Run the background queues under the watchdog, until SIGTERM or Ctrl-C."""

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser

from adminpanel.watchdog import Watchdog


class Command(BaseCommand):
    help = "Run background work: all queues, or the ones named."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("queues", nargs="*", help="default, bulk, imports")

    def handle(self, queues: list[str], **options) -> None:
        Watchdog(queues or settings.QUEUES).run()
