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
        title=_("%(file)s is imported") % {"file": contact_import.name},
        body=_("%(created)d new contacts, %(updated)d updated, %(rejected)d rows rejected.")
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
        title=_("%(action)s: done") % {"action": action.get_verb_display()},
        body=_("%(seen)d contacts looked at, %(changed)d changed.") % {"seen": action.seen, "changed": action.changed},
        path=workspace_url(action.workspace, "contacts:bulk_action", pk=action.pk),
        level="success",
    )


def export_made(export: Export) -> Notice:
    """For an export that is done, which has `expires_at`."""
    return Notice(
        title=_("%(file)s is ready") % {"file": export.name},
        body=_("Download it until %(day)s; then it is deleted.")
        % {"day": date_format(cast(datetime, export.expires_at).date())},
        path=workspace_url(export.workspace, "contacts:export", pk=export.pk),
        level="success",
    )


def export_failed(export: Export) -> Notice:
    return Notice(
        title=_("%(file)s could not be made") % {"file": export.name},
        body=export.job.message if export.job else "",
        path=workspace_url(export.workspace, "contacts:export", pk=export.pk),
        level="warning",
    )
