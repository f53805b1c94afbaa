"""Notifications of this app to members, one function a message."""

from datetime import datetime
from typing import cast

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from accounts.notifying import Notice
from contacts.models import BulkAction, ContactImport, Export
from kernel.links import workspace_url


def import_finished(contact_import: ContactImport) -> Notice:
    return Notice(
        title=_("%(file)s has been imported") % {"file": contact_import.name},
        body=_("New: %(created)d. Updated: %(updated)d. Skipped with errors: %(rejected)d.")
        % {
            "created": contact_import.created,
            "updated": contact_import.updated,
            "rejected": contact_import.rejected,
        },
        path=workspace_url(contact_import.workspace, "contacts:import", pk=contact_import.pk),
        level="success" if not contact_import.rejected else "warning",
    )


def bulk_action_finished(action: BulkAction) -> Notice:
    return Notice(
        title=_("Done: %(action)s") % {"action": action.get_verb_display()},
        body=_("Contacts checked: %(seen)d. Changed: %(changed)d.") % {"seen": action.seen, "changed": action.changed},
        path=workspace_url(action.workspace, "contacts:bulk_action", pk=action.pk),
        level="success",
    )


def export_made(export: Export) -> Notice:
    """For an export that is done, which has `expires_at`."""
    return Notice(
        title=_("%(file)s is ready") % {"file": export.name},
        body=_("Download it by %(day)s. It is deleted after that.")
        % {"day": date_format(cast(datetime, export.expires_at).date())},
        path=workspace_url(export.workspace, "contacts:export", pk=export.pk),
        level="success",
    )


def export_failed(export: Export) -> Notice:
    return Notice(
        title=_("%(file)s couldn't be created") % {"file": export.name},
        body=export.job.message if export.job else "",
        path=workspace_url(export.workspace, "contacts:export", pk=export.pk),
        level="warning",
    )
