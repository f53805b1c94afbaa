"""Who adds what to which app: every point of kernel.extensions."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from kernel.extensions import points


class Command(BaseCommand):
    help = "Print what apps add to each other: jobs, event listeners, providers, segment conditions and the others."

    def handle(self, **options: Any) -> None:
        for point in points():
            self.stdout.write(f"{point.name}: {point.meaning}")
            for key in point.names():
                self.stdout.write(f"  {key}")
