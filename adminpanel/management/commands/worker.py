"""Run the background queues under the watchdog, until SIGTERM or Ctrl-C."""

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.signals import connection_created

from adminpanel import worker_probe
from adminpanel.watchdog import Watchdog

STATEMENT_SECONDS = 10  # the watchdog itself must not hang


class Command(BaseCommand):
    help = "Run background work: all queues, or the ones named."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("queues", nargs="*", help=", ".join(settings.QUEUES))

    def handle(self, queues: list[str], **options) -> None:
        unknown = set(queues) - set(settings.QUEUES)
        if unknown:
            raise CommandError(f"There is no queue {', '.join(unknown)}. There are: {', '.join(settings.QUEUES)}.")
        connection_created.connect(_limit_statements)
        watchdog = Watchdog(queues or settings.QUEUES)
        if settings.WORKER_HEALTH_ADDRESS:
            self._answer_probes(watchdog, settings.WORKER_HEALTH_ADDRESS)
        watchdog.run()

    @staticmethod
    def _answer_probes(watchdog: Watchdog, address: str) -> None:
        probe = worker_probe.WorkerProbe(watchdog)
        watchdog.tasks.append(probe.measure)
        try:
            worker_probe.serve(probe, address)
        except (OSError, ValueError) as problem:
            raise CommandError(f"WORKER_HEALTH_ADDRESS={address}: {problem}. Say host:port, such as 127.0.0.1:8001.")


def _limit_statements(connection: BaseDatabaseWrapper, **_) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"SET statement_timeout = '{STATEMENT_SECONDS}s'")
