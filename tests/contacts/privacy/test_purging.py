"""The trash: contacts can be restored for 30 days, then they are purged; what must stay, stays."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from contacts.consent import ledger, suppression_list
from contacts.models import (
    Company,
    CompanyContact,
    Consent,
    Contact,
    ContactImport,
    ContactList,
    ImportNote,
    ImportPart,
    ListMember,
    RejectedRow,
    Segment,
    SignupForm,
    Suppression,
    Topic,
)
from contacts.people import merging
from contacts.privacy import purging
from kernel import trash
from kernel.tenancy import scope
from tests.contacts.privacy.test_erasure import traces
from tests.factories import contacts


def ago(**span):
    return timezone.now() - timedelta(**span)


def test_a_contact_is_purged_after_thirty_days_and_not_before(acme, beta, alice, as_user):
    with scope(acme):
        old, young, present = contacts(3)
        Contact.objects.filter(pk=old.pk).update(deleted_at=ago(days=30, minutes=1), first_name="Zebulon")
        Contact.objects.filter(pk=young.pk).update(deleted_at=ago(days=29, hours=23))
    with scope(beta):
        Contact.objects.create(email="quirrel@example.com", deleted_at=ago(days=31))
    assert purging.purge() is None
    assert traces(["zebulon", "p0@example.com", "quirrel"]) == []
    with scope(acme):
        old.refresh_from_db()
        assert old.erased_at and not Contact.objects.deleted().filter(pk=old.pk).exists()
    client = as_user(alice)
    assert client.post(f"/w/acme/contacts/{old.pk}/restore/").status_code == 404
    client.post(f"/w/acme/contacts/{young.pk}/restore/")
    with scope(acme):
        assert list(Contact.objects.present().order_by("pk")) == [young, present]


def test_the_suppression_list_stays_as_it_is(acme):
    """People who objected stay suppressed; others may be added again."""
    with scope(acme):
        objected, _silent = contacts(2)
        ledger.withdraw(objected, source=Consent.Source.PAGE)
        Contact.objects.update(deleted_at=ago(days=31))
    purging.purge()
    with scope(acme):
        assert Suppression.objects.get().recipient == "p0@example.com"
        assert suppression_list.status_of("email", "p0@example.com") == "unsubscribed"
        assert suppression_list.status_of("email", "p1@example.com") is None
        assert Consent.objects.get().state == "withdrawn"


def test_a_merged_contacts_proof_stays_as_long_as_the_survivor(acme):
    with scope(acme):
        survivor, loser, other = contacts(3)
        ledger.grant(loser, source=Consent.Source.FORM, wording="I agree", page="https://acme.example/", address="::1")
        merging.merge(survivor, loser, set(), actor=None, address=None)
        Contact.objects.filter(pk=loser.pk).update(deleted_at=ago(days=31))
    purging.purge()
    with scope(acme):
        proof = Consent.objects.filter(contact=loser).get()
        assert (proof.page, proof.address) == ("https://acme.example/", "::1")
        Contact.objects.filter(pk=survivor.pk).update(deleted_at=ago(days=31))
    purging.purge()
    assert traces([survivor.email, loser.email]) == []
    with scope(acme):
        assert Consent.objects.get(pk=proof.pk).page == "" and Contact.objects.get(pk=other.pk).email


def test_chunks_reach_everyone_and_can_be_interrupted(acme, monkeypatch):
    monkeypatch.setattr(purging, "CHUNK", 3)
    with scope(acme):
        contacts(10, deleted_at=ago(days=31))
    assert purging.purge(budget=-1) is not None
    with scope(acme):
        assert Contact.objects.filter(erased_at__isnull=False).count() == 3
    assert purging.purge() is None
    with scope(acme):
        assert Contact.objects.filter(erased_at=None).count() == 0


def test_a_run_continues_where_the_last_one_ended(acme, beta, monkeypatch):
    """Many workspaces with much to purge must not delay the last ones indefinitely."""
    for workspace in (acme, beta):
        with scope(workspace):
            contacts(2, deleted_at=ago(days=31))
    first, last = sorted((acme, beta), key=lambda workspace: workspace.pk)
    assert purging.purge(after=first.pk) is None
    with scope(last):
        assert not Contact.objects.filter(erased_at=None).exists()
    with scope(first):
        assert Contact.objects.filter(erased_at=None).count() == 2
    assert purging.purge(budget=-1) == first.pk - 1


@pytest.mark.parametrize("days, left", [(31, 0), (29, 1)])
def test_lists_segments_companies_forms_and_topics_are_purged_too(acme, days, left):
    with scope(acme):
        (person,) = contacts(1)
        when = ago(days=days)
        group = ContactList.objects.create(name="L", deleted_at=when)
        ListMember.objects.create(contact_list=group, contact=person)
        Segment.objects.create(name="S", deleted_at=when)
        company = Company.objects.create(name="C", deleted_at=when)
        CompanyContact.objects.create(company=company, contact=person)
        SignupForm.objects.create(name="F", wording="w", deleted_at=when, contact_list=group)
        SignupForm.objects.create(name="Present", wording="w", contact_list=group)
        Topic.objects.create(name="T", deleted_at=when)
        agreed = Topic.objects.create(name="Agreed to", deleted_at=when)
        ledger.grant(person, source="form", wording="w", topic=agreed)
    purging.purge()
    with scope(acme):
        for model in (ContactList, ListMember, Segment, Company, CompanyContact):
            assert model.objects.count() == left, model
        assert SignupForm.objects.count() == left + 1
        assert Topic.objects.count() == left + 1 and Topic.objects.filter(pk=agreed.pk).exists()
        assert Contact.objects.present().count() == 1


def test_the_file_of_a_failed_import_is_deleted_after_a_week(acme, alice, as_user):
    with scope(acme):
        values = {"size": 1, "encoding": "utf-8", "delimiter": ",", "state": "failed", "preview": {"first": ["who"]}}
        failed = ContactImport.objects.create(name="failed", **values)
        ImportPart.objects.create(contact_import=failed, n=0, data=b"x")
        ContactImport.objects.update(uploaded_at=ago(days=8))
    purging.purge()
    with scope(acme):
        assert not ImportPart.objects.exists() and ContactImport.objects.get().preview is None
    page = as_user(alice).post(f"/w/acme/contacts/imports/{failed.pk}/start/", follow=True).content.decode()
    assert "no longer available" in page
    with scope(acme):
        assert ContactImport.objects.get().state == "failed", "an incomplete import does not become a complete one"


def test_a_topic_with_consents_is_not_loaded_row_by_row(acme):
    with scope(acme):
        agreed = Topic.objects.create(name="Agreed to", deleted_at=ago(days=31))
        for person in contacts(3):
            ledger.grant(person, source="form", wording="w", topic=agreed)
        with CaptureQueriesContext(connection) as asked:
            trash.purge(Topic, ago(days=30))
        assert Topic.objects.filter(pk=agreed.pk).exists()
    about = [query["sql"] for query in asked if "contacts_consent" in query["sql"]]
    assert about and all("LIMIT 1" in sql for sql in about)


def test_unused_uploads_and_old_rejected_rows_and_notes_are_emptied(acme):
    with scope(acme):
        values = {"size": 1, "encoding": "utf-8", "delimiter": ","}
        files = {name: ContactImport.objects.create(name=name, **values) for name in ("new", "old", "done")}
        for name, days in (("old", 8), ("done", 91)):
            ContactImport.objects.filter(name=name).update(uploaded_at=ago(days=days))
        ContactImport.objects.filter(name="done").update(state="done")
        for file in files.values():
            ImportPart.objects.create(contact_import=file, n=0, data=b"x")
            RejectedRow.objects.create(contact_import=file, line=1, reason="space", cells=["somebody"])
            note = {"line": 1, "column": "x", "reason": "not_date", "cell": "somebody"}
            ImportNote.objects.create(contact_import=file, cells=["somebody"], **note)
    purging.purge()
    with scope(acme):
        assert set(ContactImport.objects.values_list("name", flat=True)) == {"new", "done"}
        assert ImportPart.objects.count() == 2
        kept = dict(RejectedRow.objects.values_list("contact_import__name", "cells"))
        assert kept == {"new": ["somebody"], "done": []}
        notes = {
            name: (cell, cells)
            for name, *(cell, cells) in ImportNote.objects.values_list("contact_import__name", "cell", "cells")
        }
        assert notes == {"new": ("somebody", ["somebody"]), "done": ("", [])}
