"""Asking the queue for lanes. The rows are the truth: a nudge that is lost costs seconds (`delivery.tick`)."""

from django.conf import settings
from django.db.models.functions import Now
from django_q.models import OrmQ

from kernel.jobs import enqueue


def nudge() -> None:
    """Enqueue lanes until as many wait as this machine runs.

    Only jobs that a free worker can take at once count, and nothing but lanes is in this queue. How many lanes run is
    limited by the number of workers on each machine; one that finds no work ends at once.
    """
    waiting = OrmQ.objects.filter(key="bulk", lock__lte=Now()).count()
    for _ in range(settings.LANES - waiting):
        enqueue("delivery.run_lane")
