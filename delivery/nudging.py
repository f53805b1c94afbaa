"""Asking the queue for lanes. The rows are the truth: a nudge that is lost costs seconds (`delivery.tick`)."""

from django.conf import settings
from django_q.models import OrmQ

from kernel.jobs import enqueue


def nudge() -> None:
    """Enqueue as many lanes as this machine runs, less those in the queue already."""
    waiting = OrmQ.objects.filter(key="bulk").count()
    for _ in range(settings.LANES - waiting):
        enqueue("delivery.run_lane")
