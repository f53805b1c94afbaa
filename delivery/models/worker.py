from django.db import models
from django.utils import timezone


class WorkerBeat(models.Model):
    """The last sign of life of each queue's workers, written by a task that went through the real queue. Global."""

    queue = models.CharField(max_length=20, unique=True)
    at = models.DateTimeField(default=timezone.now)

    def __str__(self):
        return self.queue
