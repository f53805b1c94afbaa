"""What the audit log says for each verb of this app."""

from django.utils.translation import gettext_lazy as _

WORDS = {
    "recipients.exported": _("Exported a campaign's recipients"),
}
