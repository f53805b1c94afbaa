"""What this app tells members, one function a message."""

from django.utils.translation import gettext as _

from accounts.notifying import Notice
from kernel.links import workspace_url


def no_sender(workspace) -> Notice:
    return Notice(
        title=_("Confirmation e-mails can't be sent"),
        body=_(
            "People are signing up, but their confirmation e-mails need a sender and a default provider "
            "account. Add what is missing."
        ),
        path=workspace_url(workspace, "delivery:senders"),
        level="danger",
    )
