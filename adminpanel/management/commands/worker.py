"""Run the background queues under the watchdog, until SIGTERM or Ctrl-C."""

from django.conf import settings
from django.core.management.base import BaseCommand

from adminpanel.watchdog import Watchdog


class Command(BaseCommand):
    help = "Run background work: all queues, or the ones named."

    def add_arguments(self, parser):
        parser.add_argument("queues", nargs="*", help="default, bulk, imports")

    def handle(self, queues, **options):
        Watchdog(queues or settings.QUEUES).run()
