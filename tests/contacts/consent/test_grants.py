"""A member records, on the page of an existing contact, a yes that reached them by phone or on paper."""

import datetime as dt

import pytest
from django.db import ProgrammingError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import formats, timezone

from accounts.models import AuditEntry
from contacts.consent import ledger, suppression_list
from contacts.models import Consent, Contact, Suppression, Topic, TopicChoice
from kernel.tenancy import scope
from tests.markup import flat

NOTE = "Asked for our news when she called about her order."


@pytest.fixture
def ana(acme):
    with scope(acme):
        return Contact.objects.create(email="ana@example.com", phone="+33612345678")


def record(client, contact: Contact, **values):
    answers = {"channel": "email", "way": "phone", "day": f"{timezone.localdate()}", "note": NOTE}
    return client.post(f"/w/acme/contacts/{contact.pk}/consent/new/", answers | values, follow=True)


def ledger_of(workspace) -> list[tuple]:
    with scope(workspace):
        return list(Consent.objects.order_by("id").values_list("channel", "state", "source"))


def test_a_yes_by_phone_goes_into_the_ledger_with_its_proof(acme, alice, as_user, ana):
    client = as_user(alice)
    assert (
        f'href="/w/acme/contacts/{ana.pk}/consent/new/"' in client.get(f"/w/acme/contacts/{ana.pk}/").content.decode()
    )
    page = flat(record(client, ana).content.decode())
    assert "Consent recorded." in page and NOTE in page
    with scope(acme):
        row = Consent.objects.get()
        assert (row.source, row.state, row.channel, row.actor) == ("member", "granted", "email", alice)
        assert row.wording == f"By phone: {NOTE}" and row.wording_version and row.address
        ana.refresh_from_db()
        assert (ana.status, ana.sms_status) == ("subscribed", "pending")
        entry = AuditEntry.objects.get(verb="contact.consented")
        assert (entry.record, entry.record_id, entry.actor) == ("contact", ana.pk, alice)
        assert NOTE not in str(entry.detail)


def test_the_ledger_has_the_day_of_the_yes(acme, alice, as_user, ana):
    day = timezone.localdate() - dt.timedelta(days=40)
    record(as_user(alice), ana, channel="sms", way="paper", day=f"{day}")
    with scope(acme):
        row = Consent.objects.get(channel="sms")
        assert row.at.astimezone(acme.zone).date() == day and row.wording.startswith("On paper: ")
        assert row.claimed_on == day and timezone.now() - row.recorded_at < dt.timedelta(minutes=1)


def test_a_page_shows_the_day_that_is_claimed_and_when_it_was_recorded(acme, alice, as_user, ana):
    client, day = as_user(alice), timezone.localdate() - dt.timedelta(days=40)
    with scope(acme):
        ledger.grant(ana, source=Consent.Source.FORM, wording="I agree", channel="sms", address="203.0.113.7")
    page = flat(record(client, ana, day=f"{day}").content.decode())
    assert f"Stated date: {formats.date_format(day)}" in page
    assert "Entered from 127.0.0.1" in page and "· 203.0.113.7" in page
    with scope(acme):
        row = Consent.objects.get(channel="email")
    assert f'datetime="{row.recorded_at.isoformat()}' in page
    assert page.index("SMS: Given") > page.index("E-mail: Given"), "it was recorded later"


def test_a_yes_that_is_said_to_be_older_never_beats_a_no(acme, alice, as_user, ana):
    day = timezone.localdate() - dt.timedelta(days=40)
    client = as_user(alice)
    record(client, ana, day=f"{day}")
    client.post(f"/w/acme/contacts/{ana.pk}/unsubscribe/", {"channel": "email"})
    record(client, ana, day=f"{day}")
    with scope(acme):
        ana.refresh_from_db()
        assert ana.status == "unsubscribed" and Consent.objects.count() == 2


def test_the_same_yes_is_recorded_once(acme, alice, as_user, ana):
    client = as_user(alice)
    record(client, ana)
    assert "This yes has been recorded already." in record(client, ana).content.decode()
    record(client, ana, note="Another call")
    assert ledger_of(acme) == [("email", "granted", "member")] * 2


def test_the_form_says_beforehand_what_is_known(acme, alice, as_user, ana):
    with scope(acme):
        ledger.grant(ana, source=Consent.Source.FORM, wording="yes")
        ledger.withdraw(ana, channel="tracking", source=Consent.Source.PAGE)
        suppression_list.suppress("sms", ana.phone, Suppression.Reason.MANUAL)
    client, page = as_user(alice), f"/w/acme/contacts/{ana.pk}/consent/new/"
    shown = flat(client.get(page).content.decode())
    assert "E-mail (yes already recorded)" in shown and "SMS (on the suppression list)" in shown
    assert "Individual open tracking (said no: only they can say yes again)" in shown
    assert [option.split('"')[0] for option in shown.split('<option value="')[1:] if "disabled" in option[:60]] == [
        "sms",
        "tracking",
    ]
    assert '<option value="whatsapp" selected>' in shown
    assert '<option value="email" selected>' in flat(client.get(page + "?channel=email").content.decode())


def test_a_yes_that_no_longer_holds_is_recorded_again(acme, alice, as_user, ana):
    """The address bounced and was corrected, or the contact came back from the trash: the paper is still the proof."""
    client = as_user(alice)
    record(client, ana)
    with scope(acme):
        Contact.objects.filter(pk=ana.pk).update(status="pending")
    assert "Consent recorded." in record(client, ana).content.decode()
    assert "This yes has been recorded already." in record(client, ana).content.decode()
    assert ledger_of(acme) == [("email", "granted", "member")] * 2


def test_a_yes_to_a_topic_that_is_no_longer_chosen_is_recorded_again(acme, alice, as_user, ana):
    with scope(acme):
        topic = Topic.objects.create(name="Offers", needs_choice=True)
    client = as_user(alice)
    record(client, ana)
    record(client, ana, topic=topic.pk)
    with scope(acme):
        TopicChoice.objects.all().delete()
    assert "Consent recorded." in record(client, ana, topic=topic.pk).content.decode()
    assert "This yes has been recorded already." in record(client, ana, topic=topic.pk).content.decode()
    assert ledger_of(acme) == [("email", "granted", "member")] * 3


@pytest.mark.parametrize("status", ["bounced", "unsubscribed", "subscribed"])
def test_no_channel_is_agreed_to_by_default_where_none_is_free(acme, alice, as_user, status):
    with scope(acme):
        bob = Contact.objects.create(email="bob@example.com", status=status)
    client = as_user(alice)
    shown = flat(client.get(f"/w/acme/contacts/{bob.pk}/consent/new/").content.decode())
    assert '<option value="" selected>Choose a channel</option>' in shown
    assert '<option value="tracking">' in shown and shown.count(" selected") == 1
    assert 'aria-invalid="true"' in record(client, bob, channel="").content.decode() and ledger_of(acme) == []


def test_nobody_unsubscribes_from_being_tracked(acme, alice, as_user, ana):
    with scope(acme):
        ledger.grant(ana, source=Consent.Source.FORM, wording="yes", channel="tracking")
    client, url = as_user(alice), f"/w/acme/contacts/{ana.pk}/"
    card = flat(client.get(url).content.decode())
    card = card[card.index("<h2>Consent</h2>") : card.index("Record consent")]
    assert "Withdraw" in card and "Unsubscribe" not in card and "Subscribed" not in card and "Given" in card
    page = client.post(url + "unsubscribe/", {"channel": "tracking"}, follow=True).content.decode()
    assert "Withdrawn. Whether this contact opens messages" in page and "marketing any more" not in page


def test_a_proof_is_kept_in_the_language_of_the_workspace(acme, alice, as_user, ana):
    type(acme).objects.filter(pk=acme.pk).update(language="fr")
    record(as_user(alice), ana, way="paper")
    with scope(acme):
        assert Consent.objects.get().wording == f"Sur papier\xa0: {NOTE}"


def test_nobody_changes_when_a_row_was_recorded(acme, ana):
    with scope(acme):
        ledger.grant(ana, source=Consent.Source.MEMBER, wording="w", claimed_on=timezone.localdate())
        for change in ({"recorded_at": timezone.now()}, {"claimed_on": dt.date(2020, 1, 1)}):
            with pytest.raises(ProgrammingError, match="append-only"), transaction.atomic():
                Consent.objects.update(**change)


def test_a_yes_to_a_topic_turns_no_channel_on(acme, alice, as_user, ana):
    with scope(acme):
        topic = Topic.objects.create(name="News")
    assert "needs a yes to this channel first" in record(as_user(alice), ana, topic=topic.pk).content.decode()
    with scope(acme):
        ana.refresh_from_db()
        assert ana.status == "pending" and not Consent.objects.exists() and not TopicChoice.objects.exists()


def test_a_note_overrides_no_opt_out_of_a_topic(acme, alice, as_user, ana):
    with scope(acme):
        topic = Topic.objects.create(name="News")
        ledger.grant(ana, source=Consent.Source.MEMBER, wording="yes")
        ledger.withdraw(ana, source=Consent.Source.PREFERENCES, topic=topic)
    assert "opted out of this topic" in record(as_user(alice), ana, topic=topic.pk).content.decode()
    with scope(acme):
        assert not TopicChoice.objects.get().wanted


def test_a_yes_to_a_topic_is_the_choice_of_it(acme, alice, as_user, ana, beta):
    with scope(beta):
        theirs = Topic.objects.create(name="Theirs")
    client = as_user(alice)
    assert "All topics" not in client.get(f"/w/acme/contacts/{ana.pk}/consent/new/").content.decode()
    with scope(acme):
        topic = Topic.objects.create(name="Offers", needs_choice=True)
    record(client, ana, topic=theirs.pk)
    record(client, ana, topic=topic.pk, channel="tracking")
    assert ledger_of(acme) == []
    record(client, ana)
    record(client, ana, topic=topic.pk)
    with scope(acme):
        assert [row.topic for row in Consent.objects.order_by("id")] == [None, topic]
        assert TopicChoice.objects.get(contact=ana, topic=topic, channel="email").wanted


CLOSED = {
    "unsubscribed": ("(said no: only they can say yes again)", "Only they can resubscribe."),
    "bounced": ("(bounced)", "Correct the address first."),
    "complained": ("(reported as spam)", "This contact reported a message as spam."),
    "suppressed": ("(on the suppression list)", "This address is on the suppression list."),
}


@pytest.mark.parametrize("reason", Suppression.Reason.values)
def test_a_note_overrides_no_suppression(acme, alice, as_user, ana, reason):
    with scope(acme):
        suppression_list.suppress("email", "ana@example.com", reason)
    page = flat(record(as_user(alice), ana).content.decode())
    hint, problem = CLOSED.get(reason, CLOSED["suppressed"])
    assert f"E-mail {hint}" in page and problem in page and ledger_of(acme) == []
    with scope(acme):
        assert Suppression.objects.exists() and not AuditEntry.objects.filter(verb="contact.consented").exists()


@pytest.mark.parametrize("channel", ["email", "sms", "whatsapp", "tracking"])
@pytest.mark.parametrize("status", ["unsubscribed", "bounced", "complained"])
def test_a_note_overrides_no_status(acme, alice, as_user, ana, channel, status):
    with scope(acme):
        column = "status" if channel == "email" else f"{channel}_status"
        Contact.objects.update(**{column: status})
    page = flat(record(as_user(alice), ana, channel=channel).content.decode())
    assert all(words in page for words in CLOSED[status]) and ledger_of(acme) == []


def test_a_form_asks_the_suppression_list_once_for_each_channel(acme, alice, as_user, ana):
    client = as_user(alice)
    with CaptureQueriesContext(connection) as queries:
        record(client, ana, note="")
    asked = [query["sql"] for query in queries if 'FROM "contacts_suppression"' in query["sql"]]
    assert len(asked) == 3


def test_a_no_of_another_with_the_number_stands(acme, alice, as_user, ana):
    with scope(acme):
        other = Contact.objects.create(phone=ana.phone)
        ledger.withdraw(other, channel="sms", source=Consent.Source.PAGE)
    record(as_user(alice), ana, channel="sms")
    with scope(acme):
        assert not Consent.objects.filter(state="granted").exists()


@pytest.mark.parametrize(
    "wrong",
    [
        {"note": "  "},
        {"note": "x" * 301},
        {"channel": "pigeon"},
        {"way": "telepathy"},
        {"day": ""},
        {"day": "0001-01-01"},
        {"day": "9999-12-31"},
        {"day": f"{dt.date.today() + dt.timedelta(days=2)}"},
    ],
)
def test_what_proves_nothing_is_refused(acme, alice, as_user, ana, wrong):
    assert 'aria-invalid="true"' in record(as_user(alice), ana, **wrong).content.decode()
    assert ledger_of(acme) == []


def test_a_channel_without_an_address_can_not_be_agreed_to(acme, alice, as_user):
    with scope(acme):
        bob = Contact.objects.create(email="bob@example.com")
    assert "no address for this channel" in record(as_user(alice), bob, channel="sms").content.decode()
    assert ledger_of(acme) == []


def test_who_may_not_edit_records_nothing(acme, rita, as_user, ana):
    client = as_user(rita)
    assert "/consent/new/" not in client.get(f"/w/acme/contacts/{ana.pk}/").content.decode()
    assert record(client, ana).status_code == 403 and ledger_of(acme) == []


def test_nobody_records_it_for_a_deleted_contact_or_one_of_another_workspace(acme, beta, alice, as_user, ana):
    with scope(beta):
        theirs = Contact.objects.create(email="ana@example.com")
    with scope(acme):
        ana.discard()
    for contact in (ana, theirs):
        assert record(as_user(alice), contact).status_code == 404
    assert ledger_of(acme) == [] == ledger_of(beta)


def test_it_is_asked_in_french(acme, alice, as_user, ana):
    type(alice).objects.filter(pk=alice.pk).update(language="fr")
    page = flat(as_user(alice).get(f"/w/acme/contacts/{ana.pk}/consent/new/").content.decode())
    assert "Enregistrer un consentement" in page and "Sur papier" in page
