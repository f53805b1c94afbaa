"""Asking for lanes counts only jobs that a free worker could take."""

from datetime import timedelta

from django.conf import settings
from django.utils import timezone
from django_q.models import OrmQ

from delivery import nudging
from kernel.job_broker import own_key


def lanes() -> int:
    return OrmQ.objects.filter(key="bulk").count()


def test_as_many_lanes_wait_as_run_here(db):
    nudging.nudge()
    nudging.nudge()
    assert lanes() == settings.LANES


def test_jobs_that_somebody_holds_do_not_count(db):
    """Neither what a dead worker has taken along, nor what works elsewhere, keeps lanes from being asked for."""
    nudging.nudge()
    OrmQ.objects.update(lock=timezone.now() + timedelta(minutes=3))
    nudging.nudge()
    assert lanes() == 2 * settings.LANES


def test_questions_and_filling_do_not_count(db):
    for key in (own_key("bulk", "a"), own_key("bulk", "b"), "filling", "default"):
        OrmQ.objects.create(key=key, payload="", lock=timezone.now())
    nudging.nudge()
    assert lanes() == settings.LANES
