"""The catalogue of events."""

from django.core.management.base import BaseCommand

from kernel.events import catalogue


class Command(BaseCommand):
    help = "Print every event and who listens to it."

    def handle(self, **options) -> None:
        for event, listeners in catalogue():
            self.stdout.write(event)
            for listener in listeners:
                self.stdout.write(f"  -> {listener}")
