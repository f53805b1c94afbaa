from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from kernel.tenancy import WorkspaceModel


class Suppression(WorkspaceModel):
    """An address that must not be written to. It outlives the contact, so that no import brings the person back.

    After erasure `recipient` is NULL and `digest` holds a keyed hash of it (`contacts.consent.suppression_list`).
    """

    class Reason(models.TextChoices):
        UNSUBSCRIBED = "unsubscribed", _("Unsubscribed")
        BOUNCED = "bounced", _("Bounced")
        COMPLAINED = "complained", _("Complained")
        MANUAL = "manual", _("Added manually")
        IMPORTED = "imported", _("Imported file")
        ERASED = "erased", _("Erased")

    channel = models.CharField(max_length=20, default="email")
    recipient = models.CharField(_("address"), max_length=254, null=True, db_collation="C")
    digest = models.BinaryField(null=True, editable=False)
    reason = models.CharField(_("reason"), max_length=12, choices=Reason)
    note = models.CharField(_("note"), max_length=200, blank=True, db_default="", default="")
    at = models.DateTimeField(default=timezone.now)

    class Meta(WorkspaceModel.Meta):
        verbose_name = _("suppression")
        verbose_name_plural = _("suppressions")
        constraints = [
            models.UniqueConstraint(fields=["workspace", "channel", "recipient"], name="one_suppression_an_address"),
            models.UniqueConstraint(
                fields=["workspace", "channel", "digest"],
                condition=models.Q(digest__isnull=False),
                name="one_suppression_a_digest",
            ),
            models.CheckConstraint(
                condition=models.Q(recipient__isnull=False) ^ models.Q(digest__isnull=False),
                name="address_or_digest",
            ),
        ]
        # The page shows one channel at a time, with all reasons or one: each is a range of one of these indexes.
        indexes = [
            models.Index(fields=["workspace", "channel", "id"], name="suppression_by_channel"),
            models.Index(fields=["workspace", "channel", "reason", "id"], name="suppression_by_reason"),
        ]

    def __str__(self):
        return f"{self.channel} {self.reason}"


class BlockedDomain(WorkspaceModel):
    """A domain whose addresses are neither accepted nor written to."""

    domain = models.CharField(_("domain"), max_length=253, db_collation="C")
    at = models.DateTimeField(auto_now_add=True)

    class Meta(WorkspaceModel.Meta):
        verbose_name = _("blocked domain")
        verbose_name_plural = _("blocked domains")
        ordering = ["domain"]
        constraints = [models.UniqueConstraint(fields=["workspace", "domain"], name="one_block_a_domain")]

    def __str__(self):
        return self.domain
