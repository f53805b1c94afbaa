from __future__ import annotations

from datetime import datetime

from django.db import models
from django.utils import formats, timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy


class Control(models.Model):
    """The kill switch: a row stops all sending, one channel, or one workspace. Read inside every gate.

    Global, not scoped: platform staff set it, and every lane reads it.
    """

    class Kind(models.TextChoices):
        ALL = "all", gettext_lazy("All sending")
        CHANNEL = "channel", gettext_lazy("One channel")
        WORKSPACE = "workspace", gettext_lazy("One workspace")

    kind = models.CharField(max_length=10, choices=Kind)
    channel = models.CharField(max_length=20, blank=True)
    workspace = models.ForeignKey("accounts.Workspace", on_delete=models.CASCADE, null=True, blank=True)
    reason = models.CharField(max_length=300)
    set_by = models.ForeignKey("accounts.User", on_delete=models.SET_NULL, null=True, related_name="+")
    set_at = models.DateTimeField(default=timezone.now)
    lifted_at = models.DateTimeField(null=True, blank=True)
    lifted_by = models.ForeignKey("accounts.User", on_delete=models.SET_NULL, null=True, related_name="+")

    #: So many of the newest are read for a page.
    MOST = 20

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
    def banner_for(cls, workspace_id: int | None) -> str | None:
        """The sentence that pages show while a switch is on that applies to the workspace."""
        rows = cls.in_force().values_list("kind", "workspace_id", "set_at", "reason")
        return cls.sentence(list(rows[: cls.MOST]), workspace_id)

    @classmethod
    def sentence(cls, rows: list[tuple[str, int | None, datetime, str]], workspace_id: int | None) -> str | None:
        """The same for switches given as (kind, workspace, since when, reason), the newest first."""
        for kind, of, set_at, reason in rows:
            if kind == cls.Kind.WORKSPACE and of != workspace_id:
                continue
            return _("Sending has been stopped since %(when)s: %(reason)s") % {
                "when": formats.date_format(timezone.localtime(set_at), "SHORT_DATETIME_FORMAT"),
                "reason": reason,
            }
        return None
