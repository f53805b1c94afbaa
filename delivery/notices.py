"""What this app tells members, one function a message."""

from django.utils.translation import gettext as _

from accounts.notifying import Notice
from kernel.links import workspace_url


def no_sender(workspace) -> Notice:
    return Notice(
        title=_("Confirmations can't be sent"),
        body=_("People sign up, but there is no sender, or no default provider account, for the mails to them."),
        path=workspace_url(workspace, "delivery:senders"),
        level="danger",
    )
