"""Show where files are kept, or make a place this installation's."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from adminpanel.health import files
from kernel.files import marker, places
from kernel.files.problems import Problem


class Command(BaseCommand):
    help = "Show where uploads and exports are kept, and whether this machine sees the place that the others use."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--adopt",
            action="store_true",
            help="make the place of FILES_URL this installation's: after files were moved there, or DEPLOYMENT_ID was "
            "changed. Never for a copy of an installation that still runs",
        )

    def handle(self, adopt: bool, **options: Any) -> None:
        if not places.is_on():
            self.stdout.write("Files are in the database. FILES_URL can name a folder or a bucket.")
            return
        place = places.place()
        if adopt:
            try:
                marker.adopt(place)
            except Problem as problem:
                raise CommandError(str(problem)) from None
        for finding in files.kept():
            if not finding.ok:
                raise CommandError(f"{finding.text}. {finding.todo}")
        self.stdout.write(f"Files are in {place.describe()}. This machine sees it.")
