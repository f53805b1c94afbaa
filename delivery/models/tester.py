from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from kernel.tenancy import WorkspaceModel


class Tester(WorkspaceModel):
    """An address outside the workspace to which a member wants to send tests. Its owner has to agree by a mailed link,
    and can end it by the same link."""

    email = models.EmailField(_("e-mail"))
    added_by = models.ForeignKey("accounts.User", on_delete=models.SET_NULL, null=True, related_name="+")
    asked_at = models.DateTimeField(default=timezone.now)
    confirmed_at = models.DateTimeField(null=True)

    class Meta(WorkspaceModel.Meta):
        verbose_name = _("test recipient")
        verbose_name_plural = _("test recipients")
        ordering = ["email"]
        constraints = [models.UniqueConstraint(fields=["workspace", "email"], name="one_tester_an_address")]

    def __str__(self):
        return f"#{self.pk}"

    @property
    def is_open(self) -> bool:
        """Whether the mailed link can still confirm."""
        return timezone.now() - self.asked_at < timedelta(days=settings.INVITATION_DAYS)
