"""Check this installation. Prints each finding and what to do about it; the exit code is 1 if something is wrong."""

import secrets
import sys

from django.core.management.base import BaseCommand, CommandParser

from adminpanel import health


class Command(BaseCommand):
    help = "Check settings, database, roles, secrets, workers, mail and the site itself, and say what to do."
    requires_system_checks = []  # they are among the findings

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--new-key", action="store_true", help="print a new key for FIELD_ENCRYPTION_KEYS")
        parser.add_argument("--offline", action="store_true", help="ask neither BASE_URL nor other servers")

    def handle(self, new_key: bool, offline: bool, **options) -> None:
        if new_key:
            self.stdout.write(secrets.token_urlsafe(48))
            return
        findings = health.check_installation(network=not offline)
        for finding in findings:
            mark = self.style.SUCCESS("ok  ") if finding.ok else self.style.ERROR("bad ")
            self.stdout.write(f"{mark} {finding.name}: {finding.text}")
            if not finding.ok and finding.todo:
                self.stdout.write(f"     {finding.todo}")
        if not all(finding.ok for finding in findings):
            sys.exit(1)
