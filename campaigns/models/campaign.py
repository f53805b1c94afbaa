import zoneinfo
from datetime import datetime

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from campaigns.models.archive import Archive
from contacts.segments.audience import Audience
from delivery.models import Batch
from delivery.registry import FIRST
from kernel.rls import SameWorkspace
from kernel.trash import Trashable


class Campaign(Trashable):
    """One message to an audience, from draft to sent. Its batches freeze what is sent, when they are opened."""

    class State(models.TextChoices):
        DRAFT = "draft", _("Draft")
        SCHEDULED = "scheduled", _("Scheduled")
        SENDING = "sending", _("Sending")
        PAUSED = "paused", _("Paused")
        SENT = "sent", pgettext_lazy("campaign", "Sent")
        CANCELLED = "cancelled", pgettext_lazy("campaign", "Cancelled")

    name = models.CharField(_("name"), max_length=120)
    channel = models.CharField(max_length=20, default=FIRST, db_default=FIRST)
    subject = models.CharField(_("subject"), max_length=250, blank=True)
    preheader = models.CharField(_("preview text"), max_length=250, blank=True)
    # {language code: {"subject", "preheader"}} for the template's translations.
    translations = models.JSONField(default=dict, db_default={})
    sender = models.ForeignKey(
        "delivery.Sender", verbose_name=_("sender"), on_delete=models.SET_NULL, null=True, db_constraint=False
    )
    template = models.ForeignKey(
        "templates_app.MessageTemplate",
        verbose_name=_("template"),
        on_delete=models.SET_NULL,
        null=True,
        db_constraint=False,
    )
    account = models.ForeignKey(
        "delivery.ProviderAccount",
        verbose_name=_("send with"),
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        db_constraint=False,
    )
    audience = models.JSONField(default=dict)
    topic = models.ForeignKey(
        "contacts.Topic", verbose_name=_("topic"), on_delete=models.SET_NULL, null=True, blank=True, db_constraint=False
    )
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.DRAFT)
    # A schedule is a wall time and a zone; fires_at is the instant that they mean.
    wall_time = models.DateTimeField(null=True)
    zone = models.CharField(max_length=64, blank=True)
    fires_at = models.DateTimeField(null=True)
    created_by = models.ForeignKey("accounts.User", on_delete=models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    started_at = models.DateTimeField(null=True)

    class Meta(Trashable.Meta):
        verbose_name = _("campaign")
        verbose_name_plural = _("campaigns")
        constraints = [SameWorkspace(name) for name in ("sender", "template", "account", "topic")]
        indexes = [
            models.Index(fields=["workspace", "id"], name="campaign_newest"),
            models.Index(fields=["fires_at"], condition=models.Q(state="scheduled"), name="campaign_due"),
        ]

    def __str__(self):
        return self.name

    def _put(self, deleted_at: datetime | None) -> None:
        """What the archive shows changes with the trash."""
        super()._put(deleted_at)
        Archive.objects.update(changed_at=timezone.now())

    @property
    def first_batch(self) -> Batch:
        """The batch that was opened first, of a campaign whose sending has started."""
        part = self.parts.select_related("batch__account").first()
        if part is None:
            raise RuntimeError(f"campaign {self.pk} has no batch")
        return part.batch

    @property
    def people(self) -> Audience:
        return Audience.read(self.audience)

    @property
    def is_editable(self) -> bool:
        return self.state == self.State.DRAFT

    @property
    def is_under_way(self) -> bool:
        return self.state in (self.State.SENDING, self.State.PAUSED)

    @property
    def local_time(self) -> datetime | None:
        """When a scheduled campaign goes out, on its zone's clock. Naive: templates would convert an aware time to the
        reader's zone."""
        if not (self.fires_at and self.zone):
            return None
        return self.fires_at.astimezone(zoneinfo.ZoneInfo(self.zone)).replace(tzinfo=None)
