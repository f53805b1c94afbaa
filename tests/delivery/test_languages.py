"""A content in several languages: which body a person gets is decided when the batch is filled, and stays so."""

import email
import email.policy
import re

import pytest
from django.test import Client

from analytics.reports.campaign import CampaignReport
from campaigns import sending
from campaigns.models import Campaign
from contacts.models import Contact
from delivery import batching, privacy, retrying, tracking
from delivery.channels.base import Outbox, RecipientPart, SharedPart
from delivery.channels.email.composing import Content
from delivery.models import CapturedMessage, Message, Tally, TrackedLink
from kernel.tenancy import scope
from templates_app.models import ContentLink, MessageTemplate
from tests import factories
from tests.markup import flat

ENGLISH = '<p>Good morning</p><a href="https://shop.example/en">Shop</a> {{ postal_address }} <a href="{{ unsubscribe_url }}">x</a>'
FRENCH = '<p>Bonjour</p><a href="https://shop.example/fr">Boutique</a> {{ postal_address }} <a href="{{ unsubscribe_url }}">x</a>'
LANGUAGES = {"en@x.example": "en", "fr@x.example": "fr", "de@x.example": "de", "none@x.example": ""}


def translated(**translations) -> MessageTemplate:
    template = MessageTemplate.objects.create(name="T", html=ENGLISH)
    for language, html in translations.items():
        MessageTemplate.objects.create(name=language, html=html, original=template, language=language)
    return template


@pytest.fixture
def opened(acme):
    """A campaign in English and French to people of four languages, not filled yet."""
    with scope(acme):
        Contact.objects.bulk_create(
            [Contact(email=address, language=code, status="subscribed") for address, code in LANGUAGES.items()]
        )
        campaign = factories.campaign(
            template=translated(fr=FRENCH),
            subject="Hello",
            preheader="Before",
            translations={"fr": {"subject": "Salut", "preheader": "Avant"}},
        )
        return sending.start(campaign.pk).first_batch


def received(workspace) -> dict:
    """{recipient: (subject, HTML)} of what was sent."""
    with scope(workspace):
        found = {}
        for one in CapturedMessage.objects.all():
            message = email.message_from_bytes(bytes(one.source), policy=email.policy.default)
            found[one.recipient] = (message["Subject"], message.get_body(("html",)).get_content())
    return found


def test_each_gets_their_language_and_the_others_the_original(acme, opened, send_all):
    send_all(opened)
    got = received(acme)
    assert {address: subject for address, (subject, _) in got.items()} == {
        "en@x.example": "Hello",
        "fr@x.example": "Salut",
        "de@x.example": "Hello",
        "none@x.example": "Hello",
    }
    for address, (_, html) in got.items():
        assert ("Bonjour" in html, "Avant" in html) == (address == "fr@x.example",) * 2
        assert ("Good morning" in html, "Before" in html) == (address != "fr@x.example",) * 2


def test_a_language_that_changes_after_the_fill_changes_nothing(acme, opened, send_all):
    batching.fill(opened.pk)
    with scope(acme):
        Contact.objects.filter(email="fr@x.example").update(language="en")
        Contact.objects.filter(email="en@x.example").update(language="fr")
    send_all(opened)
    got = received(acme)
    assert (got["fr@x.example"][0], got["en@x.example"][0]) == ("Salut", "Hello")


def test_what_was_sent_is_shown_in_its_language_for_ever(acme, opened, send_all):
    send_all(opened)
    with scope(acme):
        MessageTemplate.objects.update(html="<p>Something else</p>")
        Contact.objects.update(language="de")
    for address, greeting in (("fr@x.example", "Bonjour"), ("en@x.example", "Good morning")):
        with scope(acme):
            contact = Contact.objects.get(email=address)
            token = tracking.signer(tracking.MESSAGE, acme.pk, opened.pk).sign(contact.pk)
        assert greeting in Client().get(f"/v/{token}/").content.decode()


def test_what_a_person_is_told_about_them_is_in_their_language(acme, opened, send_all):
    send_all(opened)
    with scope(acme):
        found = {address: privacy.messages(Contact.objects.get(email=address)) for address in LANGUAGES}
    subjects = {address: [one["subject"] for one in messages] for address, messages in found.items()}
    assert subjects == {address: ["Hello"] for address in LANGUAGES} | {"fr@x.example": ["Salut"]}


def test_links_of_all_bodies_are_counted_apart(acme, opened, send_all):
    send_all(opened)
    with scope(acme):
        links = dict(TrackedLink.objects.filter(batch=opened).values_list("n", "url"))
        assert ContentLink.objects.filter(content=opened.content).count() == len(links)
    assert links == {0: "https://shop.example/en", 1: "https://shop.example/fr"}
    got = received(acme)
    for address, n, target in (("fr@x.example", 1, links[1]), ("en@x.example", 0, links[0])):
        place = re.search(r'href="http://localhost:8000(/c/[^"]*)"', got[address][1])[1]
        assert place.endswith(f"/{n}/")
        assert Client().get(place)["Location"] == target


def test_rows_and_report_say_the_language(acme, opened, send_all, alice, as_user):
    send_all(opened)
    with scope(acme):
        rows = dict(Message.objects.filter(batch=opened).values_list("contact__email", "language"))
        campaign = Campaign.objects.get()
        report = CampaignReport(campaign)
        assert report.languages == [("French", 1)] and report.number("planned") == 4 and report.adds_up
    assert rows == dict.fromkeys(LANGUAGES) | {"fr@x.example": "fr"}
    assert '<div class="sub">French: 1</div>' in flat(as_user(alice).get(f"/w/acme/reports/campaigns/{campaign.pk}/"))


def test_a_retry_is_in_the_same_language_and_counted_once(acme, opened, send_all):
    send_all(opened)
    with scope(acme):
        Message.objects.filter(batch=opened).update(state=Message.State.FAILED, reason="policy")
        facts = {"accepted": -4, "failed": 4}
        for fact, n in facts.items():
            reason = "policy" if fact == "failed" else ""
            tally, _ = Tally.objects.get_or_create(batch=opened, fact=fact, reason=reason)
            Tally.objects.filter(pk=tally.pk).update(n=tally.n + n)
        CapturedMessage.objects.all().delete()
        again = retrying.retry(opened, ["policy"])
    send_all(again)
    assert received(acme)["fr@x.example"][0] == "Salut"
    with scope(acme):
        assert CampaignReport(Campaign.objects.get()).languages == [("French", 1)]


def test_contents_without_translations_keep_their_hash():
    content = Content(subject="s", html="h", text="t", from_name="n", from_email="a@x.example")
    assert set(content.body()) == {"subject", "preheader", "html", "text"}
    assert "translations" not in content.parameters()


def test_a_bulk_call_has_messages_of_one_language():
    english, french = SharedPart(1), SharedPart(1)

    class Source:
        def shared_part(self, person):
            return french if person == "fr" else english

        def recipient_part(self, person):
            return RecipientPart(self.shared_part(person), 1, f"{person}@x.example")

    outbox = Outbox()
    outbox.put(Source(), ["en", "en", "fr", "fr", "fr"])
    calls = [[person for _source, person, _part in outbox.take_bulk(lambda part: 10)] for _ in range(3)]
    assert calls == [["en", "en"], ["fr", "fr", "fr"], []]
