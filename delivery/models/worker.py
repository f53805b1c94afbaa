from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class WorkerBeat(models.Model):
    """The last sign of life of each queue's workers, written by a task that went through the real queue. Global."""

    queue = models.CharField(max_length=20, unique=True)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("worker heartbeat")
        verbose_name_plural = _("worker heartbeats")

    def __str__(self):
        return self.queue
