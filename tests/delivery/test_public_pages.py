"""The pages that messages link to: opens, clicks, unsubscribing, the web copy. GET changes nothing."""

import email
import email.policy
import re
from html import unescape
from urllib.parse import urlsplit

import pytest
from django.test import Client
from django.utils import timezone

from analytics.reports.campaign import CampaignReport
from campaigns import sending
from campaigns.models import Campaign
from contacts.consent import ledger
from contacts.models import Consent, Contact, Suppression
from delivery import folding
from delivery.models import CapturedMessage, Hit, HourlyHits, IncomingHit, Message, TrackedLink
from kernel.tenancy import scope
from tests import factories

BROWSER = {"user-agent": "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"}


@pytest.fixture
def sent(acme, send_all):
    """The links in a message that p0 got."""
    with scope(acme):
        factories.contacts(2)
        batch = sending.start(factories.campaign().pk).first_batch
    batch = send_all(batch)
    with scope(acme):
        source = bytes(CapturedMessage.objects.get(recipient="p0@example.com").source)
    message = email.message_from_bytes(source, policy=email.policy.default)
    html = message.get_body(("html",)).get_content()

    class Sent:
        pass

    Sent.batch = batch
    Sent.html = html
    Sent.unsubscribe = path(message["List-Unsubscribe"].strip("<>"))
    Sent.click = path(re.search(r'href="([^"]*/c/[^"]*)"', html)[1])
    Sent.pixel = path(re.search(r'src="([^"]*/o/[^"]*)"', html)[1])
    Sent.web_copy = path(re.search(r'href="([^"]*/v/[^"]*)"', html)[1])
    return Sent


def path(address: str) -> str:
    assert address.startswith("http://localhost:8000/")
    return address.removeprefix("http://localhost:8000")


def fold_all():
    while folding.fold():
        pass


def p0(workspace) -> Contact:
    with scope(workspace):
        return Contact.objects.get(email="p0@example.com")


def message_of(sent, workspace) -> Message:
    with scope(workspace):
        return Message.objects.get(batch=sent.batch, contact=p0(workspace))


@pytest.mark.parametrize("body", ["multipart", "urlencoded"])
def test_one_click_works_without_cookie_or_session_in_both_encodings(sent, acme, body):
    client = Client(enforce_csrf_checks=True)
    for address in (sent.unsubscribe, sent.unsubscribe.rstrip("/"), sent.unsubscribe):
        if body == "multipart":
            response = client.post(address, {"List-Unsubscribe": "One-Click"})
        else:
            response = client.post(
                address, "List-Unsubscribe=One-Click", content_type="application/x-www-form-urlencoded"
            )
        assert response.status_code == 200 and not response.cookies
    assert p0(acme).status == "unsubscribed"
    with scope(acme):
        assert Consent.objects.filter(state="withdrawn").values_list("source", flat=True).get() == "one_click"
        assert Suppression.objects.get().recipient == "p0@example.com"
        assert sent.batch.tallies()["unsubscribed"] == 1
    assert message_of(sent, acme).unsubscribed_at


@pytest.mark.parametrize("charset", ["ISO-8859-1", "us-ascii", "UTF8"])
def test_one_click_works_whatever_charset_its_header_names(sent, acme, charset):
    kind = f"application/x-www-form-urlencoded; charset={charset}"
    response = Client(enforce_csrf_checks=True).post(sent.unsubscribe, "List-Unsubscribe=One-Click", content_type=kind)
    assert response.status_code == 200 and p0(acme).status == "unsubscribed"


@pytest.mark.parametrize(
    "body, source",
    [
        ("List-Unsubscribe=One-Click", "one_click"),
        ('--x\r\nContent-Disposition: form-data; name="List-Unsubscribe"\r\n\r\nOne-Click\r\n--x--', "one_click"),
        ("", "page"),
    ],
)
@pytest.mark.parametrize("kind", ["multipart/form-data", "multipart/form-data; boundary=é", "multipart/form-data; a"])
def test_one_click_works_where_the_body_is_not_what_its_header_says(sent, acme, kind, body, source):
    response = Client(enforce_csrf_checks=True).post(sent.unsubscribe, body, content_type=kind)
    assert response.status_code == 200 and p0(acme).status == "unsubscribed"
    with scope(acme):
        assert Consent.objects.get(state="withdrawn").source == source


@pytest.mark.parametrize("method", ["get", "head"])
def test_looking_changes_nothing(sent, acme, method):
    for address in (sent.unsubscribe, sent.web_copy):
        assert getattr(Client(), method)(address).status_code == 200
    assert p0(acme).status == "subscribed"
    with scope(acme):
        assert not Consent.objects.exists() and not IncomingHit.objects.exists()


def test_the_page_lets_one_unsubscribe_say_why_and_come_back(sent, acme):
    client = Client()
    page = client.get(sent.unsubscribe).content.decode()
    assert "p•••@example.com" in page and "p0@example.com" not in page and "1 rue Neuve" in page
    assert "You're unsubscribed" in client.post(sent.unsubscribe, {"action": "unsubscribe"}).content.decode()
    with scope(acme):
        before = Consent.objects.count()
    client.post(sent.unsubscribe, {"action": "reason"})
    with scope(acme):
        assert Consent.objects.count() == before  # no reason is none
    assert "Thank you" in client.post(sent.unsubscribe, {"action": "reason", "reason": "too_many"}).content.decode()
    with scope(acme):
        assert Consent.objects.filter(reason="Too many messages").exists()
    client.post(sent.unsubscribe, {"action": "come_back"})
    assert p0(acme).status == "subscribed"
    with scope(acme):
        assert not Suppression.objects.exists()


@pytest.mark.parametrize("where", ["trash", "merged twice"])
def test_a_no_of_somebody_deleted_or_merged_counts(sent, acme, where):
    with scope(acme):
        contact, now = p0(acme), timezone.now()
        if where == "trash":
            Contact.objects.filter(pk=contact.pk).update(deleted_at=now)
        else:
            second, third = factories.contacts(2, email=None, external_id=None, phone=None, erased_at=now)
            Contact.objects.filter(pk=third.pk).update(email="new@example.com", erased_at=None)
            merged = {"deleted_at": now, "email": None, "erased_at": None}
            Contact.objects.filter(pk=second.pk).update(**merged, merged_into_id=third.pk)
            Contact.objects.filter(pk=contact.pk).update(**merged, merged_into_id=second.pk)
            contact = third
    Client().post(sent.unsubscribe, {"List-Unsubscribe": "One-Click"})
    with scope(acme):
        contact.refresh_from_db()
        assert contact.status == "unsubscribed"


def test_who_bounced_does_not_come_back_by_a_button(sent, acme):
    with scope(acme):
        Contact.objects.filter(email="p0@example.com").update(status="bounced")
    Client().post(sent.unsubscribe, {"action": "come_back"})
    assert p0(acme).status == "bounced"


def test_the_page_speaks_the_workspaces_language(sent, acme):
    acme.language = "fr"
    acme.save()
    assert 'lang="fr"' in Client().get(sent.unsubscribe).content.decode()


def test_opens_and_clicks_are_folded_once(sent, acme):
    client = Client(headers=BROWSER)
    for _ in range(3):
        assert client.get(sent.pixel)["Content-Type"] == "image/gif"
        assert client.get(sent.click)["Location"] == "https://shop.example/a?b=1&c=2"
    fold_all()
    client.get(sent.click)
    fold_all()
    message = message_of(sent, acme)
    assert message.opened_at and message.clicked_at
    with scope(acme):
        tallies = sent.batch.tallies()
        assert (tallies["opened"], tallies["clicked"]) == (1, 1)
        assert sum(HourlyHits.objects.values_list("n", flat=True)) == 2
        assert sent.batch.links.get().clicks == 1, "clicks within a minute are one"


def test_a_click_alone_proves_the_open(sent, acme):
    Client(headers=BROWSER).get(sent.click)
    fold_all()
    with scope(acme):
        assert sent.batch.tallies()["opened"] == 1


@pytest.mark.parametrize(
    "agent", ["", "curl/8", "Barracuda Sentinel", "Mozilla/5.0 (compatible; Googlebot/2.1)", "python-requests/2"]
)
def test_scanners_are_answered_and_not_counted(sent, acme, agent):
    client = Client(headers={"user-agent": agent} if agent else None)
    assert client.get(sent.click).status_code == 302
    assert Client(headers=BROWSER).head(sent.click).status_code == 302
    assert Client(headers=BROWSER).head(sent.pixel).status_code == 200
    fold_all()
    with scope(acme):
        (kept,) = Hit.objects.all()
        assert kept.made_by != Hit.MadeBy.PERSON and kept.agent == agent, "a better rule can be applied later"
        assert "clicked" not in sent.batch.tallies() and sent.batch.links.get().clicks == 0


def test_a_scanner_before_a_reader_hides_nobody(sent, acme):
    Client(headers={"user-agent": "Barracuda Sentinel"}).get(sent.click)
    Client(headers=BROWSER).get(sent.click)
    fold_all()
    with scope(acme):
        assert sent.batch.tallies()["clicked"] == 1 and sent.batch.links.get().clicks == 1


def test_the_image_proxies_of_mailbox_providers_are_readers(sent, acme):
    Client(headers={"user-agent": "Mozilla/5.0 (via ggpht.com GoogleImageProxy)"}).get(sent.pixel)
    fold_all()
    with scope(acme):
        assert Hit.objects.get().made_by == Hit.MadeBy.UNKNOWN and sent.batch.tallies()["opened"] == 1


def test_there_is_no_open_redirect(sent):
    client = Client(headers=BROWSER)
    base = sent.click.rsplit("/", 2)[0]
    assert client.get(f"{base}/99/").status_code == 404
    assert client.get("/c/forged/0/").status_code == 404
    assert client.get("/o/forged.gif").status_code == 404
    assert client.get("/u/forged/").status_code == 404
    assert client.post("/u/forged/").status_code == 404
    assert client.get(sent.click + "?url=https://evil.example")["Location"] == "https://shop.example/a?b=1&c=2"


PERSONAL = (
    '<a href="https://shop.example/?e={{ email }}&amp;n=1#top">A</a> <a href="https://shop.example/">B</a> '
    '<a href="https://shop.example/">C</a> <p>{{ postal_address }}</p><a href="{{ unsubscribe_url }}">Unsubscribe</a>'
)


@pytest.fixture
def personal(acme, send_all):
    """(the batch, the addresses of the counted links) of a message with a personal link and two to the same place."""
    with scope(acme):
        factories.contacts(1)
        batch = sending.start(factories.campaign(html=PERSONAL).pk).first_batch
    batch = send_all(batch)
    with scope(acme):
        source = bytes(CapturedMessage.objects.get().source)
    html = email.message_from_bytes(source, policy=email.policy.default).get_body(("html",)).get_content()
    return batch, [unescape(found) for found in re.findall(r'href="http://localhost:8000([^"]*/c/[^"]*)"', html)]


def test_a_link_with_merge_tags_leads_where_its_reader_is_sent_and_is_counted(acme, personal):
    batch, (first, _second, _third) = personal
    response = Client(headers=BROWSER).get(first.partition("#")[0])  # a browser keeps what follows "#" for itself
    assert response["Location"] == "https://shop.example/?e=p0@example.com&n=1"
    fold_all()
    with scope(acme):
        assert batch.links.get(n=0).clicks == 1


@pytest.mark.parametrize(
    "rest", ["@evil.example", "//evil.example/", "\\evil.example", ".evil.example", "", "%0d%0aX: 1"]
)
def test_whatever_stands_behind_a_click_it_leads_to_the_same_host(personal, rest):
    _, (first, *_) = personal
    response = Client(headers=BROWSER).get(f"{first.partition('?')[0]}?{rest}")
    assert urlsplit(response["Location"]).netloc == "shop.example" and "X" not in response


@pytest.mark.parametrize("end", ["?", "#", "/?", "/#", "/", "/a?b="])
@pytest.mark.parametrize("host, in_ascii", [("münchen.example", "xn--mnchen-3ya.example"), ("☃.example", "")])
def test_a_host_with_other_letters_ends_where_the_merchant_ended_it(acme, personal, host, in_ascii, end):
    batch, (first, *_) = personal
    with scope(acme):
        batch.links.filter(n=0).update(prefix=f"https://u@{host}:8443{end}")
    location = Client(headers=BROWSER).get(f"{first.partition('?')[0]}?.evil.example/")["Location"]
    assert location.endswith(f":8443{end}.evil.example/")
    assert urlsplit(location).hostname == in_ascii or not in_ascii


def test_two_links_to_one_place_are_counted_apart(acme, personal):
    batch, (_first, second, third) = personal
    Client(headers=BROWSER).get(second)
    Client(headers=BROWSER).get(third)
    Client(headers=BROWSER).get(third.replace("/2/", "/1/"))  # within a minute of the second: the same click
    fold_all()
    with scope(acme):
        assert [link.clicks for link in batch.links.all()] == [0, 1, 1]
        links = CampaignReport(Campaign.objects.get()).links
    assert [(link["label"], link["position"], link["clicks"]) for link in links] == [
        ("B", 1, 1),
        ("C", 2, 1),
        ("A", 0, 0),
    ]


def test_the_web_copy_runs_in_a_sandbox(sent):
    response = Client().get(sent.web_copy)
    assert "Hello P0" in response.content.decode()
    policy = response["Content-Security-Policy"]
    assert policy.startswith("sandbox") and "script-src" not in policy and "default-src 'none'" in policy


def test_no_pixel_where_the_workspace_counts_no_opens(acme, send_all):
    acme.tracks_opens = False
    acme.save()
    with scope(acme):
        factories.contacts(1)
        batch = sending.start(factories.campaign().pk).first_batch
    send_all(batch)
    with scope(acme):
        assert b"/o/" not in bytes(CapturedMessage.objects.get().source)


def test_unsubscribing_twice_withdraws_once(acme):
    with scope(acme):
        (person,) = factories.contacts(1)
        for _ in range(2):
            ledger.withdraw(person, source=Consent.Source.PAGE)
        assert Consent.objects.count() == 1


def test_looking_into_the_sandbox_is_no_open(sent, acme, bob, as_user):
    with scope(acme):
        captured = CapturedMessage.objects.get(recipient="p0@example.com")
    page = as_user(bob).get(f"/w/acme/sending/sandbox/{captured.pk}/html/")
    assert "Hello P0" in page.content.decode() and "/o/" not in page.content.decode() and "/o/" in sent.html
    assert page["Content-Security-Policy"].startswith("sandbox")


@pytest.mark.parametrize(
    "url, location",
    [
        ("https://café.fr/à?b=1#c", "https://xn--caf-dma.fr/%C3%A0?b=1#c"),
        ("https://u@faß.de:8443/", "https://u@xn--fa-hia.de:8443/"),
        ("https://shop.example/l'offre {id}", "https://shop.example/l'offre%20%7Bid%7D"),
    ],
)
def test_a_click_leads_to_an_address_that_every_program_understands(sent, acme, url, location):
    with scope(acme):
        TrackedLink.objects.update(url=url)
    assert Client().get(sent.click, headers=BROWSER)["Location"] == location
