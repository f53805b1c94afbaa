"""The consent receipt, whose copies have the same hash, and the export of all data about one person."""

import csv
import hashlib
import io
import json
import re
import zipfile
import zlib
from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from campaigns import sending
from contacts.consent import ledger, receipt_pdf, receipts, suppression_list
from contacts.exports import sources, workspace_archive
from contacts.groups import tagging
from contacts.models import Consent, Contact, Note, Suppression, Topic
from contacts.privacy import subject_data
from delivery.models import Hit, Message
from kernel.tenancy import scope
from tests import factories


@pytest.fixture
def ana(acme, bob) -> Contact:
    with scope(acme):
        ana = Contact.objects.create(
            email="ana@example.com", phone="+33612345678", first_name="Élodie", last_name="Łukasiewicz 李"
        )
        topic = Topic.objects.create(name="Offres d’été")
        proof = {"address": "203.0.113.7", "page": "https://acme.example/news", "message_id": "<m1@acme.example>"}
        ledger.grant(ana, source=Consent.Source.CONFIRMED, wording="J’accepte — oui €", **proof)
        ledger.grant(ana, source=Consent.Source.FORM, wording="SMS too", channel="sms", basis="soft_opt_in")
        ledger.grant(ana, source=Consent.Source.PREFERENCES, wording="w", topic=topic)
        ledger.withdraw(ana, source=Consent.Source.MEMBER, reason="by telephone", actor=bob)
    return ana


def pages_of(pdf: bytes) -> bytes:
    """The uncompressed content streams of a PDF."""
    # The line end before "endstream" is left on: a stream may itself end in a carriage return.
    streams = re.findall(rb"stream\r?\n(.*?)endstream", pdf, re.DOTALL)
    return b"".join(zlib.decompressobj().decompress(stream) for stream in streams if stream[:1] == b"x")


def exported(source: sources.Source) -> list[dict]:
    names = [column.name for column in source.columns]
    return [dict(zip(names, row, strict=True)) for chunk in source.chunks() for row in chunk]


def test_the_receipt_holds_every_row_with_its_proof(acme, ana):
    with scope(acme):
        data = receipts.receipt(ana, acme)
    assert data["channels"] == {
        "email": "unsubscribed",
        "sms": "subscribed",
        "whatsapp": "pending",
        "tracking": "pending",
    }
    assert data["topics"] == [{"topic": "Offres d’été", "channel": "email", "wanted": True}]
    first, sms, topic, last = data["ledger"]
    assert first["ip"] == "203.0.113.7" and first["message_id"] == "<m1@acme.example>"
    assert first["wording"] == "J’accepte — oui €"
    assert first["wording_version"] == hashlib.sha256(first["wording"].encode()).hexdigest()[:16]
    assert (sms["basis"], topic["topic"]) == ("soft_opt_in", "Offres d’été")
    assert (last["state"], last["reason"], last["actor"]) == ("withdrawn", "by telephone", "bob@acme.example")
    utc = datetime.fromisoformat(first["at"])
    local, zone = first["at_local"].split(" ")
    assert utc == datetime.fromisoformat(local) and zone == "Europe/Paris" and first["at"].endswith("Z")


def test_a_receipt_has_the_day_that_is_claimed_and_when_it_was_recorded(acme, ana, alice, as_user):
    day = timezone.localdate() - timedelta(days=8)
    client = as_user(alice)
    values = {"channel": "whatsapp", "way": "paper", "day": f"{day}", "note": "A signed slip"}
    client.post(f"/w/acme/contacts/{ana.pk}/consent/new/", values)
    data = json.loads(client.get(f"/w/acme/contacts/{ana.pk}/receipt.json").content)["receipt"]
    entry = data["ledger"][-1]
    assert (entry["claimed_on"], entry["at"], entry["at_local"]) == (f"{day}", None, None)
    assert datetime.now(UTC) - datetime.fromisoformat(entry["recorded_at"]) < timedelta(minutes=1)
    assert all(row["recorded_at"] and row["at"] and row["claimed_on"] is None for row in data["ledger"][:-1])
    pages = pages_of(client.get(f"/w/acme/contacts/{ana.pk}/receipt.pdf").content)
    assert f"Stated date: {day}".encode() in pages and f"Recorded: {entry['recorded_at']}".encode() in pages
    assert data["ledger"] == sorted(data["ledger"], key=lambda row: row["recorded_at"])


def test_a_row_from_before_says_that_its_time_is_unknown(acme, ana, alice, as_user):
    with scope(acme):
        Consent.objects.create(contact=ana, state="granted", source="member", recorded_at=None)
    client = as_user(alice)
    data = json.loads(client.get(f"/w/acme/contacts/{ana.pk}/receipt.json").content)
    assert data["receipt"]["ledger"][-1]["recorded_at"] is None
    pages = pages_of(client.get(f"/w/acme/contacts/{ana.pk}/receipt.pdf").content)
    assert b"recorded before Fanfare kept this time" in pages


def test_a_members_address_is_not_the_persons(acme, ana, alice, as_user):
    with scope(acme):
        for source in ("member", "merge"):
            Consent.objects.create(contact=ana, state="granted", source=source, address="192.0.2.55")
        receipt = receipts.receipt(ana, acme)
        own = subject_data.collect(ana)
    rows = exported(workspace_archive.TABLES["consents"].source(acme.pk))
    assert [row["ip"] for row in receipt["ledger"]] == ["203.0.113.7", *[None] * 5]
    assert [row["entered_from"] for row in receipt["ledger"][-2:]] == ["192.0.2.55"] * 2
    assert "192.0.2.55" not in str(own["consents"]) and "203.0.113.7" in str(own["consents"])
    assert [f"{row['ip']} {row['entered_from']}" for row in rows][::5] == ["203.0.113.7 None", "None 192.0.2.55"]
    pages = pages_of(receipt_pdf.as_pdf(receipt, timezone.now()))
    assert b"Entered from IP address: 192.0.2.55" in pages and b"IP address: 192" not in pages.replace(b"from IP", b"")


def test_a_persons_data_and_the_exports_have_both_times(acme, ana):
    day = timezone.localdate() - timedelta(days=8)
    with scope(acme):
        ledger.grant(ana, source=Consent.Source.FORM, wording="back", claimed_on=day)
        (row,) = [row for row in subject_data.collect(ana)["consents"] if row["wording"] == "back"]
    last = exported(workspace_archive.TABLES["consents"].source(acme.pk))[-1]
    (contact,) = exported(sources.contacts(acme.pk, "true", {}))
    for found in (row, last):
        assert (found["claimed_on"], found["at"]) == (day, None) and found["recorded_at"]
    assert contact["consent_at"] == f"{day}" and contact["consent_recorded_at"].startswith(f"{datetime.now(UTC):%Y-%m}")


def test_pdf_and_json_carry_the_same_hash_until_something_changes(acme, ana, rita, as_user):
    client, url = as_user(rita), f"/w/acme/contacts/{ana.pk}/receipt"
    first = json.loads(client.get(url + ".json").content)
    assert first["sha256"] == hashlib.sha256(receipts.canonical(first["receipt"])).hexdigest()
    pdf = client.get(url + ".pdf")
    assert pdf["Content-Type"] == "application/pdf" and first["sha256"].encode() in pages_of(pdf.content)
    assert "J’accepte — oui €".encode("cp1252") in pages_of(pdf.content)
    with scope(acme):
        ledger.withdraw(ana, source=Consent.Source.PAGE, channel="sms")
    assert json.loads(client.get(url + ".json").content)["sha256"] != first["sha256"]


def test_letters_outside_the_pdfs_font_are_replaced_in_the_pdf_only(acme, ana, rita, as_user):
    assert receipt_pdf.readable("Élodie Łukasiewicz 李 €’ ñ Ő") == "Élodie ?ukasiewicz ? €’ ñ O"
    data = json.loads(as_user(rita).get(f"/w/acme/contacts/{ana.pk}/receipt.json").content)
    assert data["receipt"]["person"]["last_name"] == "Łukasiewicz 李"
    with scope(acme):
        Contact.objects.filter(pk=ana.pk).update(last_name="x" * 120, first_name="ب \x07\u202e" * 10)
        for n in range(80):  # more than a page
            Consent.objects.create(contact=ana, state="granted", source="form", wording=f"{n}" + "wide" * 400)
    assert as_user(rita).get(f"/w/acme/contacts/{ana.pk}/receipt.pdf").content.startswith(b"%PDF")


def test_contacts_without_consent_and_erased_ones_have_a_receipt(acme, rita, as_user):
    with scope(acme):
        (nobody,) = factories.contacts(1, status="pending")
        gone = Contact.objects.create(erased_at=timezone.now(), deleted_at=timezone.now())
    for person in (nobody, gone):
        for kind in ("json", "pdf"):
            assert as_user(rita).get(f"/w/acme/contacts/{person.pk}/receipt.{kind}").status_code == 200


def test_another_workspace_gets_no_receipt(acme, beta, ana, charlie, as_user):
    for path in ("receipt.json", "receipt.pdf", "person.json", "person.zip"):
        assert as_user(charlie).get(f"/w/beta/contacts/{ana.pk}/{path}").status_code == 404


def test_everything_about_one_person(acme, ana, bob, as_user):
    with scope(acme):
        tagging.retag(ana, ["vip"])
        Note.objects.create(contact=ana, text="=likes(red)", author=bob)
        suppression_list.suppress("sms", "+33612345678", Suppression.Reason.MANUAL, note="rang")
        other = factories.contacts(1)[0]
        Note.objects.create(contact=other, text="secret of another")
        batch = sending.start(factories.campaign(subject="Hello").pk).first_batch
        Message.objects.create(
            workspace=acme, batch=batch, contact=ana, state=1, settled_at=timezone.now(), opened_at=timezone.now()
        )
        Hit.objects.create(batch_id=batch.pk, contact_id=ana.pk, kind=2, link=0)
    client = as_user(bob)
    data = json.loads(client.get(f"/w/acme/contacts/{ana.pk}/person.json").content)
    assert list(data) == [
        *(
            "person",
            "fields",
            "tags",
            "lists",
            "companies",
            "notes",
            "events",
            "changes",
            "consents",
            "topic_choices",
            "imports",
        ),
        *("sign_ups", "suppressions", "messages", "opens_and_clicks"),
    ]
    assert data["person"][0]["email"] == "ana@example.com" and data["tags"] == [{"tag": "vip"}]
    assert len(data["consents"]) == 4 and data["consents"][0]["ip"] == "203.0.113.7"
    assert {row["reason"] for row in data["suppressions"]} == {"unsubscribed", "manual"}
    (message,) = data["messages"]
    assert (message["subject"], message["state"]) == ("Hello", "accepted") and message["opened_at"]
    assert data["opens_and_clicks"][0]["what"] == "Click"
    archive = zipfile.ZipFile(io.BytesIO(client.get(f"/w/acme/contacts/{ana.pk}/person.zip").content))
    assert json.loads(archive.read("everything.json")) == data
    (note,) = csv.DictReader(io.StringIO(archive.read("notes.csv").decode("utf-8-sig")))
    assert note["text"] == "'=likes(red)"
    assert b"secret of another" not in archive.read("everything.json")


def test_a_section_can_be_added_by_a_higher_app(acme, ana):
    subject_data.register("orders", lambda contact: [{"order": contact.pk, "at": datetime(2026, 1, 2, tzinfo=UTC)}])
    try:
        with scope(acme):
            data = json.loads(subject_data.as_json(ana))
    finally:
        subject_data.SECTIONS.remove("orders")
    assert data["orders"] == [{"order": ana.pk, "at": "2026-01-02T00:00:00+00:00"}]


def test_the_contacts_page_says_how_long_the_trash_keeps(acme, ana, bob, as_user):
    with scope(acme):
        Contact.objects.filter(pk=ana.pk).update(deleted_at=timezone.now() - timedelta(days=5, hours=1))
    page = as_user(bob).get(f"/w/acme/contacts/{ana.pk}/").content.decode()
    assert "Deleted 5 days ago" in page and "Deleted permanently in 25 days" in page
