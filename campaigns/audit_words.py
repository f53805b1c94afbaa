"""What the audit log says for each verb of this app."""

from django.utils.translation import gettext_lazy as _

WORDS = {
    "campaign.created": _("Created a campaign"),
    "campaign.changed": _("Edited a campaign"),
    "campaign.deleted": _("Deleted a campaign"),
    "campaign.restored": _("Restored a campaign"),
    "campaign.started": _("Started sending a campaign"),
    "campaign.scheduled": _("Scheduled a campaign"),
    "campaign.unscheduled": _("Unscheduled a campaign"),
    "campaign.paused": _("Paused a campaign"),
    "campaign.resumed": _("Resumed a campaign"),
    "campaign.cancelled": _("Cancelled a campaign"),
    "campaign.sender_changed": _("Changed a campaign's sender"),
    "campaign.failed_retried": _("Retried failed messages"),
    "campaign.unknown_resent": _("Sent unconfirmed messages again"),
    "campaign.unknown_counted": _("Counted unconfirmed messages as sent"),
    "campaign.retry_resumed": _("Resumed a retry"),
    "campaign.archive_chosen": _("Chose whether the archive shows a campaign"),
    "archive.changed": _("Edited the newsletter archive"),
}
