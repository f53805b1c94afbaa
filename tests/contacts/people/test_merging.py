"""Merging two contacts: nothing is lost, opt-outs are kept, old links lead to the survivor."""

from datetime import timedelta

import pytest
from django.utils import timezone

from contacts.consent import ledger, receipts, suppression_list
from contacts.identity.merge_values import own_values
from contacts.models import (
    Company,
    CompanyContact,
    Consent,
    Contact,
    ContactField,
    ContactList,
    ContactTag,
    ListMember,
    Note,
    SignupForm,
    Suppression,
    Tag,
    Topic,
    TopicChoice,
)
from contacts.people import duplicates, merging
from contacts.privacy import subject_data
from contacts.signups import signing_up
from delivery import send_rules, tracking, unsubscribing
from delivery.sending.gate import Person
from kernel.tenancy import scope


def pair(workspace, first: dict, second: dict) -> tuple[Contact, Contact]:
    with scope(workspace):
        return Contact.objects.create(**first), Contact.objects.create(**second)


def merge(client, survivor, loser, **choices):
    return client.post(f"/w/acme/contacts/{survivor.pk}/merge/?with={loser.pk}", choices, follow=True)


def test_the_survivor_gets_everything_and_the_chosen_values(acme, alice, as_user):
    one, two = pair(
        acme,
        {"email": "a@example.com", "first_name": "Ana", "last_name": "M", "attributes": {"city": "Lyon"}},
        {"email": "b@example.com", "phone": "+33612345678", "external_id": "K1", "first_name": "Anna",
         "last_name": "M", "attributes": {"city": "Paris", "points": 3}},
    )  # fmt: skip
    with scope(acme):
        ContactField.objects.create(name="city", label="City")
        tag, other = Tag.objects.create(name="vip"), Tag.objects.create(name="new")
        for person, its in ((one, [tag]), (two, [tag, other])):
            ContactTag.objects.bulk_create([ContactTag(contact=person, tag=t) for t in its])
        ListMember.objects.create(contact=two, contact_list=ContactList.objects.create(name="Fair"))
        company = Company.objects.create(name="Acme")
        CompanyContact.objects.create(contact=two, company=company, role="administrator")
        Note.objects.create(contact=two, text="a note")
    client = as_user(alice)
    page = client.get(f"/w/acme/contacts/{one.pk}/merge/?with={two.pk}").content.decode()
    assert all(word in page for word in ("Anna", "Lyon", "Paris", "Fair", "a@example.com", "b@example.com"))
    assert 'name="last_name"' not in page, "only fields that differ are asked"
    answer = merge(client, one, two, email="mine", first_name="theirs", **{"own:city": "theirs"})
    assert "Contacts merged" in answer.content.decode() and "a note" in answer.content.decode()
    with scope(acme):
        one.refresh_from_db()
        two.refresh_from_db()
        assert (one.email, one.phone, one.external_id) == ("a@example.com", "+33612345678", "K1")
        assert one.first_name == "Anna" and one.attributes == {"city": "Paris", "points": 3}
        assert ContactTag.objects.filter(contact=one).count() == 2 and ListMember.objects.get().contact_id == one.pk
        assert (
            CompanyContact.objects.get().role == "administrator" and CompanyContact.objects.get().contact_id == one.pk
        )
        assert Note.objects.get().contact_id == one.pk
        assert two.merged_into_id == one.pk and two.deleted_at and not (two.phone or two.external_id)
        assert two.email == "b@example.com", "the next imported file with it updates the survivor"
        assert (two.first_name, two.attributes) == ("", {})
        assert not Contact.objects.deleted().exists(), "it can't be restored from the trash"
    answer = client.get(f"/w/acme/contacts/{two.pk}/")
    assert answer.status_code == 302 and answer["Location"].endswith(f"/contacts/{one.pk}/")
    assert client.post(f"/w/acme/contacts/{two.pk}/restore/").status_code == 404


@pytest.mark.parametrize(
    "mine, theirs, keep, after",
    [
        ("subscribed", "unsubscribed", "mine", "unsubscribed"),
        ("unsubscribed", "subscribed", "theirs", "unsubscribed"),
        ("subscribed", "complained", "mine", "complained"),
        ("unsubscribed", "complained", "mine", "complained"),
        ("subscribed", "bounced", "mine", "subscribed"),
        ("subscribed", "bounced", "theirs", "bounced"),
        ("pending", "subscribed", "mine", "pending"),
        ("pending", "subscribed", "theirs", "subscribed"),
        ("subscribed", "subscribed", "theirs", "subscribed"),
    ],
)
def test_the_stricter_consent_wins_and_is_recorded(acme, alice, as_user, mine, theirs, keep, after):
    one, two = pair(acme, {"email": "a@example.com", "status": mine}, {"email": "b@example.com", "status": theirs})
    merge(as_user(alice), one, two, email=keep)
    with scope(acme):
        one.refresh_from_db()
        assert one.status == after
        rows = Consent.objects.filter(contact=one, source="merge")
        assert rows.count() == (after not in (mine, "bounced")), "a bounce is not a consent or an opt-out"
        listed = suppression_list.of_address("email", one.email)
        assert (listed is not None) == (after in ("unsubscribed", "complained"))


def test_a_survivor_without_e_mail_takes_the_address_with_its_consent(acme, alice, as_user):
    one, two = pair(acme, {"phone": "+33612345678"}, {"email": "b@example.com"})
    with scope(acme):
        ledger.grant(two, source="member", wording="paper form")
    merge(as_user(alice), one, two)
    with scope(acme):
        one.refresh_from_db()
        assert one.status == "subscribed" and Consent.objects.get(contact=one).wording == "paper form"
        assert Consent.objects.filter(contact=two).count() == 1, "the ledger is only added to"
    page = as_user(alice).get(f"/w/acme/contacts/{one.pk}/").content.decode()
    assert page.count("paper form") == 2 and "of a merged contact" in page


@pytest.mark.parametrize("state", ["granted", "withdrawn"])
def test_a_merge_keeps_when_the_person_said_it(acme, alice, as_user, state):
    one, two = pair(acme, {"phone": "+33612345678"}, {"email": "b@example.com"})
    moment = timezone.now() - timedelta(days=400)
    with scope(acme):
        if state == "granted":
            ledger.grant(two, source="member", wording="paper form", at=moment, claimed_on=moment.date())
        else:
            Consent.objects.create(contact=two, state=state, source="page", at=moment)
            Contact.objects.filter(pk=two.pk).update(status="unsubscribed")
    merge(as_user(alice), one, two)
    with scope(acme):
        said, row = Consent.objects.get(contact=two), Consent.objects.get(contact=one)
        assert (row.source, row.state, row.at, row.claimed_on) == ("merge", state, moment, said.claimed_on)
        assert row.recorded_at - moment > timedelta(days=399)


def test_suppressions_and_topic_opt_outs_are_kept(acme, alice, as_user):
    one, two = pair(acme, {"email": "a@example.com"}, {"email": "b@example.com"})
    with scope(acme):
        suppression_list.suppress("email", "b@example.com", Suppression.Reason.MANUAL)
        news, offers = Topic.objects.create(name="News"), Topic.objects.create(name="Offers")
        for topic, first, second in ((news, True, False), (offers, None, True)):
            for person, wanted in ((one, first), (two, second)):
                if wanted is not None:
                    TopicChoice.objects.create(topic=topic, contact=person, wanted=wanted)
    merge(as_user(alice), one, two, email="mine")
    with scope(acme):
        assert Suppression.objects.get(recipient="b@example.com").reason == "manual"
        assert {c.topic.name: c.wanted for c in TopicChoice.objects.filter(contact=one)} == {
            "News": False,
            "Offers": True,
        }
        assert not TopicChoice.objects.filter(contact=two).exists()


def test_a_chain_of_merges_leads_to_the_last(acme, alice, as_user):
    one, two = pair(acme, {"email": "a@example.com"}, {"email": "b@example.com"})
    with scope(acme):
        three = Contact.objects.create(email="c@example.com")
    client = as_user(alice)
    merge(client, one, two, email="mine")
    merge(client, three, one, email="mine")
    with scope(acme):
        assert {*Contact.objects.filter(merged_into_id=three.pk)} == {one, two}


@pytest.mark.parametrize("other", ["itself", "deleted", "merged", "foreign", "x", "9" * 30])
def test_contacts_that_can_not_be_merged(acme, beta, alice, as_user, other):
    one, two = pair(acme, {"email": "a@example.com"}, {"email": "b@example.com"})
    with scope(beta):
        foreign = Contact.objects.create(email="c@example.com")
    with scope(acme):
        if other in ("deleted", "merged"):
            two.deleted_at = "2026-01-01T00:00Z"
            two.merged_into_id = one.pk if other == "merged" else None
            two.save()
    pk = {"itself": one.pk, "deleted": two.pk, "merged": two.pk, "foreign": foreign.pk}.get(other, other)
    answer = as_user(alice).post(f"/w/acme/contacts/{one.pk}/merge/?with={pk}", {"email": "mine"})
    assert answer.status_code in (200, 404)
    with scope(acme):
        assert not Consent.objects.exists() and Contact.objects.get(pk=one.pk).email == "a@example.com"


def test_a_value_has_to_be_chosen(acme, alice, as_user):
    one, two = pair(acme, {"email": "a@example.com"}, {"email": "b@example.com"})
    merge(as_user(alice), one, two)
    with scope(acme):
        assert Contact.objects.present().count() == 2


def test_an_unsubscribe_link_in_an_old_mail_reaches_the_survivor(acme, alice, as_user, client):
    one, two = pair(
        acme, {"email": "a@example.com", "status": "subscribed"}, {"email": "b@example.com", "status": "subscribed"}
    )
    merge(as_user(alice), one, two, email="mine")
    token = tracking.sign("message", acme.pk, 1, two.pk)
    assert "a•••@example.com" in client.get(f"/u/{token}").content.decode()
    assert client.post(f"/u/{token}", {"List-Unsubscribe": "One-Click"}).status_code == 200
    with scope(acme):
        one.refresh_from_db()
        assert one.status == "unsubscribed"
        unsubscribing.come_back(1, two.pk, wording="again", address=None)
        one.refresh_from_db()
        assert one.status == "subscribed"


def test_the_gate_treats_a_merged_contact_as_deleted(acme, alice, as_user):
    from django.db import connection

    one, two = pair(
        acme, {"email": "a@example.com", "status": "subscribed"}, {"email": "b@example.com", "status": "subscribed"}
    )
    merge(as_user(alice), one, two, email="mine")
    with scope(acme), connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {send_rules.forbidden('email')} FROM contacts_contact c LEFT JOIN contacts_suppression s "
            "ON s.recipient = c.email WHERE c.id = %(id)s",
            {"id": two.pk, "purpose": "marketing", "workspace": acme.pk, "channel": "email", "topic": None,
             "topic_default": True, "batch": 0, "ascii_only": False},
        )  # fmt: skip
        assert cursor.fetchone() == ("deleted",)


def test_duplicates_share_their_name_and_company_or_address(acme, alice, as_user, monkeypatch):
    monkeypatch.setattr(duplicates, "WINDOW", 6)
    with scope(acme):
        company = Company.objects.create(name="Acme")

        def person(first, last, email, at_acme=False):
            made = Contact.objects.create(first_name=first, last_name=last, email=email)
            if at_acme:
                CompanyContact.objects.create(contact=made, company=company)
            return made.pk

        dots = (
            person("Ana", "Martin", "ana.martin@example.com"),
            person("ANA", "martin", "anamartin+news@example.com"),
        )
        works = (person("Bob", "Zed", "bob@example.com", True), person("Bob", "Zed", "zed@example.com", True))
        person("Carl", "Martin", "carl@example.com")
        person("Ana", "Martin", "other@example.com")
        for n in range(10):
            person("Dora", f"Name{n}", f"d{n}@example.com")
        found, after, looked_at = [], "", 0
        while after is not None:
            page = duplicates.find(after)
            found += [(one.pk, two.pk, why) for one, two, why in page.pairs]
            after, looked_at = page.next, looked_at + page.looked_at
    assert found == [(*dots, "email"), (*works, "company")] and looked_at == 16
    page = as_user(alice).get("/w/acme/contacts/duplicates/").content.decode()
    assert "almost the same address" in page and "Continue" in page


def test_merge_tags_print_values_as_people_write_them(acme):
    values = {"points": 12.0, "big": 1.5, "member": False, "born": "1980-02-29"}
    with scope(acme):
        contact = Contact.objects.create(email="a@example.com", phone="+33612345678", attributes=values)
        contact.refresh_from_db()
    person = Person(
        1,
        "+33612345678",
        "a@example.com",
        "+33612345678",
        "",
        "",
        '{"points": 12.0, "big": 1.5, "member": false, "born": "1980-02-29"}',
    )
    assert contact.merge_values() == person.merge_values()
    from templates_app.merging import parse

    text = "{{ points }} {{ big }} {{ member }} {% if member %}yes{% else %}no{% endif %} {{ born | date: '%d/%m/%Y' }}"
    template = parse(text, html=True)
    assert template.render(person.merge_values()) == "12 1.5 false no 29/02/1980"
    assert template.compile(str.encode)(person.merge_values()) == b"12 1.5 false no 29/02/1980"
    assert own_values('{"n": 1e300}') == {"n": 1e300}


def test_the_receipt_and_the_data_contain_both_contacts(acme):
    one, two = pair(acme, {"email": "a@example.com"}, {"email": "b@example.com"})
    with scope(acme):
        ledger.grant(two, source="form", wording="their words")
        merging.merge(one, two, set(), actor=None, address=None)
        one.refresh_from_db()
        assert "their words" in [row["wording"] for row in receipts.receipt(one, acme)["ledger"]]
        assert "their words" in str(subject_data.as_json(one))


def test_a_sign_up_with_a_merged_contacts_address_creates_a_contact(acme):
    one, two = pair(acme, {"email": "a@example.com"}, {"email": "b@example.com"})
    with scope(acme):
        merging.merge(one, two, set(), actor=None, address=None)
        form = SignupForm.objects.create(name="F", title="F", wording="I agree")
        signup = signing_up.sign_up(form, "b@example.com", {}, signing_up.Visit(), doubtful=False)
        assert signup.contact_id not in (one.pk, two.pk) and signup.contact.email == "b@example.com"


def test_an_address_of_a_merged_contact_leads_to_the_survivor(acme, alice, as_user):
    one, two = pair(acme, {"email": "a@example.com"}, {"email": "b@example.com"})
    with scope(acme):
        merging.merge(one, two, set(), actor=None, address=None)
    page = as_user(alice).post("/w/acme/contacts/new/", {"email": "b@example.com"}).content.decode()
    assert f"/w/acme/contacts/{one.pk}/" in page and "already" in page
