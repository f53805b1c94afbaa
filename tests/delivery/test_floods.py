"""One link, used again and again, writes little, and nothing that it writes stays for ever."""

from datetime import timedelta

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from accounts.models import AuditEntry
from config.recurring import RECURRING
from contacts.consent import preferences
from contacts.models import Consent, Contact, Topic
from delivery import hits, pruning
from delivery.models import Batch, Bucket, CapturedMessage, Hit, IncomingHit, Lease, Message, Tally, TrackedLink
from delivery.models import Tester as TheTester
from kernel import partitions
from kernel.tenancy import scope
from tests.delivery.test_public_pages import BROWSER, fold_all, p0, sent  # noqa: F401  (a fixture)
from tests.delivery.test_tests import open_test

OLD = timedelta(days=100)


def rows(workspace) -> int:
    with scope(workspace):
        return Consent.objects.count()


@pytest.mark.parametrize("reason", ["", " ", "too_many", "words of their own"])
def test_a_reason_is_kept_once(sent, acme, reason):  # noqa: F811
    client = Client()
    client.post(sent.unsubscribe, {"action": "unsubscribe"})
    before = rows(acme)
    for n in range(30):
        client.post(sent.unsubscribe, {"action": "reason", "reason": reason})
        client.post(sent.unsubscribe, {"action": "reason", "reason": reason.strip() and f"{reason} {n}"})
    assert rows(acme) == before + bool(reason.strip())


def test_leaving_and_coming_back_is_recorded_once_a_minute_and_leaving_always_counts(sent, acme):  # noqa: F811
    client = Client()
    for _n in range(20):
        client.post(sent.unsubscribe, {"action": "unsubscribe"})
        page = client.post(sent.unsubscribe, {"action": "come_back"}).content.decode()
    assert rows(acme) == 3 and "Try again in a minute" in page and p0(acme).status == "unsubscribed"
    with scope(acme):
        assert list(Consent.objects.order_by("id").values_list("state", flat=True)) == [
            "withdrawn",
            "granted",
            "withdrawn",
        ]


@pytest.mark.parametrize("what", ["way_email", "topic"])
def test_a_preference_is_given_once_a_minute(sent, acme, what):  # noqa: F811
    with scope(acme):
        topic = Topic.objects.create(name="News")
        link = preferences.link(p0(acme)).removeprefix("http://localhost:8000")
    box = f"topic_{topic.pk}_email" if what == "topic" else what
    client, statuses = Client(), []
    for _n in range(20):
        statuses.append(client.post(link, {"shown": [box]}).status_code)
        statuses.append(client.post(link, {"shown": [box], box: "on"}).status_code)
    assert rows(acme) <= 3 and set(statuses) == {200, 422}
    assert statuses[:4] == [200] * 4, "somebody who corrects a mistake is not stopped"


def test_opting_out_of_everything_works_in_a_flood_too(sent, acme):  # noqa: F811
    link = preferences.link(p0(acme)).removeprefix("http://localhost:8000")
    client = Client()
    for _n in range(15):
        client.post(link, {"first_name": "X"})
    client.post(link, {"action": "nothing"})
    assert p0(acme).status == "unsubscribed"


def test_hits_of_one_message_within_a_minute_are_one(sent, acme):  # noqa: F811
    client = Client(headers=BROWSER)
    with time_machine.travel(timezone.now(), tick=True):
        for _n in range(30):
            client.get(sent.pixel)
            client.get(sent.click)
    with scope(acme):
        assert IncomingHit.objects.count() == 2, "repeats cost no row"
        IncomingHit.objects.update(at=timezone.now() - timedelta(seconds=61))
    fold_all()
    with time_machine.travel(timezone.now() + timedelta(seconds=61)):
        client.get(sent.pixel)
    fold_all()
    with scope(acme):
        assert Hit.objects.count() == 3


def test_hits_that_several_processes_took_within_a_minute_are_one(sent, acme):  # noqa: F811
    for _n in range(3):
        hits.RECENT.clear()  # another process
        Client(headers=BROWSER).get(sent.click)
    with scope(acme):
        assert IncomingHit.objects.count() == 3
    fold_all()
    hits.RECENT.clear()
    Client(headers=BROWSER).get(sent.click)
    fold_all()
    with scope(acme):
        assert Hit.objects.count() == 1 and sent.batch.links.get().clicks == 1


def test_a_persons_data_is_given_once_a_minute(acme):
    from kernel.links import sign_ids

    with scope(acme):
        ana = Contact.objects.create(email="ana@example.com")
    link = f"/p/rights/{sign_ids('rights', acme.pk, ana.pk, preferences._minute())}/"
    answers = [Client().post(link, {"action": "download"}).status_code for _n in range(10)]
    assert answers == [200] + [429] * 9
    with scope(acme):
        assert AuditEntry.objects.filter(verb="contact.data_given").count() == 1


def test_hits_go_by_months_when_they_are_old(settings):
    settings.HIT_DAYS = 17
    hits_table = partitions.TABLES["delivery_hit"]
    assert hits_table.keep_days() == 17 and isinstance(hits_table.ranges, partitions.ByMonth)


def test_old_captured_messages_go_and_the_ledger_stays(sent, acme):  # noqa: F811
    with scope(acme):
        kept = CapturedMessage.objects.order_by("-id").first()
        CapturedMessage.objects.exclude(pk=kept.pk).update(at=timezone.now() - OLD)
    assert pruning.prune()
    with scope(acme):
        assert list(CapturedMessage.objects.values_list("pk", flat=True)) == [kept.pk]
        assert Message.objects.filter(batch=sent.batch).count() == 2


def test_what_the_sandbox_caught_is_kept_for_ever_where_the_operator_wants_it(sent, acme, settings):  # noqa: F811
    settings.SANDBOX_DAYS = 0
    with scope(acme):
        before = CapturedMessage.objects.update(at=timezone.now() - OLD)
    assert pruning.prune() and before
    with scope(acme):
        assert CapturedMessage.objects.count() == before


def test_an_old_test_goes_with_all_that_belongs_to_it(sent, acme, send_all):  # noqa: F811
    old, new = send_all(open_test(acme)), send_all(open_test(acme))
    with scope(acme):
        Batch.objects.filter(pk__in=[old.pk, sent.batch.pk]).update(finished_at=timezone.now() - OLD)
    assert pruning.prune()
    with scope(acme):
        assert set(Batch.objects.values_list("pk", flat=True)) == {sent.batch.pk, new.pk}
        for model in (Message, Lease, Tally, TrackedLink, CapturedMessage):
            assert set(model.objects.values_list("batch_id", flat=True)) == {sent.batch.pk, new.pk}, model


def test_unused_buckets_and_unanswered_questions_go(acme):
    now = timezone.now()
    for key, at in (("new", now), ("old", now - OLD)):
        Bucket.objects.create(key=key, rate=1, capacity=1, tokens=1, at=at)
    with scope(acme):
        TheTester.objects.create(email="a@x.example", asked_at=now - OLD)
        TheTester.objects.create(email="b@x.example", asked_at=now - OLD, confirmed_at=now)
        TheTester.objects.create(email="c@x.example")
    assert pruning.prune()
    assert [bucket.key for bucket in Bucket.objects.all()] == ["new"]
    with scope(acme):
        assert list(TheTester.objects.values_list("email", flat=True)) == ["b@x.example", "c@x.example"]


def test_pruning_recurs():
    assert {"delivery.prune", "accounts.clear_expired"} <= {name for _seconds, name, _why in RECURRING}
