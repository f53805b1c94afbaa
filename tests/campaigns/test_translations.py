"""Campaigns whose template has several languages: subjects, checks, tests, what was sent."""

from html import unescape

import pytest

from campaigns import readiness, sending
from contacts.models import Contact
from delivery.models import CapturedMessage
from delivery.sending import lane
from kernel.tenancy import scope
from templates_app.models import MessageTemplate
from tests import factories
from tests.markup import flat

BROKEN = "<p>Bonjour {{ nickname }}</p>"


@pytest.fixture
def campaign(acme):
    with scope(acme):
        factories.contacts(2)
        Contact.objects.update(language="fr")
        template = MessageTemplate.objects.create(name="T", html=factories.HTML)
        MessageTemplate.objects.create(name="FR", html=BROKEN, original=template, language="fr")
        return factories.campaign(template=template, subject="Hello")


def write(browser, page, data):
    """Send the form as the page gave it."""
    opened = browser.get(page).content.decode().split('name="opened" value="')[1].split('"')[0]
    return browser.post(page, {**data, "opened": unescape(opened)})


def test_two_members_do_not_overwrite_each_other(acme, campaign, alice, as_user):
    browser, page = as_user(alice), f"/w/acme/campaigns/{campaign.pk}/translations/"
    opened = unescape(browser.get(page).content.decode().split('name="opened" value="')[1].split('"')[0])
    write(browser, page, {"subject-fr": "Hers"})
    answer = flat(browser.post(page, {"subject-fr": "His", "opened": opened}))
    assert "Someone saved other changes here" in answer and 'value="His"' in answer
    with scope(acme):
        campaign.refresh_from_db()
    assert campaign.translations["fr"]["subject"] == "Hers"


def test_subjects_are_written_for_each_language(acme, campaign, alice, as_user):
    browser = as_user(alice)
    page = f"/w/acme/campaigns/{campaign.pk}/translations/"
    assert "French" in flat(browser.get(page))
    assert "This must fit on one line" in flat(write(browser, page, {"subject-fr": "a\nb"}))
    assert 'value="{{ x"' in flat(write(browser, page, {"subject-fr": "{{ x"}))
    write(browser, page, {"subject-fr": "Salut {{ first_name }}", "preheader-fr": "Avant"})
    with scope(acme):
        campaign.refresh_from_db()
    assert campaign.translations == {"fr": {"subject": "Salut {{ first_name }}", "preheader": "Avant"}}
    assert "Salut {{ first_name }}" in flat(browser.get(f"/w/acme/campaigns/{campaign.pk}/?checks=1"))


def test_checks_name_the_language(acme, campaign):
    with scope(acme):
        found = {(check.level, check.text) for check in readiness.checks(campaign)}
    assert ("warning", "French: Unknown merge tag {{ nickname }}. It will be empty.") in found
    assert ("warning", "French: It has no subject of its own; its readers get the original's.") in found
    assert not [text for level, text in found if level == "ok" and text.startswith("French")]


def test_a_translation_that_cannot_be_sent_stops_the_campaign(acme, campaign):
    with scope(acme):
        MessageTemplate.objects.filter(original=campaign.template).update(html="<p>{{ x</p>")
        with pytest.raises(sending.Refused, match="French"):
            sending.start(campaign.pk)


def test_a_test_is_sent_in_the_language_that_is_chosen(acme, campaign, alice, as_user):
    browser = as_user(alice)
    page = f"/w/acme/campaigns/{campaign.pk}/test/"
    with scope(acme):
        campaign.translations = {"fr": {"subject": "Salut", "preheader": ""}}
        campaign.save()
    assert "French" in flat(browser.get(page))
    browser.post(page, {"to": [alice.email], "language": "fr"})
    browser.post(page, {"to": [alice.email], "language": ""})
    while lane.run(budget=5):
        pass
    with scope(acme):
        subjects = [one.subject for one in CapturedMessage.objects.order_by("pk")]
    assert subjects == ["[Test] Salut", "[Test] Hello"]


def test_the_campaign_shows_what_it_said_in_each_language(acme, campaign, alice, as_user):
    with scope(acme):
        MessageTemplate.objects.filter(original=campaign.template).update(html=factories.HTML + "<p>Bonjour</p>")
        batch = sending.start(campaign.pk).first_batch
        MessageTemplate.objects.update(html="<p>Other</p>")
    browser = as_user(alice)
    shown = flat(browser.get(f"/w/acme/campaigns/{campaign.pk}/messages/"))
    assert shown.count("<iframe") == 2 and "French" in shown
    address = f"/w/acme/campaigns/{campaign.pk}/messages/{batch.pk}.html"
    assert "Bonjour" in browser.get(address, {"language": "fr"}).content.decode()
    for other in ("", "de", "x" * 50):
        assert "Bonjour" not in browser.get(address, {"language": other}).content.decode()
