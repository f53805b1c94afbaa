"""People who want at most one campaign a week, or a month: a merchant with that rhythm reaches them each time."""

from datetime import timedelta

import pytest
from django.utils import timezone

from contacts.models import Contact
from delivery.models import Message
from kernel.tenancy import scope
from tests.delivery.batches import start
from tests.delivery.test_hygiene import SENT, history


@pytest.mark.parametrize(
    "frequency, before, outcome",
    [
        ("weekly", timedelta(days=7, seconds=-40), "accepted"),
        ("weekly", timedelta(days=7, hours=-1), "accepted"),
        ("weekly", timedelta(days=6), "skipped"),
        ("monthly", timedelta(days=28, hours=-1), "accepted"),
        ("monthly", timedelta(days=26), "skipped"),
        ("", timedelta(hours=1), "accepted"),
    ],
    ids=["a week", "clocks changed", "too soon", "February", "too soon for a month", "every one"],
)
def test_the_same_hour_of_the_next_week_or_month_is_not_too_soon(acme, send_all, states, frequency, before, outcome):
    batch = start(acme, n=1)
    with scope(acme):
        Contact.objects.update(frequency=frequency)
        history(Contact.objects.get(), (0, SENT))
        Message.objects.update(settled_at=timezone.now() - before)
    assert states(send_all(batch))["p0@example.com"][0] == outcome
