from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from kernel.tenancy import WorkspaceModel


class Bucket(models.Model):
    """A token bucket: how much of a rate limit is left, exact over all workers. Not scoped to a workspace.

    `tokens` is what was left at `at`; what has come in since is added when tokens are taken.
    """

    key = models.CharField(max_length=120, primary_key=True)
    rate = models.FloatField()  # tokens a second
    capacity = models.FloatField()
    tokens = models.FloatField()
    granted = models.IntegerField(default=0)  # how many of `wanted` were given last
    wanted = models.IntegerField(default=0)
    at = models.DateTimeField()

    def __str__(self):
        return self.key


class WarmUpStep(models.Model):
    """How fast a new workspace may send from a day of its warm-up on. Mailbox providers distrust a sudden flood."""

    from_day = models.PositiveIntegerField(
        _("from day"), unique=True, help_text=_("0 is the day of the first campaign.")
    )
    per_hour = models.PositiveIntegerField(
        _("messages per hour"), null=True, blank=True, help_text=_("Leave empty for no limit but the provider's.")
    )

    class Meta:
        verbose_name = _("warm-up step")
        verbose_name_plural = _("warm-up plan")
        ordering = ["from_day"]

    def __str__(self):
        return f"{self.from_day}: {self.per_hour or '∞'}"


class WarmUp(WorkspaceModel):
    """A workspace's warm-up. It begins with the first campaign through a real provider."""

    started_at = models.DateTimeField(_("since"), default=timezone.now)
    is_over = models.BooleanField(_("ended by staff"), default=False)

    class Meta(WorkspaceModel.Meta):
        verbose_name = _("workspace warm-up")
        verbose_name_plural = _("workspace warm-ups")
        constraints = [models.UniqueConstraint(fields=["workspace"], name="one_warm_up_a_workspace")]

    def __str__(self):
        return str(self.workspace)


class MailboxLimit(models.Model):
    """How fast each provider account may send to the addresses of one mailbox provider."""

    domain = models.CharField(_("domain"), max_length=253, unique=True)
    per_second = models.FloatField(_("messages per second"))

    class Meta:
        verbose_name = _("mailbox provider limit")
        verbose_name_plural = _("mailbox provider limits")
        ordering = ["domain"]

    def __str__(self):
        return f"{self.domain}: {self.per_second:g}/s"
