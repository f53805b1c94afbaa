"""The preference centre: what a person can change, the proof that is recorded, and its effect on sending."""

import re
from dataclasses import asdict
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import Workspace
from campaigns import sending
from contacts.consent import ledger, preferences, suppression_list
from contacts.events import PreferencesAsked, RightsAsked
from contacts.models import Consent, Contact, Suppression, Topic, TopicChoice
from delivery.models import CapturedMessage, Message
from kernel import jobs
from kernel.links import sign_ids
from kernel.tenancy import scope
from tests import factories
from tests.contacts.conftest import path
from tests.markup import flat


@pytest.fixture
def ana(acme):
    with scope(acme):
        contact = Contact.objects.create(email="ana@example.com", first_name="Ana", phone="+33612345678")
        ledger.grant(contact, source=Consent.Source.MEMBER, wording="at the fair")
        return contact


@pytest.fixture
def page_of(visitor):
    """Read the page and save it with some values changed (None removes a box)."""

    def post(contact, **changes):
        address = path(preferences.link(contact))
        text = flat(visitor.get(address))
        values = dict(re.findall(r'name="((?:way|topic)_\w+)"()(?= checked)', text))
        values = dict.fromkeys(values, "on")
        for name in ("first_name", "last_name", "paused_until"):
            found = re.search(rf'name="{name}"[^>]*? value="([^"]*)"|value="([^"]*)"[^>]*? name="{name}"', text)
            values[name] = (found[1] or found[2] or "") if found else ""
        values["frequency"] = next(iter(re.findall(r'<option value="(\w*)" selected>', text)), "")
        values["language"] = "en"
        values["shown"] = re.findall(r'name="shown" value="(\w+)"', text)
        values |= changes
        return visitor.post(address, {name: value for name, value in values.items() if value is not None})

    return post


def again(workspace, contact) -> Contact:
    with scope(workspace):
        contact.refresh_from_db()
    return contact


def test_an_empty_form_erases_nothing(acme, ana, visitor):
    """As scanners and mail programs send it to addresses that they find in messages."""
    with scope(acme):
        Contact.objects.filter(pk=ana.pk).update(last_name="Kasse", frequency="weekly", language="fr")
    assert visitor.post(path(preferences.link(ana)), {}).status_code == 200
    again(acme, ana)
    assert (ana.first_name, ana.last_name, ana.frequency, ana.language) == ("Ana", "Kasse", "weekly", "fr")
    assert ana.phone and ana.status == "subscribed"


def test_open_tracking_is_shown_as_it_is_and_can_be_refused(acme, ana, page_of, visitor):
    def shown() -> str:
        return flat(visitor.get(path(preferences.link(ana))))

    assert re.search(r'name="way_tracking" checked', shown()), "opens of who has said nothing are seen"
    page_of(ana)
    assert again(acme, ana).tracking_status == "pending", "a box that was ticked already proves no consent"
    page_of(ana, way_tracking=None)
    assert again(acme, ana).tracking_status == "unsubscribed"
    assert 'name="way_tracking"' in shown() and not re.search(r'name="way_tracking" checked', shown())
    Workspace.objects.update(tracks_opens=False)
    assert "way_tracking" not in shown()


def test_opening_or_saving_the_page_unchanged_changes_nothing(acme, ana, page_of, visitor):
    with scope(acme):
        Topic.objects.create(name="News")
        Topic.objects.create(name="Offers", needs_choice=True)
        before = list(Consent.objects.values())
    address = path(preferences.link(ana))
    for method in (visitor.get, visitor.head):
        response = method(address)
        assert response.status_code == 200 and not response.cookies
    assert "Your preferences have been saved." in page_of(ana).content.decode()
    with scope(acme):
        assert list(Consent.objects.values()) == before
    assert again(acme, ana).status == "subscribed"


def test_saving_asks_for_the_choices_once_before_and_once_after(acme, ana, page_of):
    with scope(acme):
        Topic.objects.create(name="Offers")
    page_of(ana)
    with CaptureQueriesContext(connection) as queries:
        page_of(ana, first_name="Anna")
    sql = [query["sql"] for query in queries if 'FROM "contacts_topicchoice"' in query["sql"]]
    assert len(sql) == 3, "with the page that is read beforehand"


def test_topics_channels_and_data_are_changed_with_proof(acme, ana, page_of):
    with scope(acme):
        news = Topic.objects.create(name="News")
        offers = Topic.objects.create(name="Offers", needs_choice=True)
    changes = {
        f"topic_{news.pk}_email": None,
        f"topic_{offers.pk}_email": "on",
        f"topic_{offers.pk}_sms": "on",
        "way_sms": "on",
        "first_name": "Anna",
        "last_name": "Silva",
        "frequency": "weekly",
        "phone": "+33 7 68 12 34 56",
    }
    assert "Your preferences have been saved." in page_of(ana, **changes).content.decode()
    again(acme, ana)
    assert (ana.first_name, ana.last_name, ana.frequency, ana.phone) == ("Anna", "Silva", "weekly", "+33768123456")
    assert (ana.status, ana.sms_status, ana.whatsapp_status) == ("subscribed", "subscribed", "pending")
    with scope(acme):
        choices = set(TopicChoice.objects.values_list("topic_id", "channel", "wanted"))
        assert choices == {
            (news.pk, "email", False),
            (offers.pk, "email", True),
            (news.pk, "sms", False),
            (offers.pk, "sms", True),
        }
        rows = Consent.objects.filter(source="preferences")
        assert set(rows.values_list("channel", "topic_id", "state")) == {
            ("sms", None, "granted"),
            ("email", news.pk, "withdrawn"),
            ("email", offers.pk, "granted"),
            ("sms", news.pk, "withdrawn"),
            ("sms", offers.pk, "granted"),
        }
        sms = rows.get(channel="sms", topic=None)
        assert sms.wording == "I want to receive news from Acme by SMS." and sms.address == "127.0.0.1" and sms.page


def test_choosing_a_topic_turns_no_channel_on(acme, ana, page_of):
    with scope(acme):
        topic = Topic.objects.create(name="Offers", needs_choice=True)
    page_of(ana, way_email=None, **{f"topic_{topic.pk}_email": "on"})
    assert again(acme, ana).status == "unsubscribed"
    page_of(ana, **{f"topic_{topic.pk}_email": "on"})
    assert again(acme, ana).status == "unsubscribed"
    page_of(ana, way_email="on", **{f"topic_{topic.pk}_email": "on"})
    assert again(acme, ana).status == "subscribed"


def test_no_topic_is_ticked_on_a_channel_that_is_off(acme, ana, page_of, visitor):
    """That refuses nothing: what was wanted is wanted again with the channel, unless others are chosen with it."""
    with scope(acme):
        news, offers = (Topic.objects.create(name=name) for name in ("News", "Offers"))
    link, box = path(preferences.link(ana)), f'name="topic_{news.pk}_email"'
    assert f"{box} checked" in flat(visitor.get(link))
    gone = flat(visitor.post(link, {"action": "nothing"}))
    assert box in gone and f"{box} checked" not in gone
    page_of(ana)
    assert f"{box} checked" in flat(page_of(ana, way_email="on"))
    with scope(acme):
        assert not TopicChoice.objects.exists()
    page_of(ana, way_sms="on", **{f"topic_{offers.pk}_sms": "on"})
    with scope(acme):
        assert TopicChoice.objects.get(wanted=False).topic == news


def test_a_box_that_the_page_did_not_show_is_ignored(acme, ana, visitor):
    with scope(acme):
        news = Topic.objects.create(name="News")
        Contact.objects.update(phone=None)
    address = path(preferences.link(ana))
    shown = re.findall(r'name="shown" value="(\w+)"', visitor.get(address).content.decode())
    assert f"topic_{news.pk}_email" in shown and f"topic_{news.pk}_sms" not in shown
    with scope(acme):
        newer = Topic.objects.create(name="Newer")
    data = {
        "way_email": "on",
        "way_tracking": "on",
        f"topic_{news.pk}_email": "on",
        "phone": "+33612345678",
        "shown": shown,
    }
    assert "Your preferences have been saved." in visitor.post(address, data).content.decode()
    with scope(acme):
        assert not TopicChoice.objects.exists() and not Consent.objects.filter(state="withdrawn").exists()
    # On the current page it is an answer.
    visitor.post(address, {"way_email": "on", "way_tracking": "on", "shown": [*shown, f"topic_{newer.pk}_email"]})
    with scope(acme):
        assert set(TopicChoice.objects.values_list("topic_id", "channel", "wanted")) == {
            (news.pk, "email", False),
            (newer.pk, "email", False),
        }


def test_saving_the_page_makes_an_inactive_person_active(acme, ana, page_of):
    with scope(acme):
        Contact.objects.update(inactive_at=timezone.now(), engaged_at=None)
    page_of(ana)
    assert again(acme, ana).inactive_at is None and ana.engaged_at


def test_opting_out_of_everything(acme, ana, visitor):
    with scope(acme):
        ledger.grant(ana, channel="tracking", source=Consent.Source.MEMBER, wording="x")
    page = visitor.post(path(preferences.link(ana)), {"action": "nothing"}).content.decode()
    assert "any more messages" in page and "Unsubscribe from all messages" not in page
    again(acme, ana)
    assert {ana.status, ana.sms_status, ana.whatsapp_status, ana.tracking_status} == {"unsubscribed"}
    with scope(acme):
        assert Suppression.objects.get(channel="email").reason == "unsubscribed"
        rows = Consent.objects.count()
    visitor.post(path(preferences.link(ana)), {"action": "nothing"})
    with scope(acme):
        assert Consent.objects.count() == rows


@pytest.mark.parametrize("reason", ["manual", "complained"])
def test_a_do_not_contact_entry_stays(acme, ana, page_of, reason):
    with scope(acme):
        suppression_list.suppress("email", "ana@example.com", reason)
        Contact.objects.update(status="complained" if reason == "complained" else "pending")
    page = page_of(ana, way_email="on").content.decode().replace("&#x27;", "'")
    assert "could not be saved" in page
    assert again(acme, ana).status != "subscribed"


@pytest.mark.parametrize(
    "change, words",
    [
        ({"paused_until": "2020-01-01"}, "after today"),
        ({"paused_until": "2999-01-01"}, "within the next year"),
        ({"paused_until": "soon"}, "Enter a valid date"),
        ({"frequency": "hourly"}, "Select a valid choice"),
        ({"language": "de"}, "Select a valid choice"),
        ({"phone": "12"}, "Not a phone number"),
        ({"first_name": "a\0b"}, "Null characters"),
        ({"first_name": "x" * 121}, "at most 120"),
    ],
)
def test_errors_are_shown_and_nothing_is_saved(acme, ana, page_of, change, words):
    response = page_of(ana, **{"last_name": "Kept", "way_email": None, **change})
    assert response.status_code == 422 and words in response.content.decode() and "Kept" in response.content.decode()
    assert (again(acme, ana).last_name, ana.status) == ("", "subscribed")


def test_the_page_hides_the_number_and_lets_it_be_deleted(acme, ana, page_of, visitor):
    page = visitor.get(path(preferences.link(ana))).content.decode()
    assert "612345678" not in page and "ending in 78" in page and "ana@example.com" not in page
    page_of(ana, forget_phone="on")
    assert again(acme, ana).phone is None


def test_a_number_of_another_contact_is_taken_without_a_word(acme, ana, page_of):
    """A refusal would tell strangers who is registered here."""
    with scope(acme):
        Contact.objects.create(phone="+33768123456", first_name="Secret")
    answer = page_of(ana, phone="+33768123456")
    assert answer.status_code == 200 and "Secret" not in answer.content.decode()
    assert again(acme, ana).phone == "+33768123456"


def test_a_number_that_somebody_said_no_for_stays_silent(acme, ana, page_of):
    page_of(ana, way_sms="on")
    with scope(acme):
        other = Contact.objects.create(phone="+33768123456", sms_status="subscribed")
        ledger.withdraw(other, channel="sms", source=Consent.Source.PREFERENCES)
    page_of(ana, phone="+33768123456")
    assert again(acme, ana).sms_status == "unsubscribed"
    page_of(ana, way_sms="on")
    assert again(acme, ana).sms_status == "unsubscribed", "the other reads what is sent to this number"


def test_guessing_phone_numbers_is_stopped(acme, ana, page_of):
    with scope(acme):
        Contact.objects.create(phone="+33768123456")
    for n in range(5):
        assert page_of(ana, phone=f"+3376812345{n}").status_code == 200
    for taken in ("+33768123456", "+33768123457"):
        answer = page_of(ana, phone=taken)
        assert answer.status_code == 422 and "too many times today" in answer.content.decode()


def test_deleting_the_number_withdraws_its_consents(acme, ana, page_of):
    page_of(ana, way_sms="on")
    assert again(acme, ana).sms_status == "subscribed"
    page_of(ana, forget_phone="on")
    assert (again(acme, ana).phone, ana.sms_status) == (None, "unsubscribed")
    page_of(ana, phone="+33768123456")
    assert again(acme, ana).sms_status == "unsubscribed"
    with scope(acme):
        assert Consent.objects.filter(channel="sms").values_list("state", flat=True).first() == "withdrawn"
        assert not Suppression.objects.exists()


def test_the_page_is_in_the_persons_language_and_can_change_it(acme, ana, page_of, visitor):
    address = path(preferences.link(ana))
    assert 'lang="en"' in visitor.get(address, headers={"accept-language": "fr"}).content.decode()
    assert 'lang="fr"' in page_of(ana, language="fr").content.decode()
    assert again(acme, ana).language == "fr" and 'lang="fr"' in visitor.get(address).content.decode()
    with scope(acme):
        Contact.objects.update(language="xx")
    assert 'lang="en"' in visitor.get(address).content.decode()


def test_other_tokens_are_not_found(acme, beta, ana, visitor):
    for token in (
        sign_ids("person", acme.pk),
        sign_ids("person", 99_999_999, ana.pk),
        sign_ids("form", acme.pk, ana.pk),
        sign_ids("message", acme.pk, ana.pk),
        "forged",
    ):
        for method in (visitor.get, visitor.post):
            assert method(f"/p/{token}/").status_code == 404
    response = visitor.post(f"/p/{sign_ids('person', beta.pk, ana.pk)}/", {"action": "nothing"})
    assert response.status_code == 410 and again(acme, ana).status == "subscribed"


def test_deleted_and_merged_contacts(acme, ana, visitor):
    with scope(acme):
        other = Contact.objects.create(email="ana2@example.com")
        Contact.objects.filter(pk=other.pk).update(merged_into_id=ana.pk, deleted_at=timezone.now(), email=None)
        other.refresh_from_db()
    assert "a•••@example.com" in visitor.get(path(preferences.link(other))).content.decode()
    with scope(acme):
        Contact.objects.filter(pk=ana.pk).update(deleted_at=timezone.now())
    for contact in (ana, other):
        assert visitor.get(path(preferences.link(contact))).status_code == 410


def test_nothing_that_is_posted_breaks_the_page(acme, ana):
    client = Client(raise_request_exception=False)
    address = path(preferences.link(ana))
    for body in (b"\xff\x00", b"way_email=%00", b"first_name=%00&topic_x_email=on&topic_1_=on", b"&" * 9000):
        for kind in ("application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "text/plain; charset=hex"):
            assert client.generic("POST", address, body, content_type=kind).status_code < 500
    assert client.generic("POST", address, b"x" * 10_000_000).status_code == 413


# --- the effect on sending


@pytest.fixture
def campaign_to(acme, run_jobs):
    """Send a campaign on a topic; returns {address: state and reason}."""

    def run(topic=None) -> dict:
        with scope(acme):
            batch = sending.start(factories.campaign(topic=topic).pk).first_batch
        run_jobs()
        with scope(acme):
            rows = Message.objects.filter(batch=batch).select_related("contact")
            return {row.contact.email: (row.get_state_display(), row.reason) for row in rows}

    return run


def test_sending_skips_people_who_opted_out_of_the_topic(acme, ana, page_of, campaign_to):
    with scope(acme):
        factories.contacts(1)
        topic = Topic.objects.create(name="News")
    page_of(ana, **{f"topic_{topic.pk}_email": None})
    assert campaign_to(topic) == {"ana@example.com": ("Skipped", "topic"), "p0@example.com": ("Sent", "")}
    assert campaign_to()["ana@example.com"] == ("Sent", "")


def test_sending_respects_pauses_and_one_message_a_week(acme, ana, page_of, campaign_to):
    with scope(acme):
        factories.contacts(1)
    page_of(ana, paused_until=(timezone.localdate() + timedelta(days=30)).isoformat())
    assert campaign_to()["ana@example.com"] == ("Skipped", "paused")
    page_of(ana, paused_until="", frequency="weekly")
    assert campaign_to()["ana@example.com"] == ("Sent", "")
    assert campaign_to() == {"ana@example.com": ("Skipped", "frequency"), "p0@example.com": ("Sent", "")}


def test_a_requested_mail_does_not_count_as_the_weekly_message(acme, ana, page_of, campaign_to, visitor, mails):
    page_of(ana, frequency="weekly")
    visitor.post(path(preferences.find_address(acme)), {"email": "ana@example.com"})
    assert len(mails(acme)) == 1
    assert campaign_to()["ana@example.com"] == ("Sent", "")


def test_every_message_links_to_the_page(acme, ana, campaign_to, visitor):
    with scope(acme):
        from templates_app import starters
        from templates_app.models import MessageTemplate

        template = MessageTemplate.objects.create(name="N", html=starters.find("newsletter").html)
        batch = sending.start(factories.campaign(template=template).pk).first_batch
    campaign_to()
    import email
    import email.policy

    with scope(acme):
        source = bytes(CapturedMessage.objects.get(batch=batch).source)
    html = email.message_from_bytes(source, policy=email.policy.default).get_body(("html",)).get_content()
    address = path(re.search(r'href="([^"]*/p/[^"]*)"', html)[1])
    assert "Your preferences" in visitor.get(address).content.decode()
    visitor.post(address, {"action": "nothing"})
    assert again(acme, ana).status == "unsubscribed"
    unsubscribe = path(re.search(r'href="([^"]*/u/[^"]*)"', html)[1])
    page = visitor.get(unsubscribe).content.decode()
    # People who got the message forwarded see that page, so it must not show the person's permanent link.
    assert address in page
    assert path(preferences.link(ana)) not in page


# --- the link by e-mail


def test_the_link_is_mailed_and_the_answer_does_not_tell_who_is_known(acme, ana, visitor, mails):
    address = path(preferences.find_address(acme))
    assert visitor.get(address).status_code == 200
    answers = [visitor.post(address, {"email": one}).content.decode() for one in ("ana@example.com", "zoe@example.com")]
    assert answers[0].replace("ana@", "zoe@") == answers[1]
    ((recipient, message, link),) = mails(acme)
    assert recipient == "ana@example.com" and "List-Unsubscribe" not in message
    assert "Your preferences" in visitor.get(link).content.decode()
    assert visitor.post(address, {"email": "nobody"}).content.decode().count("exactly one @") == 1


def test_links_are_limited_by_address_and_by_network(acme, ana, visitor, mails, settings):
    settings.FORM_MAILS_PER_HOUR, settings.FORM_SIGNUPS_PER_HOUR = 2, 4
    address = path(preferences.find_address(acme))
    answers = [visitor.post(address, {"email": "ana@example.com"}) for _ in range(5)]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 200, 429]
    assert len({answer.content for answer in answers[:4]}) == 1 and len(mails(acme)) == 2


def test_people_without_consent_get_the_link_but_bounced_addresses_do_not(acme, visitor, mails):
    with scope(acme):
        factories.contacts(1, status="unsubscribed")
        Contact.objects.create(email="dead@example.com", status="bounced")
    for one in ("p0@example.com", "dead@example.com"):
        visitor.post(path(preferences.find_address(acme)), {"email": one})
    assert [recipient for recipient, _, _ in mails(acme)] == ["p0@example.com"]


@pytest.mark.parametrize("asks, job", [(PreferencesAsked, "mail_preferences"), (RightsAsked, "mail_rights")])
def test_a_repeated_job_mails_once_and_a_second_request_again(acme, ana, mails, asks, job):
    event = asks(contact_id=ana.pk)
    for _ in range(2):
        jobs.run(f"delivery.{job}@event", acme.pk, asdict(event))
    assert len(mails(acme)) == 1
    jobs.run(f"delivery.{job}@event", acme.pk, asdict(asks(contact_id=ana.pk)))
    assert len(mails(acme)) == 2
