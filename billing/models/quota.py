from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from kernel.tenancy import ScopedManager, ScopedQuerySet, WorkspaceModel


class QuotaQuerySet(ScopedQuerySet):
    def current(self, channel: str) -> QuotaQuerySet:
        now = timezone.now()
        return self.filter(channel=channel, starts_at__lte=now, ends_at__gt=now)


QuotaManager = ScopedManager.from_queryset(QuotaQuerySet)


class Quota(WorkspaceModel):
    """How many messages a workspace may send in a period. Without a row there is no limit.

    `used` counts messages that were accepted, that are in an unknown state, or that passed the gate and are on their
    way. The gate's own statement takes from the quota, and the statement that records a refusal gives back, so that
    lanes that send at the same time never exceed it.
    """

    channel = models.CharField(_("channel"), max_length=20, default="email")
    starts_at = models.DateTimeField(_("from"))
    ends_at = models.DateTimeField(_("until"))
    most = models.BigIntegerField(_("messages"))
    used = models.BigIntegerField(_("used"), default=0)

    objects: ClassVar = QuotaManager()

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
