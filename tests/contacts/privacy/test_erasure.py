"""Erasure: nothing in the database names the person, statistics stay, and no import brings the person back."""

from datetime import timedelta

import pytest
from django.db import connections
from django.utils import timezone

from accounts.models import AuditEntry
from campaigns import sending
from contacts.consent import ledger, suppression_list
from contacts.contact_events import writing
from contacts.exports import running
from contacts.groups import tagging
from contacts.models import (
    BlockedDomain,
    Company,
    CompanyContact,
    Consent,
    Contact,
    ContactImport,
    ContactList,
    Export,
    ExportPart,
    ImportNote,
    ListMember,
    Note,
    RejectedRow,
    Signup,
    SignupForm,
    Suppression,
    Topic,
    TopicChoice,
)
from contacts.privacy import erasure
from delivery import batching, send_tests, tracking
from delivery.models import CapturedMessage, Hit, IncomingHit, Message, ProviderAccount, Sender
from delivery.sending import lane
from kernel.tenancy import scope
from templates_app.models import MessageTemplate
from tests import factories

WORDS = ["zebulon", "quirrel", "33655544433", "655544433", "crm-4711", "203.0.113.77"]
TEXTUAL = "('text', 'character varying', 'jsonb', 'json', 'inet', 'ARRAY', 'bytea', 'character')"


def traces(words=WORDS) -> list[tuple[str, str]]:
    """(table.column, word) for each word found in any text or binary column of any table, captured mail included."""
    found = []
    with connections["owner"].cursor() as cursor:
        cursor.execute(
            "SELECT table_name, column_name, data_type FROM information_schema.columns "
            f"WHERE table_schema = 'public' AND data_type IN {TEXTUAL} ORDER BY 1, 2"
        )
        for table, column, kind in cursor.fetchall():
            text = f"encode({column}, 'escape')" if kind == "bytea" else f'"{column}"::text'
            for word in words:
                cursor.execute(f'SELECT count(*) FROM "{table}" WHERE position(%s IN lower({text})) > 0', [word])
                if cursor.fetchone()[0]:
                    found.append((f"{table}.{column}", word))
    return found


@pytest.fixture
def known(acme, bob) -> Contact:
    """A person with data in every table that can hold some."""
    with scope(acme):
        person = Contact.objects.create(
            email="zebulon@example.com",
            phone="+33655544433",
            external_id="crm-4711",
            first_name="Zebulon",
            last_name="Quirrel",
            language="fr",
            attributes={"nick": "Zebulon the great"},
        )
        topic = Topic.objects.create(name="News")
        proof = {"address": "203.0.113.77", "page": "https://x.example/?who=zebulon", "message_id": "<zebulon@x>"}
        ledger.grant(person, source=Consent.Source.FORM, wording="I agree", **proof)
        ledger.grant(person, source=Consent.Source.MEMBER, wording="Zebulon rang", channel="sms")
        ledger.grant(person, source=Consent.Source.FORM, wording="I agree", topic=topic)
        tagging.retag(person, ["vip"])
        ListMember.objects.create(contact_list=ContactList.objects.create(name="L"), contact=person)
        CompanyContact.objects.create(company=Company.objects.create(name="C"), contact=person)
        Note.objects.create(contact=person, text="Quirrel likes red", author=bob)
        for days in (1, 800):  # in two partitions
            at = timezone.now() - timedelta(days=days)
            writing.record(person, "visited", at=at, key=days, properties={"guide": "Zebulon"})
        form = SignupForm.objects.create(name="F", title="F", wording="I agree")
        common = {"form": form, "email": person.email, "wording": "I agree", "expires_at": timezone.now()}
        Signup.objects.create(contact=person, data={"first_name": "Zebulon"}, address="203.0.113.77", **common)
        Signup.objects.create(user_agent="Zebulon's browser", **common)  # not confirmed, so without a contact
        upload = ContactImport.objects.create(name="a.csv", size=1, encoding="utf-8", delimiter=",")
        for cells in (["Zebulon@Example.com ", "Quirrel"], ["06 55 54 44 33", "Zebulon"], ["crm-4711", "Zebulon"]):
            RejectedRow.objects.create(contact_import=upload, line=1, reason="at_signs", cells=cells)
            note = {"line": 1, "column": "e-mail", "reason": "at_signs", "cell": cells[0]}
            ImportNote.objects.create(contact_import=upload, cells=cells, **note)
        RejectedRow.objects.create(contact_import=upload, line=2, reason="at_signs", cells=["somebody else"])
        Contact.objects.create(  # merged into this person earlier
            email="quirrel@example.com", deleted_at=timezone.now(), merged_into_id=person.pk
        )
        factories.contacts(1)
    return person


def erase(workspace, person):
    with scope(workspace):
        erasure.erase(Contact.objects.get(pk=person.pk))


def test_nothing_in_the_database_names_the_person(acme, known, bob, as_user, run_jobs):
    with scope(acme):
        batch = sending.start(factories.campaign(subject="Dear {{ first_name }}").pk).first_batch
        sender, account = Sender.objects.get(), ProviderAccount.objects.get()
        template = MessageTemplate.objects.get()
        words = {
            "name": "T",
            "subject": "S {{ first_name }}",
            "template": template,
            "sender": sender,
            "account": account,
        }
        to_bob = send_tests.send_test(to="bob@acme.example", as_contact=known.pk, workspace=acme, **words)
        to_them = send_tests.send_test(to="Zebulon@example.com", workspace=acme, **words)
        made = running.begin(
            kind="contacts", file_format="csv", name="x.csv", wanted={"filters": {"q": "zebulon"}}, user=bob
        )
    for each in (batch, to_bob, to_them):
        while not batching.fill(each.pk):
            pass
    while lane.run(budget=5):
        pass
    running.run(acme.pk, made.pk)
    with scope(acme):
        Message.objects.filter(contact=known, batch=batch).update(detail="550 <zebulon@example.com> unknown")
        seen = {"batch_id": batch.pk, "contact_id": known.pk, "kind": 2, "agent": "zebulon's", "network": "203.0.113.0"}
        Hit.objects.create(**seen)
        IncomingHit.objects.create(**seen)
        before = batch.tallies()
        assert CapturedMessage.objects.count() == 4
    left = {place for place, _word in traces()}
    assert {"delivery_capturedmessage.recipient", "delivery_batch.parameters", "contacts_exportpart.data"} <= left
    answer = as_user(bob).post(f"/w/acme/contacts/{known.pk}/erase/", {"handle": "zebulon@EXAMPLE.com"})
    assert answer.status_code == 302
    assert traces() == []
    with scope(acme):
        known.refresh_from_db()
        assert (Hit.objects.get().agent, Hit.objects.get().network) == ("", None)
        assert not IncomingHit.objects.exists()
        assert known.erased_at and known.deleted_at and known.attributes == {} and known.status == "unsubscribed"
        assert batch.tallies() == before and Message.objects.filter(contact=known, batch=batch).count() == 1
        assert CapturedMessage.objects.count() == 1  # the other contact's
        assert RejectedRow.objects.count() == 4 and RejectedRow.objects.get(line=2).cells == ["somebody else"]
        assert Consent.objects.filter(contact=known).count() == 3  # that somebody agreed stays provable
        assert Consent.objects.filter(contact=known, wording="I agree").count() == 2
        assert not TopicChoice.objects.exists() and not Note.objects.exists() and not Signup.objects.exists()
        assert Export.objects.get().state == "expired" and not ExportPart.objects.exists()
        assert AuditEntry.objects.filter(verb="contact.erased", record_id=known.pk).exists()


def test_other_people_and_workspaces_keep_everything(acme, beta, known):
    with scope(beta):
        Contact.objects.create(email="zebulon@example.com", first_name="Zebulon")
        suppression_list.suppress("email", "zebulon@example.com", Suppression.Reason.MANUAL)
    erase(acme, known)
    with scope(beta):
        assert Contact.objects.get().first_name == "Zebulon"
        assert Suppression.objects.get().recipient == "zebulon@example.com"
    with scope(acme):
        assert Contact.objects.get(email="p0@example.com").first_name == "P0"


def test_only_a_keyed_hash_of_each_address_is_kept(acme, known):
    with scope(acme):
        suppression_list.suppress("email", "zebulon@example.com", Suppression.Reason.COMPLAINED, note="Zebulon wrote")
    erase(acme, known)
    with scope(acme):
        kept = list(Suppression.objects.values_list("channel", "recipient", "reason", "note"))
        assert sorted(kept) == [
            ("email", None, "erased", ""),
            ("email", None, "erased", ""),  # of the contact that was merged into this one
            ("sms", None, "erased", ""),
            ("whatsapp", None, "erased", ""),
        ]
    with connections["engine"].cursor() as cursor:
        addresses = ["zebulon@example.com", "quirrel@example.com", "p0@example.com"]
        assert suppression_list.erased_among(acme.pk, "email", addresses, cursor) == set(addresses[:2])
        assert suppression_list.erased_among(acme.pk, "sms", ["+33655544433"], cursor) == {"+33655544433"}


def test_only_an_erased_person_can_subscribe_again_themselves(acme, known):
    erase(acme, known)
    with scope(acme):
        again = Contact(email="zebulon@example.com", phone="+33655544433")
        ledger.apply_suppressions(again)
        assert (again.status, again.sms_status, again.whatsapp_status) == ("unsubscribed",) * 3
        again.save()
        assert not ledger.grant(again, source=Consent.Source.MEMBER, wording="a member says so")
        assert not ledger.grant(again, source=Consent.Source.IMPORT, wording="a file says so")
        assert again.status == "unsubscribed"
        assert ledger.grant(again, source=Consent.Source.CONFIRMED, wording="I agree")
        assert again.status == "subscribed" and again.sms_status == "unsubscribed"


def test_the_page_needs_the_typed_address_and_the_permission(acme, known, bob, rita, charlie, as_user):
    url = f"/w/acme/contacts/{known.pk}/erase/"
    assert "zebulon@example.com" in as_user(bob).get(url).content.decode()
    for wrong in ({}, {"handle": ""}, {"handle": "yes"}, {"handle": "\0"}):
        assert as_user(bob).post(url, wrong).status_code == 200
    assert as_user(rita).get(url).status_code == 403 and as_user(charlie).get(url).status_code == 404
    with scope(acme):
        assert not Contact.objects.filter(erased_at__isnull=False).exists()
    as_user(bob).post(url, {"handle": " zebulon@example.com "})
    assert as_user(bob).get(url).status_code == 404  # a person is erased once
    page = as_user(bob).get(f"/w/acme/contacts/{known.pk}/")
    assert page.status_code == 200 and "This contact has been erased" in page.content.decode()
    assert "restore/" not in page.content.decode()
    assert f'contacts/{known.pk}/"' not in as_user(bob).get("/w/acme/contacts/?status=deleted").content.decode()


def test_a_contact_with_a_phone_number_or_external_id_only_can_be_erased(acme, bob, as_user):
    with scope(acme):
        by_phone = Contact.objects.create(phone="+33655544433")
        by_id = Contact.objects.create(external_id="crm-4711")
    for person in (by_phone, by_id):
        as_user(bob).post(f"/w/acme/contacts/{person.pk}/erase/", {"handle": person.handle})
    with scope(acme):
        assert Contact.objects.filter(erased_at__isnull=False).count() == 2
    assert traces() == []


def test_links_in_old_messages_do_not_reach_an_erased_person(acme, known, client):
    with scope(acme):
        batch = sending.start(factories.campaign().pk).first_batch
    erase(acme, known)
    with scope(acme):
        before = Consent.objects.count()
    token = tracking.sign("message", acme.pk, batch.pk, known.pk)
    url = f"/u/{token}/"
    assert client.get(url).status_code == 200
    for data in ({}, {"action": "come_back"}, {"action": "reason", "reason": "too_many"}):
        assert client.post(url, data, REMOTE_ADDR="203.0.113.77").status_code == 200
    with scope(acme):
        assert Consent.objects.count() == before
    assert traces(["203.0.113.77"]) == []


def test_an_erasure_keeps_blocked_domains(acme, known):
    with scope(acme):
        BlockedDomain.objects.create(domain="example.com")
    erase(acme, known)
    with scope(acme):
        assert BlockedDomain.objects.exists()
