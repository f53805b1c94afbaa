"""Notices of this app to members, one function per notice."""

from django.utils.translation import gettext as _

from accounts.models import Workspace
from accounts.notifying import Notice
from kernel.links import workspace_url


def no_sender(workspace: Workspace) -> Notice:
    return Notice(
        title=_("Confirmation e-mails can't be sent"),
        body=_(
            "People are signing up, but their confirmation e-mails need a sender and a default provider "
            "account. Add what is missing."
        ),
        path=workspace_url(workspace, "delivery:senders"),
        level="danger",
    )
