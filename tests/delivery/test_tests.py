"""A test is the real message to the tester; only its effects are none."""

import email
import email.policy
import re

import pytest
from django.test import Client

from billing.models import Quota
from campaigns import sending
from contacts.consent import suppression_list
from contacts.models import Consent, Contact, Suppression
from delivery import folding
from delivery.models import Batch, CapturedMessage, IncomingHit, Message, ProviderAccount, Sender
from delivery.models.message import TESTER
from delivery.send_tests import send_test
from kernel.tenancy import scope
from tests import factories

BROWSER = {"user-agent": "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"}
HTML = factories.HTML.replace("</body>", '<a href="{{ preferences_url }}">Preferences</a></body>')


def parsed(row):
    return email.message_from_bytes(bytes(row.source), policy=email.policy.default)


def open_test(workspace, to="tester@x.example", **fields):
    with scope(workspace):
        template = factories.campaign(html=HTML, preheader="Look").template
        words = {"name": "T", "subject": "Hi {{ first_name }}", "preheader": "Look", "template": template}
        words |= {"sender": Sender.objects.get(), "account": ProviderAccount.objects.get(), "to": to}
        return send_test(**words | fields, workspace=workspace)


@pytest.fixture
def test_mail(acme, send_all):
    """A test as p0, to somebody who is no contact: the parsed message."""
    with scope(acme):
        (person,) = factories.contacts(1)
    send_all(open_test(acme, as_contact=person.pk))
    with scope(acme):
        return parsed(CapturedMessage.objects.get(recipient="tester@x.example"))


@pytest.fixture
def real_mail(acme, send_all):
    with scope(acme):
        if not Contact.objects.exists():
            factories.contacts(1)
        batch = sending.start(factories.campaign(html=HTML, preheader="Look").pk).first_batch
    send_all(batch)
    with scope(acme):
        return parsed(CapturedMessage.objects.get(batch=batch))


def links(message) -> list[str]:
    """The paths of our links in the message's HTML and headers."""
    html = message.get_body(("html",)).get_content()
    return re.findall(r"http://localhost:8000(/\w/[^\"<>]+)", html + message["List-Unsubscribe"])


def without_tokens(text: str) -> str:
    return re.sub(r"(/\w/)[\w-]{20,}", r"\1TOKEN", text)


def test_a_test_is_the_real_message(test_mail, real_mail):
    assert test_mail["Subject"] == "[Test] Hi P0" and real_mail["Subject"] == "Hi P0"
    assert test_mail.keys() == real_mail.keys()
    for name in ("List-Unsubscribe", "List-Unsubscribe-Post", "List-Id", "From", "Content-Type"):
        plain, real = (re.sub(r"boundary=\S+", "", without_tokens(message[name])) for message in (test_mail, real_mail))
        assert plain == real, name
    assert test_mail["Feedback-ID"].split(":")[1:] == real_mail["Feedback-ID"].split(":")[1:]
    for kind in ("plain", "html"):
        plain, real = (without_tokens(message.get_body((kind,)).get_content()) for message in (test_mail, real_mail))
        assert plain == real
    assert "Look" in test_mail.get_body(("html",)).get_content()
    assert {link[1] for link in links(test_mail)} == set("upvoc")


def test_who_gets_a_test_becomes_no_contact_and_is_in_no_persons_history(acme, test_mail):
    with scope(acme):
        assert list(Contact.objects.values_list("email", flat=True)) == ["p0@example.com"]
        assert Message.objects.get().contact_id == TESTER


def state_of(workspace):
    with scope(workspace):
        return (
            list(Contact.objects.order_by("pk").values()),
            list(Message.objects.order_by("pk").values()),
            Consent.objects.count(),
            Suppression.objects.count(),
            IncomingHit.objects.count(),
        )


def test_the_links_of_a_test_show_what_they_would_do_and_do_nothing(acme, test_mail):
    before = state_of(acme)
    client = Client(headers=BROWSER)
    seen = {}
    for link in links(test_mail):
        answer = client.get(link)
        seen[link[1]] = answer
        for data in ({"List-Unsubscribe": "One-Click"}, {"action": "unsubscribe"}, {"action": "nothing"}, {"x": "y"}):
            client.post(link, data)
        for action in ("reason", "come_back", "rights"):
            client.post(link, {"action": action, "reason": "Because", "way_email": "on", "shown": "way_email"})
    assert seen["c"]["Location"] == "https://shop.example/a?b=1&c=2" and seen["o"]["Content-Type"] == "image/gif"
    for kind in "up":
        page = seen[kind].content.decode()
        assert "from a test message" in page and "c•••@example.com" in page, kind
    assert "Unsubscribe?" in seen["u"].content.decode() and "Your preferences" in seen["p"].content.decode()
    assert seen["v"].status_code == 404 and "This was a test" in seen["v"].content.decode()
    folding.fold()
    assert state_of(acme) == before
    with scope(acme):
        assert not Batch.objects.filter(purpose="service").exists(), "no mail to anybody"


def test_the_button_of_a_test_shows_the_page_after_it(test_mail):
    unsubscribe = next(link for link in links(test_mail) if link.startswith("/u/"))
    client = Client()
    assert "You're unsubscribed" in client.post(unsubscribe, {"action": "unsubscribe"}).content.decode()
    one_click = client.post(unsubscribe, {"List-Unsubscribe": "One-Click"})
    assert one_click.status_code == 200 and "nothing has changed" in one_click.content.decode()


@pytest.mark.parametrize("values", ["own contact", "nobody"])
def test_without_a_chosen_contact_a_test_is_filled_in_as_the_testers_own(acme, send_all, values):
    with scope(acme):
        if values == "own contact":
            Contact.objects.create(email="tester@x.example", first_name="Tess")
    send_all(open_test(acme, to="Tester@x.example"))
    with scope(acme):
        subject = CapturedMessage.objects.get().subject
    assert subject == ("[Test] Hi Tess" if values == "own contact" else "[Test] Hi Camille")


@pytest.mark.parametrize("where", ["contact", "suppression list"])
def test_no_test_goes_to_who_complained(acme, send_all, where):
    with scope(acme):
        if where == "contact":
            Contact.objects.create(email="tester@x.example", status="complained")
        else:
            suppression_list.suppress("email", "tester@x.example", Suppression.Reason.COMPLAINED)
    batch = send_all(open_test(acme, to="Tester@x.example"))
    with scope(acme):
        assert not CapturedMessage.objects.exists()
        message = Message.objects.get(batch=batch)
        assert (message.state, message.reason) == (Message.State.SKIPPED, "complained")


def test_a_complaint_after_the_filling_holds_too(acme, send_all, monkeypatch):
    from delivery import batching

    batch = open_test(acme)
    assert batching.fill(batch.pk)
    with scope(acme):
        Contact.objects.create(email="tester@x.example", status="complained")
    send_all(batch)
    with scope(acme):
        assert not CapturedMessage.objects.exists()


def test_a_test_counts_in_the_quota(acme, send_all):
    from datetime import timedelta

    from django.utils import timezone

    now = timezone.now()
    with scope(acme):
        Quota.objects.create(starts_at=now - timedelta(1), ends_at=now + timedelta(1), most=1)
    send_all(open_test(acme))
    with scope(acme):
        assert Quota.objects.get().used == 1
    send_all(open_test(acme))
    with scope(acme):
        assert CapturedMessage.objects.count() == 1 and Quota.objects.get().used == 1
