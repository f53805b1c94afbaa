from django.db import models
from django.utils.translation import gettext_lazy as _

from kernel.tenancy import WorkspaceModel


class Message(WorkspaceModel):
    """One person's message of a batch: the snapshot of the audience, and the record of what happened.

    Written once when the batch is filled and once when it is settled. No index on its state and no foreign keys in the
    database: they would cost a third of the speed, and all rows of a batch are written by a statement for one
    workspace."""

    class State(models.IntegerChoices):
        QUEUED = 0, _("Open")
        ACCEPTED = 1, _("Sent")
        FAILED = 2, _("Failed")
        UNKNOWN = 3, _("Unknown")
        SKIPPED = 4, _("Skipped")
        CANCELLED = 5, _("Cancelled")
        EXPIRED = 6, _("Expired")

    pk = models.CompositePrimaryKey("batch_id", "contact_id")
    workspace = models.ForeignKey(
        "accounts.Workspace", on_delete=models.CASCADE, related_name="+", db_constraint=False, db_index=False
    )
    batch = models.ForeignKey(
        "delivery.Batch", on_delete=models.CASCADE, related_name="+", db_constraint=False, db_index=False
    )
    contact = models.ForeignKey("contacts.Contact", on_delete=models.CASCADE, related_name="+", db_constraint=False)
    state = models.SmallIntegerField(_("state"), choices=State, default=State.QUEUED)
    # A message is due in the lease with the same round. To be tried again, it moves to the next round.
    round = models.SmallIntegerField(default=0)
    tries = models.SmallIntegerField(default=0)
    reason = models.CharField(_("reason"), max_length=40, blank=True)
    detail = models.CharField(max_length=300, blank=True)
    settled_at = models.DateTimeField(null=True)
    delivered_at = models.DateTimeField(null=True)
    opened_at = models.DateTimeField(null=True)
    clicked_at = models.DateTimeField(null=True)
    bounced_at = models.DateTimeField(null=True)
    unsubscribed_at = models.DateTimeField(null=True)

    class Meta(WorkspaceModel.Meta):
        pass

    def __str__(self):
        return f"{self.batch_id}/{self.contact_id}"


def reason_text(reason: str) -> str:
    """A reason as a text in the reader's language."""
    if reason.startswith("retried:"):
        return str(_("Tried again in another batch"))
    return str(REASONS.get(reason, reason))


# Refusals because of the mailbox's state: neither the message nor the sender is at fault, and the address may be right.
MAILBOX_REASONS = ("mailbox_full", "mailbox_off")

REASONS = {
    "decided": _("Counted as sent by a person"),
    "reconciled": _("Opened or clicked: it had arrived"),
    "unsubscribed": _("Unsubscribed"),
    "pending": _("No consent"),
    "bounced": _("Bounced before"),
    "complained": _("Complained before"),
    "suppressed": _("On the suppression list"),
    "no_address": _("No address for this channel"),
    "blocked": _("Domain on the block list"),
    "paused": _("Asked for a pause"),
    "topic": _("Does not want this topic"),
    "frequency": _("Wants fewer messages"),
    "deleted": _("Contact deleted"),
    "user_unknown": _("Address does not exist"),
    "host_unknown": _("Mail server does not exist"),
    "mailbox_full": _("Mailbox full"),
    "mailbox_off": _("Mailbox takes nothing at the moment"),
    "too_large": _("Message too large"),
    "policy": _("Refused by policy"),
    "sender": _("The sender is refused"),
    "temporary": _("Refused for now"),
    "gave_up": _("Refused too often"),
    "not_started": _("Not started"),
    "account": _("The provider account can't send"),
    "throttled": _("Waiting for the mailbox provider's limit"),
    "render": _("The template can't be filled in"),
    "lost_reply": _("The server's answer was lost"),
    "worker_lost": _("The worker stopped in the middle"),
    "poison": _("Workers died of it again and again"),
    "restored": _("Open in a restored database"),
    "cancelled": _("Cancelled"),
    "expired": _("Too late"),
    "address": _("The address can't be written to"),
}
