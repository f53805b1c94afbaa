"""Import a CSV file from the command line, the same way as the page does."""

import time
from pathlib import Path

from django.core.files import File
from django.core.management.base import BaseCommand, CommandError

from accounts.models import Workspace
from contacts import tagging
from contacts.importing import running, sniffing, uploading
from contacts.models import ImportTag
from kernel.tenancy import scope


class Command(BaseCommand):
    help = "Import contacts from a CSV file into a workspace."

    def add_arguments(self, parser):
        parser.add_argument("workspace", help="the workspace's slug")
        parser.add_argument("file", type=Path)
        parser.add_argument("--consent", required=True, help="how these people agreed to hear from the merchant")
        parser.add_argument("--tag", action="append", default=[], help="a tag for everyone in the file")

    def handle(self, workspace, file, consent, tag, **options):
        found = Workspace.objects.filter(slug=workspace).first()
        if found is None:
            raise CommandError(f"There is no workspace {workspace!r}. Its slug stands in its address: /w/<slug>/.")
        if not file.is_file():
            raise CommandError(f"There is no file {str(file)!r}.")
        began = time.monotonic()
        with scope(found), file.open("rb") as handle:
            try:
                contact_import = uploading.upload(File(handle, name=file.name), None)
            except sniffing.Unreadable as problem:
                raise CommandError(str(problem)) from None
            if "email" not in contact_import.mapping:
                raise CommandError("No column holds e-mail addresses. Name one of them 'email'.")
            contact_import.consent_source = consent
            for one in tagging.named(tag):
                ImportTag.objects.create(contact_import=contact_import, tag=one)
            running.start(contact_import, None)
        while not running.run(found.pk, contact_import.pk):
            pass
        with scope(found):
            contact_import.refresh_from_db()
        self.stdout.write(
            f"{contact_import.rows} rows: {contact_import.created} new, {contact_import.updated} updated, "
            f"{contact_import.merged} repeated, {contact_import.rejected} rejected "
            f"({time.monotonic() - began:.1f} s)"
        )
