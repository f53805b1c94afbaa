from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from kernel.tenancy import WorkspaceModel


class Suppression(WorkspaceModel):
    """An address that must not be written to. It outlives the contact, so that no import brings the person back."""

    class Reason(models.TextChoices):
        UNSUBSCRIBED = "unsubscribed", _("Unsubscribed")
        BOUNCED = "bounced", _("Bounced")
        COMPLAINED = "complained", _("Complained")

    channel = models.CharField(max_length=8, default="email")
    recipient = models.CharField(_("address"), max_length=254, db_collation="C")
    reason = models.CharField(_("reason"), max_length=12, choices=Reason)
    at = models.DateTimeField(default=timezone.now)

    class Meta(WorkspaceModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["workspace", "channel", "recipient"], name="one_suppression_an_address")
        ]

    def __str__(self):
        return f"{self.channel} {self.reason}"
