"""Check this installation. Prints each finding and what to do about it; the exit code is 1 if something is wrong."""

import secrets
import sys
from collections.abc import Iterator

from django.conf import settings
from django.core import checks
from django.core.mail import get_connection
from django.core.management.base import BaseCommand, CommandParser

from adminpanel import health
from kernel import roles


class Command(BaseCommand):
    help = "Check settings, database, roles, queue and mail, and say what to do."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--new-key", action="store_true", help="print a new key for FIELD_ENCRYPTION_KEYS")

    def handle(self, new_key: bool, **options) -> None:
        if new_key:
            self.stdout.write(secrets.token_urlsafe(48))
            return
        findings = [*self._settings(), *health.check_all(), self._roles(), self._mail()]
        for finding in findings:
            mark = self.style.SUCCESS("ok  ") if finding.ok else self.style.ERROR("bad ")
            self.stdout.write(f"{mark} {finding.name}: {finding.text}")
            if not finding.ok and finding.todo:
                self.stdout.write(f"     {finding.todo}")
        if not all(finding.ok for finding in findings):
            sys.exit(1)

    def _settings(self) -> Iterator[health.Finding]:
        found = checks.run_checks(include_deployment_checks=not settings.DEBUG)
        serious = [message for message in found if message.is_serious(checks.ERROR)]
        if not serious:
            yield health.Finding("settings", True, "no errors")
        for message in serious:
            yield health.Finding("settings", False, str(message.msg), message.hint or "")

    def _roles(self) -> health.Finding:
        names = {roles.role_of(alias) for alias in ("default", "engine", "owner")}
        text = "owner, web and engine" if len(names) == 3 else "one role does everything"
        return health.Finding("roles", len(names) == 3, text, "Run: manage.py db roles --admin-url postgres://...")

    def _mail(self) -> health.Finding:
        try:
            connection = get_connection()
            connection.open()
            connection.close()
        except OSError as problem:
            return health.Finding("mail", False, f"{settings.EMAIL_BACKEND}: {problem}", "Look at EMAIL_URL.")
        return health.Finding("mail", True, settings.EMAIL_BACKEND.rpartition(".")[0])
