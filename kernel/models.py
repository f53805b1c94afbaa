from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class JobClaim(models.Model):
    """Which process holds a queued job. Global, not scoped to a workspace.

    `cluster` is one run of a queue's processes on one machine; `pid` is 0 while nobody works on the job (it failed, or
    its process died). The watchdog of that machine prolongs the claims of living processes and frees those of the dead.
    """

    job = models.OneToOneField("django_q.OrmQ", on_delete=models.CASCADE, primary_key=True, related_name="claim")
    queue = models.CharField(max_length=20)
    cluster = models.CharField(max_length=40)
    pid = models.IntegerField(default=0)
    claims = models.SmallIntegerField(default=1)  # a job that kills its process again and again is dropped
    claimed_at = models.DateTimeField(default=timezone.now)
    started_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("claimed job")
        verbose_name_plural = _("claimed jobs")

    def __str__(self):
        return f"{self.queue} {self.job_id}"


class FileMarker(models.Model):
    """What the marker in the place of the kept files says (`kernel.files.marker`): one row."""

    id = models.SmallIntegerField(primary_key=True, default=1)
    key = models.CharField(max_length=32)
    written_at = models.DateTimeField(null=True)  # None until some machine is about to write it

    class Meta:
        verbose_name = _("marker of kept files")
        verbose_name_plural = _("markers of kept files")

    def __str__(self):
        return self.key
