"""Asking the queue for lanes. The rows are the truth: a nudge that is lost costs seconds (`delivery.tick`)."""

from django.conf import settings
from django.db.models.functions import Now
from django_q.models import OrmQ

from kernel.jobs import enqueue


def nudge(*, lanes: int | None = None) -> None:
    """Enqueue lanes until as many wait as this machine runs, or as the work needs: one for a batch of one.

    Only jobs that a free worker can take at once count, and nothing but lanes is in this queue. So a burst of small
    batches enqueues one lane, not one each. How many lanes run is limited by the number of workers on each machine; one
    that finds no work ends at once.
    """
    waiting = OrmQ.objects.filter(key="bulk", lock__lte=Now()).count()
    for _ in range((lanes or settings.LANES) - waiting):
        enqueue("delivery.run_lane")
