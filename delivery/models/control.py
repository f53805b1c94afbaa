from __future__ import annotations

from django.db import models
from django.http import HttpRequest
from django.utils import formats, timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from kernel.tenancy import current_workspace_id


class Control(models.Model):
    """The kill switch: a row stops all sending, one channel, or one workspace. Read inside every gate.

    Global, not scoped: platform staff set it, and every lane reads it.
    """

    class Kind(models.TextChoices):
        ALL = "all", gettext_lazy("All sending")
        CHANNEL = "channel", gettext_lazy("One channel")
        WORKSPACE = "workspace", gettext_lazy("One workspace")

    kind = models.CharField(max_length=10, choices=Kind)
    channel = models.CharField(max_length=8, blank=True)
    workspace = models.ForeignKey("accounts.Workspace", on_delete=models.CASCADE, null=True, blank=True)
    reason = models.CharField(max_length=300)
    set_by = models.ForeignKey("accounts.User", on_delete=models.SET_NULL, null=True, related_name="+")
    set_at = models.DateTimeField(default=timezone.now)
    lifted_at = models.DateTimeField(null=True, blank=True)
    lifted_by = models.ForeignKey("accounts.User", on_delete=models.SET_NULL, null=True, related_name="+")

    class Meta:
        verbose_name = gettext_lazy("kill switch")
        verbose_name_plural = gettext_lazy("kill switches")
        ordering = ["-id"]

    def __str__(self):
        return f"{self.get_kind_display()} {self.channel or self.workspace or ''}".strip()

    @classmethod
    def in_force(cls) -> models.QuerySet[Control]:
        return cls.objects.filter(lifted_at=None)

    @classmethod
    def banner(cls, request: HttpRequest) -> str | None:
        """The sentence that every page shows while a switch is on that applies to its workspace."""
        return cls.banner_for(current_workspace_id())

    @classmethod
    def banner_for(cls, workspace_id: int | None) -> str | None:
        for control in cls.in_force()[:20]:
            if control.kind == cls.Kind.WORKSPACE and control.workspace_id != workspace_id:
                continue
            return _("Sending has been stopped since %(when)s: %(reason)s") % {
                "when": formats.date_format(timezone.localtime(control.set_at), "SHORT_DATETIME_FORMAT"),
                "reason": control.reason,
            }
        return None
