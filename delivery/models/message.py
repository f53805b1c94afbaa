from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from kernel.tenancy import WorkspaceModel

#: Followed by the id of the batch that tries a failed or unknown message again: the reason of the original message.
RETRIED = "retried:"
#: The contact id of a test's message: its recipient need not be a contact, and nothing that happens to it is one's.
TESTER = 0


class Message(WorkspaceModel):
    """One person's message of a batch: the snapshot of the audience, and the record of what happened.

    Written once when the batch is filled and once when it is settled. No index on its state and no foreign keys in the
    database: they would cost a third of the speed, and all rows of a batch are written by a statement for one
    workspace. Partitioned by ranges of batch ids (`kernel.partitions`): a statement that names the batch reads one.

    What most messages don't have is NULL, which takes no byte."""

    class State(models.IntegerChoices):
        QUEUED = 0, pgettext_lazy("message", "Queued")
        ACCEPTED = 1, pgettext_lazy("message", "Sent")
        FAILED = 2, pgettext_lazy("message", "Failed")
        UNKNOWN = 3, pgettext_lazy("message", "Unknown")
        SKIPPED = 4, pgettext_lazy("message", "Skipped")
        CANCELLED = 5, pgettext_lazy("message", "Cancelled")
        EXPIRED = 6, pgettext_lazy("message", "Expired")

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
    complained_at = models.DateTimeField(null=True)
    read_at = models.DateTimeField(null=True)
    replied_at = models.DateTimeField(null=True)
    # Which body of the content the person gets: decided when the batch is filled, never when it is sent.
    language = models.CharField(max_length=12, null=True)
    variant = models.SmallIntegerField(null=True)
    # What the provider calls the message. Only where its receipts can't carry our token (`delivery.tracking`): a value
    # here costs an index entry in each index of the table, because the update that writes it is not HOT any more.
    provider_id = models.CharField(max_length=200, null=True)
    units = models.SmallIntegerField(null=True)  # what the provider counts, such as segments of an SMS; NULL: one
    cost = models.BigIntegerField(null=True)  # in millionths of the account's currency

    class Meta(WorkspaceModel.Meta):
        indexes = [
            models.Index(
                fields=["provider_id"], condition=models.Q(provider_id__isnull=False), name="message_of_provider"
            )
        ]

    def __str__(self):
        return f"{self.batch_id}/{self.contact_id}"


def reason_text(reason: str) -> str:
    """A reason as a text in the reader's language."""
    if reason.startswith(RETRIED):
        return str(_("Retried in another batch"))
    return str(REASONS.get(reason, reason))


# Refusals because of the mailbox's state: neither the message nor the sender is at fault, and the address may be right.
MAILBOX_REASONS = ("mailbox_full", "mailbox_off")

REASONS = {
    "decided": _("Counted as sent by a member"),
    "reconciled": _("Opened or clicked, so it arrived"),
    "unsubscribed": _("Unsubscribed"),
    "pending": _("No consent"),
    "bounced": _("Bounced earlier"),
    "complained": _("Complained earlier"),
    "suppressed": _("On the suppression list"),
    "no_address": _("No address for this channel"),
    "blocked": _("Blocked domain"),
    "paused": _("Paused by the contact"),
    "topic": _("Opted out of this topic"),
    "frequency": _("Wants fewer messages"),
    "same_number": _("Same number as another contact, who got the message"),
    "deleted": _("Contact deleted"),
    "user_unknown": _("Address doesn't exist"),
    "host_unknown": _("Mail server doesn't exist"),
    "mailbox_full": _("Mailbox full"),
    "mailbox_off": _("Mailbox unavailable"),
    "too_large": _("Message too large"),
    "policy": _("Rejected by the server's policy"),
    "sender": _("Sender rejected"),
    "account_refused": _("The server refuses the provider account"),
    "limit": _("Waiting: the provider account's limit is reached"),
    "temporary": _("Temporarily rejected"),
    "gave_up": _("Rejected too many times"),
    "not_started": _("Not started"),
    "account": _("The provider account can't send"),
    "throttled": _("Waiting: mailbox provider's limit reached"),
    "render": _("The template can't be merged"),
    "costly": _("Takes too long to make"),
    "lost_reply": _("No confirmation from the server"),
    "worker_lost": _("Sending was interrupted"),
    "poison": _("Sending failed repeatedly"),
    "restored": _("Queued in a restored database"),
    "cancelled": _("Campaign cancelled"),
    "expired": _("Not sent in time"),
    "address": _("The address can't receive e-mail"),
    "utf8_address": _("Accents before the @: this account can't reach such addresses"),
}
