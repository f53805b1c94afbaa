"""One reminder, then unconfirmed sign-ups are deleted, with the contacts that they alone created."""

from datetime import timedelta

import pytest
from django.utils import timezone

from contacts.consent import ledger
from contacts.groups import tagging
from contacts.models import Channel, Consent, Contact, Note, Signup
from contacts.signups import unconfirmed
from delivery.models import CapturedMessage, Message
from kernel.jobs import run
from kernel.tenancy import scope


def age(workspace, **ago) -> None:
    with scope(workspace):
        Signup.objects.update(asked_at=timezone.now() - timedelta(**ago))
        Signup.objects.exclude(mailed_at=None).update(mailed_at=timezone.now() - timedelta(**ago))


def lapse(workspace, **ago) -> None:
    with scope(workspace):
        Signup.objects.update(expires_at=timezone.now() - timedelta(**ago))


def test_only_people_mailed_a_day_ago_who_have_not_confirmed_are_reminded(acme, form, fill_in, mails, visitor):
    for name in ("ana", "leo"):
        fill_in(form, f"{name}@example.com")
    sent = mails(acme)
    visitor.post(next(link for recipient, _, link in sent if recipient == "leo@example.com"))
    age(acme, hours=23)
    run("contacts.remind_of_signups", None, {})
    assert len(mails(acme)) == 2
    age(acme, hours=25)
    for _ in range(3):
        run("contacts.remind_of_signups", None, {})
        found = mails(acme)
        assert len(found) == 3
    assert found[-1][0] == "ana@example.com"
    visitor.post(found[-1][2])
    with scope(acme):
        assert Contact.objects.get(email="ana@example.com").status == "subscribed"
        granted = Consent.objects.filter(state="granted", contact__email="ana@example.com").get()
        assert granted.message_id == found[-1][1]["Message-ID"]


@pytest.mark.parametrize("confirms", [True, False])
def test_people_who_signed_up_again_are_not_reminded_of_the_first_time(acme, form, fill_in, mails, visitor, confirms):
    fill_in(form)
    fill_in(form)
    sent = mails(acme)
    if confirms:
        visitor.post(sent[1][2])
    age(acme, hours=25)
    run("contacts.remind_of_signups", None, {})
    reminders = mails(acme)[2:]
    # The same address, once: for the newest sign-up, unless it was confirmed.
    assert [link for _, _, link in reminders] == ([] if confirms else [sent[1][2]])


def test_people_who_confirmed_long_ago_and_sign_up_again_are_reminded(acme, form, fill_in, mails, visitor):
    fill_in(form)
    visitor.post(mails(acme)[0][2])
    with scope(acme):
        ledger.withdraw(Contact.objects.get(), source=Consent.Source.PAGE)
        Signup.objects.update(confirmed_at=timezone.now() - timedelta(days=90))
    fill_in(form)
    mails(acme)
    with scope(acme):
        Signup.objects.filter(confirmed_at=None).update(
            asked_at=timezone.now() - timedelta(hours=25), mailed_at=timezone.now() - timedelta(hours=25)
        )
    run("contacts.remind_of_signups", None, {})
    assert len(mails(acme)) == 3


def test_a_reminder_counts_as_a_mail_to_the_address(acme, form, fill_in, mails, settings):
    fill_in(form)
    assert len(mails(acme)) == 1
    age(acme, hours=25)
    most, settings.FORM_MAILS_PER_HOUR = settings.FORM_MAILS_PER_HOUR, 1
    run("contacts.remind_of_signups", None, {})
    assert len(mails(acme)) == 1
    settings.FORM_MAILS_PER_HOUR = most
    run("contacts.remind_of_signups", None, {})
    assert len(mails(acme)) == 2


def test_the_reminder_waits_a_day_from_the_first_mail(acme, form, fill_in, mails):
    fill_in(form)
    mails(acme)
    with scope(acme):  # there was no sender for a day
        Signup.objects.update(asked_at=timezone.now() - timedelta(hours=25))
    run("contacts.remind_of_signups", None, {})
    assert len(mails(acme)) == 1


def test_forgetting_also_erases_the_person_in_delivery(acme, form, fill_in, mails):
    fill_in(form)
    mails(acme)
    with scope(acme):
        Message.objects.update(detail="250 ana@example.com accepted")
    lapse(acme, days=30)
    assert unconfirmed.forget() == 1
    with scope(acme):
        assert not CapturedMessage.objects.exists() and Message.objects.get().detail == ""


def test_without_a_sender_members_are_told_once_and_mails_are_sent_later(acme, alice, form, fill_in, mails):
    from accounts.models import Notification
    from delivery.models import Sender

    with scope(acme):
        Sender.objects.update(deleted_at=timezone.now())
    for name in ("ana", "leo"):
        assert "Check your inbox" in fill_in(form, f"{name}@example.com").content.decode()
    assert mails(acme) == []
    with scope(acme):
        assert Notification.objects.filter(user=alice, title="Confirmation e-mails can't be sent").count() == 1
        assert not Signup.objects.exclude(mailed_at=None).exists()
        Sender.objects.update(deleted_at=None)
    age(acme, minutes=11)
    for _ in range(2):
        run("contacts.remind_of_signups", None, {})
        assert len(mails(acme)) == 2


def test_expired_sign_ups_are_shown_for_a_while_and_then_deleted(acme, form, fill_in, mails, settings):
    fill_in(form)
    mails(acme)
    lapse(acme, days=settings.SIGNUP_DAYS, minutes=-5)
    run("contacts.forget_unconfirmed", None, {})
    with scope(acme):
        assert Signup.objects.expired().count() == Contact.objects.present().count() == 1
    lapse(acme, days=settings.SIGNUP_DAYS, minutes=5)
    assert unconfirmed.forget() == 1 and unconfirmed.forget() == 0
    with scope(acme):
        assert not Signup.objects.exists() and not Contact.objects.filter(email__isnull=False).exists()
        assert Contact.objects.get().erased_at
        row = Consent.objects.get()
        assert (row.state, row.address, row.page, row.message_id) == ("requested", None, "", "")


@pytest.mark.parametrize("what", ["tag", "note", "name", "own_id", "consent", "subscribed", "member"])
def test_a_contact_with_other_data_stays(acme, form, fill_in, what):
    if what == "member":
        with scope(acme):
            Contact.objects.create(email="ana@example.com")
    fill_in(form)
    lapse(acme, days=30)
    with scope(acme):
        contact = Contact.objects.get()
        if what == "tag":
            tagging.retag(contact, ["vip"])
        elif what == "note":
            Note.objects.create(contact=contact, text="called")
        elif what == "name":
            Contact.objects.update(first_name="Ana")
        elif what == "own_id":
            Contact.objects.update(external_id="7")
        elif what == "consent":
            ledger.withdraw(contact, channel=Channel.SMS, source=Consent.Source.MEMBER)
            Contact.objects.update(sms_status="pending")
        elif what == "subscribed":
            ledger.grant(contact, source=Consent.Source.MEMBER, wording="at the fair")
    assert unconfirmed.forget() == 0
    with scope(acme):
        assert Contact.objects.present().get().email == "ana@example.com" and not Signup.objects.exists()


def test_a_confirmed_sign_up_and_its_contact_stay(acme, form, fill_in, mails, visitor):
    fill_in(form)
    visitor.post(mails(acme)[0][2])
    lapse(acme, days=300)
    assert unconfirmed.forget() == 0
    with scope(acme):
        assert Signup.objects.count() == Contact.objects.present().count() == 1


def test_a_newer_sign_up_of_the_same_person_keeps_the_contact(acme, form, fill_in):
    fill_in(form)
    lapse(acme, days=30)
    fill_in(form)
    assert unconfirmed.forget() == 0
    with scope(acme):
        assert Signup.objects.count() == Contact.objects.present().count() == 1


def test_contacts_that_were_in_the_trash_go_back_there(acme, form, fill_in):
    with scope(acme):
        Contact.objects.create(email="ana@example.com", first_name="Ana", deleted_at=timezone.now())
    fill_in(form)
    with scope(acme):
        assert Contact.objects.present().exists()
    lapse(acme, days=30)
    assert unconfirmed.forget() == 1
    with scope(acme):
        assert Contact.objects.deleted().get().email == "ana@example.com"


def test_forgetting_does_not_touch_other_workspaces(acme, beta, form, fill_in):
    with scope(beta):
        Contact.objects.create(email="ana@example.com", source="signup")
    fill_in(form)
    lapse(acme, days=30)
    unconfirmed.forget()
    with scope(beta):
        assert Contact.objects.present().count() == 1
