"""Tests go to members and to people who agreed, within limits; never to who complained."""

import re
from datetime import timedelta

import pytest
from django.core import mail
from django.test import Client
from django.utils import timezone

from billing.models import Quota
from contacts.models import Contact
from delivery.models import Batch, ProviderAccount, Sender
from delivery.models import Tester as TheTester
from kernel.tenancy import scope
from tests import factories

ASK = "/w/acme/sending/testers/"


@pytest.fixture
def send(acme, bob, as_user):
    """Send a test of a template to an address: the page afterwards. bob manages acme."""
    with scope(acme):
        campaign = factories.campaign()
        words = {"sender": Sender.objects.get().pk, "account": ProviderAccount.objects.get().pk}

    def run(to: str, where: str = f"sending/templates/{campaign.template_id}/test/"):
        return as_user(bob).post(f"/w/acme/{where}", {**words, "to": to}, follow=True).content.decode()

    run.campaign = f"campaigns/{campaign.pk}/test/"
    return run


def addresses_tested(workspace) -> list[str]:
    with scope(workspace):
        return [batch.parameters["to"] for batch in Batch.objects.filter(purpose="test").order_by("pk")]


def asked() -> str:
    """The path in the newest mail."""
    return re.search(r"http://localhost:8000(/t/[\w-]+/)", mail.outbox[-1].body)[1]


@pytest.mark.parametrize("where", ["template", "campaign"])
def test_a_test_goes_to_members_and_to_nobody_else(acme, send, where):
    place = [send.campaign] if where == "campaign" else []
    assert "Test sent to bob@acme.example" in send("bob@acme.example", *place)
    assert "Test sent to rita@acme.example" in send("rita@acme.example", *place)
    with scope(acme):
        Contact.objects.create(email="ana@example.com", status="subscribed")
    for stranger in ("ana@example.com", "charlie@beta.example", "x@new.example", "", "bob@acme.example\nx@y.example"):
        assert "Test sent" not in send(stranger, *place)
    assert addresses_tested(acme) == ["bob@acme.example", "rita@acme.example"]


def test_a_members_own_second_address_counts_once_it_is_verified(acme, bob, send):
    address = bob.emailaddress_set.create(email="bob@home.example", verified=False)
    assert "Test sent" not in send("bob@home.example")
    address.verified = True
    address.save()
    assert "Test sent to bob@home.example" in send("bob@home.example")


def test_somebody_else_gets_tests_after_agreeing_and_until_they_end_it(acme, bob, send, as_user):
    as_user(bob).post(ASK, {"email": "Agency@Other.example"})
    assert mail.outbox[-1].to == ["agency@other.example"] and "Test sent" not in send("agency@other.example")
    page, visitor = asked(), Client()
    for look in (visitor.get, visitor.head):
        look(page)
    assert "Test sent" not in send("agency@other.example"), "a link scanner agrees to nothing"
    assert "You get test messages" in visitor.post(page).content.decode()
    assert "Test sent to agency@other.example" in send("agency@other.example")
    assert "test messages to this address any more" in visitor.post(page, {"action": "stop"}).content.decode()
    assert "Test sent" not in send("agency@other.example")
    assert visitor.get(page).status_code == 410 and visitor.post(page).status_code == 410


def test_a_member_removes_an_address(acme, bob, send, as_user):
    with scope(acme):
        tester = TheTester.objects.create(email="agency@other.example", confirmed_at=timezone.now())
    assert "agency@other.example" in as_user(bob).get(ASK).content.decode()
    as_user(bob).post(f"{ASK}{tester.pk}/delete/")
    assert "Test sent" not in send("agency@other.example")


def test_another_workspaces_tester_is_none_here(acme, beta, send):
    with scope(beta):
        TheTester.objects.create(email="agency@other.example", confirmed_at=timezone.now())
    assert "Test sent" not in send("agency@other.example")


def test_the_question_comes_too_late_after_a_week(acme, bob, as_user):
    as_user(bob).post(ASK, {"email": "agency@other.example"})
    with scope(acme):
        TheTester.objects.update(asked_at=timezone.now() - timedelta(days=8))
    assert Client().post(asked()).status_code == 410
    with scope(acme):
        assert TheTester.objects.get().confirmed_at is None
    as_user(bob).post(ASK, {"email": "agency@other.example"})
    assert Client().post(asked()).status_code == 200


def test_the_question_is_asked_few_times_and_has_no_link_of_the_askers(acme, bob, as_user, settings):
    acme.name = "Locked! http://evil.example/login"
    acme.save()
    pages = [as_user(bob).post(ASK, {"email": "a@other.example"}, follow=True).content.decode() for _n in range(8)]
    assert len(mail.outbox) == settings.FORM_MAILS_PER_HOUR and "Too many requests" in pages[-1]
    message = mail.outbox[-1]
    assert message.subject == "May test messages be sent to you?"
    assert "evil.example" not in message.body and "evil.example" not in message.alternatives[0][0]


def test_few_tests_go_to_one_address(acme, send, settings):
    settings.TESTS_PER_HOUR = 3
    pages = [send("bob@acme.example") for _n in range(5)]
    assert len(addresses_tested(acme)) == 3 and "Too many tests" in pages[-1]
    for _n in range(5):
        send("rita@acme.example")
    assert len(addresses_tested(acme)) == 6, "six by one person"


def test_no_test_to_who_complained(acme, bob, send, as_user):
    with scope(acme):
        Contact.objects.create(email="bob@acme.example", status="complained")
    assert "reported a message as spam" in send("bob@acme.example")
    with scope(acme):
        Contact.objects.update(email="agency@other.example")
    assert "reported a message as spam" in as_user(bob).post(ASK, {"email": "agency@other.example"}).content.decode()
    assert not mail.outbox and not addresses_tested(acme)


def test_no_test_where_the_quota_is_used_up(acme, send):
    now, day = timezone.now(), timedelta(1)
    with scope(acme):
        Quota.objects.create(starts_at=now - day, ends_at=now + day, most=5, used=5)
    assert "quota is used up" in send("bob@acme.example") and not addresses_tested(acme)


@pytest.mark.parametrize("name", ["", "x"])
def test_viewers_ask_and_send_nothing(acme, rita, as_user, name):
    assert as_user(rita).post(ASK, {"email": "a@other.example"}).status_code == 403
