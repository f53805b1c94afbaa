"""Notices of this app to members, one function per notice."""

from django.utils.translation import gettext as _

from accounts.models import Workspace
from accounts.notifying import Notice
from kernel.links import workspace_url


def no_sender(workspace: Workspace) -> Notice:
    return Notice(
        title=_("Confirmations can't be sent"),
        body=_("People sign up, but there is no sender, or no default provider account, for the mails to them."),
        path=workspace_url(workspace, "delivery:senders"),
        level="danger",
    )
