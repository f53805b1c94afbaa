"""The page with the state of sending, and the limits that staff set."""

from datetime import timedelta

import pytest
from django.utils import timezone

from adminpanel import sending_health
from billing.models import Quota
from delivery import batching
from delivery.models import Batch, MailboxLimit, ProviderAccount, Tally, WarmUpStep
from delivery.sending import leases, sending_status
from kernel.tenancy import scope
from tests import factories
from tests.delivery.batches import start
from tests.delivery.test_hygiene import SENT, history


@pytest.fixture
def staff(alice, as_user):
    alice.is_staff = alice.is_superuser = True
    alice.save()
    return as_user(alice)


def test_the_live_page_shows_queue_lanes_batches_and_circuits(acme, staff):
    batch = start(acme, n=30)
    batching.fill(batch.pk)
    leases.claim("worker-7")
    with scope(acme):
        ProviderAccount.objects.update(
            failures=3, retry_at=timezone.now() + timedelta(minutes=1), last_problem="smtp.x.example does not answer"
        )
    sending_status.measure_pace()
    page = staff.get("/admin/sending/").content.decode()
    for words in ("worker-7", "smtp.x.example does not answer", "In progress (leases)", f"{batch.pk} {batch.name}"):
        assert words in page
    assert "/admin/sending/" in staff.get("/admin/").content.decode()


def test_the_share_of_unknown_is_that_of_campaigns(acme):
    with scope(acme):
        [person] = factories.contacts(1)
        history(person, (1, SENT))
        campaign = Batch.objects.get()
        Tally.objects.create(batch=campaign, fact="accepted", n=3)
        Tally.objects.create(batch=campaign, fact="unknown", n=1)
        for _ in range(200):
            history(person, (1, SENT), purpose="service")
            Tally.objects.create(batch=Batch.objects.latest("id"), fact="accepted", n=1)
    assert sending_health.read()["unknown_share"] == 25


def test_the_live_page_of_an_idle_platform(db, acme, staff):
    page = staff.get("/admin/sending/").content.decode()
    assert "Nothing is being sent." in page and "No worker is sending right now." in page


def test_merchants_do_not_see_it(acme, bob, as_user):
    assert as_user(bob).get("/admin/sending/").status_code == 302


def test_staff_give_a_quota(acme, staff):
    now = timezone.now()
    values = {"workspace": acme.pk, "channel": "email", "most": 1000}
    times = {"starts_at": f"{now.date()} 00:00", "ends_at": f"{(now + timedelta(days=30)).date()} 00:00"}
    staff.post("/admin/billing/quota/add/", values | times)
    with scope(acme):
        assert Quota.objects.current("email").get().left == 1000
    wrong = staff.post("/admin/billing/quota/add/", values | times | {"ends_at": "2001-01-01 00:00"})
    assert "must end after it starts" in wrong.content.decode()


def test_staff_change_the_warm_up_plan_and_limits(staff, acme):
    assert [(step.from_day, step.per_hour) for step in WarmUpStep.objects.all()] == [(0, 50), (3, 200), (7, None)]
    staff.post("/admin/delivery/mailboxlimit/add/", {"domain": "gmail.com", "per_second": "20"})
    assert MailboxLimit.objects.get().per_second == 20
    for address in ("delivery/warmupstep/", "delivery/warmup/", "billing/quota/"):
        assert staff.get(f"/admin/{address}").status_code == 200
