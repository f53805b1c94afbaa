"""From the form to the confirmed contact, and what must not happen on the way."""

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from contacts.consent import ledger, suppression_list
from contacts.models import (
    Consent,
    Contact,
    ContactField,
    ContactList,
    ContactTag,
    FormTopic,
    ListMember,
    Signup,
    SignupForm,
    Tag,
    Topic,
    TopicChoice,
)
from delivery import service_mails
from delivery.models import Batch, Message, ProviderAccount
from kernel.links import sign_ids
from kernel.tenancy import scope
from templates_app.models import Content
from tests.contacts.conftest import WORDING, path


def ana(workspace) -> Contact:
    with scope(workspace):
        return Contact.objects.get(email="ana@example.com")


def test_from_the_form_to_a_confirmed_contact(acme, form, fill_in, mails, visitor):
    with scope(acme):
        news, offers = Topic.objects.create(name="News"), Topic.objects.create(name="Offers")
        ContactField.objects.create(name="city", label="City")
        form.fields += [{"name": "city", "required": False}, {"name": "phone", "required": False}]
        form.contact_list = ContactList.objects.create(name="Newsletter")
        form.tags = [Tag.objects.create(name="from the site").pk]
        form.save()
        FormTopic.objects.bulk_create([FormTopic(form=form, topic=topic) for topic in (news, offers)])
    response = fill_in(
        form,
        " Ana@Example.com ",
        first_name="Ana",
        own_city="Lyon",
        phone="06 12 34 56 78",
        topics=[news.pk],
        page="https://shop.example/about",
    )
    assert "Check your inbox" in response.content.decode() and not response.cookies
    contact = ana(acme)
    assert (contact.status, contact.first_name, contact.attributes) == ("pending", "", {})
    with scope(acme):
        asked = Consent.objects.get()
        assert (asked.state, asked.wording, asked.page) == ("requested", WORDING, "https://shop.example/about")

    ((recipient, message, link),) = mails(acme)
    assert recipient == "ana@example.com" and "List-Unsubscribe" not in message
    html = message.get_body(("html",)).get_content()
    assert WORDING in html and "/o/" not in html and "/c/" not in html and "Ana" not in html
    assert message["Subject"] == "Please confirm: Our news"

    page = visitor.get(link).content.decode()
    assert WORDING in page and "a•••@example.com" in page and ana(acme).status == "pending"
    assert "You're subscribed" in visitor.post(link).content.decode()
    contact = ana(acme)
    assert (contact.status, contact.first_name, contact.phone) == ("subscribed", "Ana", "+33612345678")
    assert contact.attributes == {"city": "Lyon"}
    with scope(acme):
        granted = Consent.objects.filter(state="granted", topic=None).get()
        assert (granted.source, granted.wording, granted.page) == ("confirmed", WORDING, "https://shop.example/about")
        assert granted.message_id == message["Message-ID"] and granted.address == "127.0.0.1"
        assert dict(TopicChoice.objects.values_list("topic__name", "wanted")) == {"News": True, "Offers": False}
        assert ListMember.objects.get().contact_id == ContactTag.objects.get().contact_id == contact.pk


def test_a_topic_that_was_not_offered_is_not_opted_out_of(acme, form, fill_in, mails, visitor):
    with scope(acme):
        topics = [Topic.objects.create(name=name) for name in ("Shown", "Chosen", "Between", "Later")]
        form.topics.set(topics[:3], through_defaults={"workspace": acme})
    shown, chosen, _between, later = topics
    fill_in(form, offered=[shown.pk, chosen.pk, later.pk, "x"], topics=[chosen.pk])
    with scope(acme):
        form.topics.set([later], through_defaults={"workspace": acme})
    ((_, _, link),) = mails(acme)
    visitor.post(link)
    with scope(acme):
        choices = dict(TopicChoice.objects.values_list("topic__name", "wanted"))
    assert choices == {"Shown": False, "Chosen": True}


def test_the_page_with_one_button_keeps_the_offered_topics(acme, form, visitor):
    with scope(acme):
        old, new = Topic.objects.create(name="Old"), Topic.objects.create(name="New")
        form.topics.set([old, new], through_defaults={"workspace": acme})
    data = {"email": "ana@example.com", "consent": "on", "offered": [old.pk], "topics": [old.pk]}
    page = visitor.post(path(form.address), data).content.decode()
    assert re.findall(r'name="offered" value="(\d+)"', page) == [str(old.pk)]


@pytest.mark.parametrize("provider", ["sendgrid", "brevo", "ses"])
def test_the_proof_has_our_message_id_where_the_provider_replaces_it(acme, provider):
    with scope(acme):
        account = ProviderAccount.objects.get()
        account.provider = provider
        contact = Contact.objects.create(email="ana@example.com")
        batch = Batch(pk=41, workspace=acme)
        assert service_mails.reference(batch, contact, account, "news@acme.example") == f"41/{contact.pk}"
        account.provider = "smtp"
        assert service_mails.reference(batch, contact, account, "news@acmé.example").endswith("@xn--acm-dma.example>")


def test_mails_with_the_same_words_have_one_content(acme, form, fill_in, mails, visitor):
    """What is one person's own, such as the link, is no part of it."""
    fill_in(form)
    fill_in(form, "Bea@example.com")
    sent = mails(acme)
    assert len(sent) == 2 and len({link for _, _, link in sent}) == 2
    with scope(acme):
        assert Batch.objects.count() == 2 and Content.objects.count() == 1
    for _, _, link in sent:
        assert visitor.post(link).status_code == 200
    with scope(acme):
        assert Contact.objects.filter(status="subscribed").count() == 2


def test_confirming_makes_an_inactive_person_active(acme, form, fill_in, mails, visitor):
    with scope(acme):
        Contact.objects.create(email="ana@example.com", status="subscribed", inactive_at=timezone.now())
    fill_in(form)
    ((_, _, link),) = mails(acme)
    assert ana(acme).inactive_at
    visitor.post(link)
    assert ana(acme).inactive_at is None and ana(acme).engaged_at


@pytest.mark.parametrize("source, wakes", [("page", True), ("form", True), ("member", False), ("import", False)])
def test_only_the_persons_own_consent_makes_them_active(acme, source, wakes):
    with scope(acme):
        contact = Contact.objects.create(email="ana@example.com", inactive_at=timezone.now())
        ledger.grant(contact, source=source, wording="x")
    assert (ana(acme).inactive_at is None) == wakes


def test_confirming_twice_is_harmless(acme, form, fill_in, mails, visitor):
    fill_in(form)
    ((_, _, link),) = mails(acme)
    for _ in range(3):
        assert "You're subscribed" in visitor.post(link).content.decode()
    with scope(acme):
        assert Consent.objects.filter(state="granted").count() == 1


def test_an_old_mail_does_not_subscribe_again(acme, form, fill_in, mails, visitor):
    fill_in(form)
    ((_, _, link),) = mails(acme)
    visitor.post(link)
    with scope(acme):
        ledger.withdraw(Contact.objects.select_for_update().get(), source=Consent.Source.PAGE)
    for response in (visitor.post(link), visitor.get(link)):
        assert "This link has already been used" in response.content.decode()
    assert ana(acme).status == "unsubscribed"


@pytest.mark.parametrize("method", ["get", "head"])
def test_a_scanner_that_follows_links_confirms_nothing(acme, form, fill_in, mails, method):
    fill_in(form)
    ((_, _, link),) = mails(acme)
    for address in (link, path(form.address), path(form.embed_address)):
        assert getattr(Client(), method)(address).status_code == 200
    assert ana(acme).status == "pending"
    with scope(acme):
        assert not Signup.objects.confirmed().exists() and not Consent.objects.filter(state="granted").exists()


def test_an_expired_link_says_so_and_leads_back_to_the_form(acme, form, fill_in, mails, visitor):
    fill_in(form)
    ((_, _, link),) = mails(acme)
    with scope(acme):
        Signup.objects.update(expires_at=timezone.now())
    for response in (visitor.get(link), visitor.post(link)):
        assert response.status_code == 410 and path(form.address) in response.content.decode()
    assert ana(acme).status == "pending"


def test_tokens_of_another_purpose_or_workspace_are_not_found(acme, beta, form, fill_in, visitor):
    fill_in(form)
    with scope(acme):
        signup = Signup.objects.get()
    ids = (acme.pk, form.pk, signup.pk)
    wrong = [
        f"/f/confirm/{sign_ids('message', *ids)}/",
        f"/f/confirm/{sign_ids('signup', acme.pk, signup.pk)}/",
        f"/f/{sign_ids('signup', acme.pk, form.pk)}/",
        f"/f/{sign_ids('form', beta.pk, form.pk)}/",
        f"/f/{sign_ids('form', 999_999_999, form.pk)}/",
        "/f/confirm/forged/",
        "/f/%00/",
        "/f/é/embed/",
    ]
    for address in wrong:
        assert visitor.get(address).status_code == visitor.post(address).status_code == 404, address
    # A token of Beta with the id of a sign-up of Acme finds nothing.
    other = f"/f/confirm/{sign_ids('signup', beta.pk, form.pk, signup.pk)}/"
    assert visitor.post(other).status_code == 410
    assert ana(acme).status == "pending"


def test_an_unconfirmed_form_changes_no_data(acme, form, fill_in, mails, visitor):
    with scope(acme):
        Contact.objects.create(email="ana@example.com", first_name="Anna", last_name="Silva", status="subscribed")
    page = fill_in(form, first_name="Mallory").content.decode()
    assert "Check your inbox" in page
    ((_, message, link),) = mails(acme)
    text = message.get_body(("plain",)).get_content()
    assert "You already receive our messages" in text and "/p/" in text
    assert (ana(acme).first_name, ana(acme).status) == ("Anna", "subscribed")
    visitor.post(link)
    assert (ana(acme).first_name, ana(acme).last_name) == ("Mallory", "Silva")


@pytest.mark.parametrize("reason", ["bounced", "complained", "manual"])
def test_a_suppressed_address_is_neither_mailed_nor_subscribed(acme, form, fill_in, mails, visitor, reason):
    with scope(acme):
        suppression_list.suppress("email", "ana@example.com", reason)
    assert "Check your inbox" in fill_in(form).content.decode()
    assert mails(acme) == []
    with scope(acme):
        assert Message.objects.get().reason in (reason, "suppressed")
        signup = Signup.objects.get()
    link = f"/f/confirm/{sign_ids('signup', acme.pk, form.pk, signup.pk)}/"
    assert "can't sign up this address" in visitor.post(link).content.decode().replace("&#x27;", "'")
    assert ana(acme).status != "subscribed"


def test_unsubscribed_and_erased_people_may_sign_up_again(acme, form, fill_in, mails, visitor):
    with scope(acme):
        suppression_list.suppress("email", "ana@example.com", "unsubscribed")
        suppression_list.erase("email", "leo@example.com")
    fill_in(form)
    fill_in(form, "leo@example.com")
    for _, _, link in mails(acme):
        visitor.post(link)
    with scope(acme):
        assert set(Contact.objects.values_list("status", flat=True)) == {"subscribed"}


def test_a_contact_in_the_trash_is_restored_without_its_old_consent(acme, form, fill_in, mails, visitor):
    with scope(acme):
        Contact.objects.create(
            email="ana@example.com", status="subscribed", sms_status="subscribed", deleted_at=timezone.now()
        )
    fill_in(form)
    assert (ana(acme).status, ana(acme).sms_status, ana(acme).deleted_at) == ("pending", "pending", None)
    ((_, _, link),) = mails(acme)
    visitor.post(link)
    assert ana(acme).status == "subscribed"


def test_without_double_opt_in_consent_counts_at_once_and_fills_only_gaps(acme, form, fill_in, mails):
    with scope(acme):
        SignupForm.objects.update(double_opt_in=False)
        Contact.objects.create(email="leo@example.com", first_name="Léo")
    assert "Thank you" in fill_in(form, first_name="Ana").content.decode()
    fill_in(form, "leo@example.com", first_name="Mallory")
    assert mails(acme) == []
    with scope(acme):
        assert dict(Contact.objects.values_list("first_name", "status")) == {"Ana": "subscribed", "Léo": "subscribed"}
        assert set(Consent.objects.values_list("state", "source")) == {("granted", "form")}


def test_without_double_opt_in_an_unsubscribed_address_needs_confirmation(acme, form, fill_in, mails):
    with scope(acme):
        SignupForm.objects.update(double_opt_in=False)
        suppression_list.suppress("email", "ana@example.com", "unsubscribed")
    assert "Thank you" in fill_in(form).content.decode()
    assert ana(acme).status == "unsubscribed" and len(mails(acme)) == 1


def test_a_closed_form_says_so_and_a_deleted_one_is_gone(acme, form, visitor):
    with scope(acme):
        SignupForm.objects.update(is_open=False)
    assert "closed at the moment" in visitor.get(path(form.address)).content.decode()
    assert "closed at the moment" in visitor.post(path(form.address), {"email": "a@b.example"}).content.decode()
    with scope(acme):
        SignupForm.objects.update(deleted_at=timezone.now())
        assert not Signup.objects.exists()
    assert visitor.get(path(form.address)).status_code == 404


def test_the_form_and_the_mail_are_in_the_forms_language(acme, form, fill_in, mails, visitor):
    with scope(acme):
        SignupForm.objects.update(language="fr")
    assert 'lang="fr"' in visitor.get(path(form.address), headers={"accept-language": "en"}).content.decode()
    fill_in(form)
    ((_, message, link),) = mails(acme)
    assert 'lang="fr"' in message.get_body(("html",)).get_content()
    assert 'lang="fr"' in visitor.get(link).content.decode()
    assert ana(acme).language == "fr"


def test_braces_in_the_merchants_texts_are_printed_as_they_are(acme, form, fill_in, mails):
    with scope(acme):
        SignupForm.objects.update(title="{{ email }} {% if x %}", wording="50 {% off {{ now")
    fill_in(form)
    ((_, message, _),) = mails(acme)
    text = message.get_body(("plain",)).get_content()
    assert "{{ email }} {% if x %}" in text and "50 {% off {{ now" in text
    assert message["Subject"] == "Please confirm: {{ email }} {% if x %}"


def test_after_confirming_the_visitor_goes_to_the_thank_you_page(acme, form, fill_in, mails, visitor):
    with scope(acme):
        SignupForm.objects.update(thanks_url="https://shop.example/thanks")
    fill_in(form)
    ((_, _, link),) = mails(acme)
    assert "https://shop.example" in visitor.get(link)["Content-Security-Policy"]
    response = visitor.post(link)
    assert response.status_code == 302 and response["Location"] == "https://shop.example/thanks"


def test_a_repeated_job_sends_nothing_twice(acme, form, fill_in, mails):
    from kernel.jobs import run

    fill_in(form)
    with scope(acme):
        signup = Signup.objects.get()
    assert len(mails(acme)) == 1
    run("delivery.ask_for_confirmation@event", acme.pk, {"signup_id": signup.pk})
    assert len(mails(acme)) == 1
    with scope(acme):
        Signup.objects.update(mailed_at=timezone.now() - timedelta(hours=25))
    for _ in range(3):
        run("contacts.remind_of_signups", None, {})
        run("delivery.remind@event", acme.pk, {"signup_id": signup.pk})
        assert len(mails(acme)) == 2
    assert "our only reminder" in mails(acme)[1][1].get_body(("plain",)).get_content()


OLD, NEW = "+33612345670", "+33612345678"


@pytest.fixture
def asks_for_phone(acme, form):
    with scope(acme):
        form.fields += [{"name": "phone", "required": False}]
        form.double_opt_in = True
        form.save()
    return form


def confirmed_with(acme, form, fill_in, mails, visitor, **values) -> Contact:
    fill_in(form, "ana@example.com", **values)
    visitor.post(mails(acme)[-1][2])
    return ana(acme)


def test_a_new_number_ends_the_bounce_of_the_old_one(acme, asks_for_phone, fill_in, mails, visitor):
    with scope(acme):
        Contact.objects.create(email="ana@example.com", phone=OLD, sms_status="bounced")
    contact = confirmed_with(acme, asks_for_phone, fill_in, mails, visitor, phone=NEW)
    assert (contact.status, contact.phone, contact.sms_status) == ("subscribed", NEW, "pending")


def test_a_new_number_brings_the_no_that_is_known_of_it(acme, asks_for_phone, fill_in, mails, visitor):
    with scope(acme):
        Contact.objects.create(
            email="ana@example.com", phone=OLD, sms_status="subscribed", whatsapp_status="complained"
        )
        for channel in ("sms", "whatsapp"):
            suppression_list.suppress(channel, NEW, "unsubscribed")
    contact = confirmed_with(acme, asks_for_phone, fill_in, mails, visitor, phone=NEW)
    assert contact.sms_status == "unsubscribed"
    assert contact.whatsapp_status == "complained", "a complaint stays"


def test_a_form_without_a_number_changes_nothing_about_the_number(acme, asks_for_phone, fill_in, mails, visitor):
    with scope(acme):
        Contact.objects.create(email="ana@example.com", phone=OLD, sms_status="complained")
        suppression_list.suppress("sms", OLD, "unsubscribed")
    contact = confirmed_with(acme, asks_for_phone, fill_in, mails, visitor, phone="")
    assert (contact.status, contact.phone, contact.sms_status) == ("subscribed", OLD, "complained")
