"""Import a CSV or Excel file from the command line, with the same code as the page."""

import time
from pathlib import Path

from django.core.files import File
from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts.models import Workspace
from contacts.imports import running, uploading
from contacts.imports.limits import Unreadable
from contacts.imports.run_settings import RunSettings
from contacts.models import Channel, Consent, ContactImport
from kernel.files.problems import Problem
from kernel.tenancy import scope

Target = ContactImport.Target


#: Events need an answer that only the page asks for: what happened.
TARGETS = [target for target in Target.values if target != Target.EVENTS]


class Command(BaseCommand):
    help = "Import a CSV or Excel file into a workspace: contacts, companies, or addresses not to be written to."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("workspace", help="the workspace's slug")
        parser.add_argument("file", type=Path)
        parser.add_argument("--target", choices=TARGETS, default=Target.CONTACTS, help="what the file holds")
        parser.add_argument("--mode", choices=ContactImport.Mode.values, default=ContactImport.Mode.BOTH)
        parser.add_argument("--consent", default="", help="how these people agreed to hear from the merchant")
        parser.add_argument("--basis", choices=Consent.Basis.values, default=Consent.Basis.CONSENT)
        channels = [Channel.EMAIL.value, Channel.SMS.value, Channel.WHATSAPP.value]
        parser.add_argument(
            "--channel", action="append", choices=channels, help="what they agreed to; e-mail if not given"
        )
        parser.add_argument("--tag", action="append", default=[], help="a tag for everyone in the file")
        parser.add_argument("--list", action="append", default=[], help="a list for everyone in the file")

    def handle(self, workspace: str, file: Path, **options) -> None:
        found = Workspace.objects.filter(slug=workspace).first()
        if found is None:
            raise CommandError(f"There is no workspace {workspace!r}. Its slug stands in its address: /w/<slug>/.")
        if not file.is_file():
            raise CommandError(f"There is no file {str(file)!r}.")
        if options["target"] == Target.CONTACTS and not options["consent"]:
            raise CommandError("Say with --consent how these people agreed to hear from the merchant.")
        began = time.monotonic()
        try:
            contact_import = _begin(found, file, options)
        except (Unreadable, Problem) as problem:
            raise CommandError(str(problem)) from None
        while not running.run(found.pk, contact_import.pk):
            pass
        with scope(found):
            contact_import.refresh_from_db()
        self.stdout.write(
            f"{contact_import.rows} rows: {contact_import.created} new, {contact_import.updated} updated, "
            f"{contact_import.skipped} left alone, {contact_import.merged} repeated, "
            f"{contact_import.rejected} rejected ({time.monotonic() - began:.1f} s)"
        )


def _begin(workspace: Workspace, file: Path, options: dict) -> ContactImport:
    """Raises Unreadable, Problem, CommandError."""
    with (
        file.open("rb") as handle,
        uploading.received(workspace, File(handle, name=file.name), None, target=options["target"]) as contact_import,
    ):
        _choose(contact_import, options)
        running.start(contact_import, None)
    return contact_import


def _choose(contact_import: ContactImport, options: dict) -> None:
    """Answer what the page asks for. Raises CommandError."""
    needed = {"company"} if options["target"] == Target.COMPANIES else RunSettings.IDENTITIES
    if not needed & set(contact_import.mapping):
        raise CommandError(f"No column is known to hold one of: {', '.join(sorted(needed))}. Name one of them so.")
    contact_import.mode, contact_import.basis = options["mode"], options["basis"]
    contact_import.consent_source = options["consent"]
    contact_import.channels = options["channel"] or [Channel.EMAIL]
    contact_import.to_make |= {"tags": options["tag"], "lists": options["list"]}
