from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from kernel.tenancy import ScopedManager, ScopedQuerySet, WorkspaceModel


class QuotaQuerySet(ScopedQuerySet):
    def current(self, channel: str = "email"):
        now = timezone.now()
        return self.filter(channel=channel, starts_at__lte=now, ends_at__gt=now)


class Quota(WorkspaceModel):
    """How many messages a workspace may send in a period. No row: as many as it likes.

    `used` counts what was accepted, what is in doubt, and what has passed the gate and is on its way: it is taken in
    the gate's own statement and given back in the one that records a refusal, so it can't be oversold, whoever sends.
    """

    channel = models.CharField(_("channel"), max_length=8, default="email")
    starts_at = models.DateTimeField(_("from"))
    ends_at = models.DateTimeField(_("until"))
    most = models.BigIntegerField(_("messages"))
    used = models.BigIntegerField(_("used"), default=0)

    objects = ScopedManager.from_queryset(QuotaQuerySet)()

    class Meta(WorkspaceModel.Meta):
        verbose_name = _("quota")
        verbose_name_plural = _("quotas")
        ordering = ["-starts_at"]
        constraints = [
            models.UniqueConstraint(fields=["workspace", "channel", "starts_at"], name="one_quota_a_period"),
            models.CheckConstraint(condition=models.Q(ends_at__gt=models.F("starts_at")), name="a_period_has_length"),
        ]

    def __str__(self):
        return f"{self.used} / {self.most}"

    @property
    def left(self) -> int:
        return max(0, self.most - self.used)
