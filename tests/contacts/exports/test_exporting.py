"""Exported files: which contacts they have, that they can be read back, that no cell is a formula, that they expire."""

import csv
import io
import json
from datetime import timedelta

import openpyxl
import pytest
from django.db import connections
from django.utils import timezone

from accounts.models import AuditEntry, Notification
from contacts import jobs
from contacts.consent import ledger
from contacts.exports import formats, parts, running, selection, sources
from contacts.groups import tagging
from contacts.models import (
    Company,
    CompanyContact,
    Consent,
    Contact,
    ContactField,
    ContactList,
    Export,
    ExportPart,
    ListMember,
    Segment,
    Suppression,
)
from kernel.tenancy import scope
from tests.contacts.imports.test_importing import import_file
from tests.factories import contacts

EXPORTS = "/w/acme/contacts/exports/"


def export(workspace, *, file_format="csv", wanted=None, kind="contacts", user=None) -> Export:
    with scope(workspace):
        made = running.begin(
            kind=kind, file_format=file_format, name=f"x.{file_format}", wanted=wanted or {}, user=user
        )
    running.run(workspace.pk, made.pk)
    with scope(workspace):
        made.refresh_from_db()
    assert made.state == "done"
    return made


def content(made: Export) -> bytes:
    data = b"".join(parts.stream(made))
    assert len(data) == made.size
    return data


def rows_of(made: Export) -> list[dict]:
    return list(csv.DictReader(io.StringIO(content(made).decode("utf-8-sig"))))


@pytest.fixture
def ana(acme) -> Contact:
    """A contact with everything that a contact can have."""
    with scope(acme):
        ContactField.objects.create(name="city", label="City")
        ContactField.objects.create(name="visits", label="Visits", kind="number")
        ContactField.objects.create(name="vip", label="VIP", kind="boolean")
        ContactField.objects.create(name="email_status", label="Clashes with a column")
        ana = Contact.objects.create(
            email="ana@example.com",
            phone="+33612345678",
            external_id="=1+1",
            first_name='Ana "A"',
            last_name="Élise, Łukasiewicz",
            language="fr",
            attributes={"city": "@SUM(A1)", "visits": -5, "vip": True},
        )
        ledger.grant(ana, source=Consent.Source.FORM, wording="I agree")
        ledger.grant(ana, source=Consent.Source.MEMBER, wording="by phone", channel="sms")
        tagging.retag(ana, ["vip", "shop"])
        for name in ("News", "Old"):
            group = ContactList.objects.create(name=name, deleted_at=timezone.now() if name == "Old" else None)
            ListMember.objects.create(contact_list=group, contact=ana)
        CompanyContact.objects.create(company=Company.objects.create(name="Rouge, SARL"), contact=ana)
    return ana


def test_csv_has_all_columns_and_no_formulas(acme, ana):
    (row,) = rows_of(export(acme))
    assert list(row)[: len(sources.FIXED)] == sources.FIXED
    assert row == row | {
        "fanfare_id": str(ana.pk),
        "email": "ana@example.com",
        "phone": "+33612345678",
        "external_id": "'=1+1",
        "first_name": 'Ana "A"',
        "last_name": "Élise, Łukasiewicz",
        "language": "fr",
        "email_status": "subscribed",
        "sms_status": "subscribed",
        "whatsapp_status": "pending",
        "tags": "shop, vip",
        "lists": "News",
        "companies": '"Rouge, SARL"',
        "consent_source": "form",
        "consent_wording": "I agree",
        "city": "'@SUM(A1)",
        "visits": "-5",
        "vip": "true",
        "field_email_status": "",
    }


def test_json_keeps_types_and_puts_own_fields_together(acme, ana):
    (row,) = json.loads(content(export(acme, file_format="json")))
    assert row["tags"] == ["shop", "vip"] and row["external_id"] == "=1+1" and row["companies"] == ["Rouge, SARL"]
    assert row["fields"] == {"city": "@SUM(A1)", "visits": -5, "vip": True}
    assert json.loads(content(export(acme, file_format="json", wanted={"filters": {"q": "nobody"}}))) == []


def test_excel_cells_are_text_and_never_formulas(acme, ana):
    with scope(acme):
        Contact.objects.create(email="b@example.com", first_name="\x01\x0b<&>\ud7ff", last_name=" x\n y ")
    book = openpyxl.load_workbook(io.BytesIO(content(export(acme, file_format="xlsx"))))
    head, first, second = list(book.active.iter_rows())
    assert [cell.value for cell in head][:2] == ["fanfare_id", "email"]
    cells = {name.value: cell for name, cell in zip(head, first, strict=True)}
    assert (cells["phone"].value, cells["phone"].data_type, cells["phone"].number_format) == ("+33612345678", "s", "@")
    assert (cells["external_id"].value, cells["external_id"].data_type) == ("=1+1", "s")
    assert cells["visits"].value == -5 and cells["last_name"].value == "Élise, Łukasiewicz"
    values = {name.value: cell.value for name, cell in zip(head, second, strict=True)}
    assert values["first_name"] == "��<&>\ud7ff" and values["last_name"] == " x\n y "


def test_a_full_excel_sheet_is_followed_by_another():
    sink = io.BytesIO()
    book = formats.Xlsx(sink, [formats.Column("n")], max_rows=3)
    book.write([(n,) for n in range(5)])
    book.close()
    read = openpyxl.load_workbook(sink)
    assert [[row[0] for row in sheet.values] for sheet in read] == [["n", 0, 1], ["n", 2, 3], ["n", 4]]


def test_what_is_exported_can_be_imported_again(acme, beta, ana):
    with scope(acme):
        contacts(3)
    data = content(export(acme))
    done = import_file(beta, data)
    assert (done.created, done.rejected) == (4, 0)
    with scope(beta):
        back = Contact.objects.get(email="ana@example.com")
        assert (back.first_name, back.last_name) == ('Ana "A"', "Élise, Łukasiewicz")


@pytest.mark.parametrize("file_format", ["csv", "json", "xlsx"])
def test_a_file_of_many_parts_is_whole(acme, monkeypatch, file_format):
    monkeypatch.setattr(parts, "PART", 700)
    monkeypatch.setattr(sources, "CHUNK", 7)
    with scope(acme):
        people = contacts(50)
    made = export(acme, file_format=file_format)
    with scope(acme):
        sizes = [len(part.data) for part in ExportPart.objects.filter(export=made)]
    assert len(sizes) > 3 and set(sizes[:-1]) == {700} and made.rows == 50
    data = content(made)
    if file_format == "csv":
        found = [row["email"] for row in csv.DictReader(io.StringIO(data.decode("utf-8-sig")))]
    elif file_format == "json":
        found = [row["email"] for row in json.loads(data)]
    else:
        found = [row[1] for row in openpyxl.load_workbook(io.BytesIO(data)).active.values][1:]
    assert found == [person.email for person in people]


def test_the_exported_contacts(acme, beta, ana):
    with scope(beta):
        contacts(2)
    with scope(acme):
        gone, _other = contacts(2, status="unsubscribed")
        Contact.objects.filter(pk=gone.pk).update(deleted_at=timezone.now())
        erased = Contact.objects.create(email="e@example.com")
        Contact.objects.filter(pk=erased.pk).update(deleted_at=timezone.now(), erased_at=timezone.now())
        tag, group = ana.contacttag_set.first().tag_id, ContactList.objects.get(name="News").pk

    def emails(wanted):
        return [row["email"] for row in rows_of(export(acme, wanted=wanted))]

    assert emails({}) == ["ana@example.com", "p1@example.com"]
    assert emails({"audience": {"contact_ids": [ana.pk]}}) == ["ana@example.com"]
    assert emails({"filters": {"status": "unsubscribed"}}) == ["p1@example.com"]
    assert emails({"filters": {"status": "deleted"}}) == ["p0@example.com"]
    assert emails({"filters": {"tag": tag}}) == emails({"filters": {"list": group}}) == ["ana@example.com"]
    assert emails({"filters": {"q": "ÉLISE"}}) == ["ana@example.com"] == emails({"filters": {"q": "an"}})
    assert emails({"filters": {"q": "100%"}}) == []


def test_an_export_is_of_one_moment(acme, monkeypatch):
    monkeypatch.setattr(sources, "CHUNK", 2)
    with scope(acme):
        people = contacts(6)
        made = running.begin(kind="contacts", file_format="csv", name="x.csv", wanted={}, user=None)
    real = formats.Csv.write

    def meanwhile(self, rows):
        real(self, rows)
        with scope(acme):
            Contact.objects.filter(pk=people[-1].pk).update(email="changed@example.com")
            Contact.objects.filter(pk=people[-2].pk).update(deleted_at=timezone.now())

    monkeypatch.setattr(formats.Csv, "write", meanwhile)
    running.run(acme.pk, made.pk)
    with scope(acme):
        made.refresh_from_db()
    assert [row["email"] for row in rows_of(made)] == [f"p{n}@example.com" for n in range(6)]


def test_the_parts_of_a_dead_worker_are_not_in_the_file(acme, monkeypatch):
    monkeypatch.setattr(parts, "PART", 100)
    with scope(acme):
        contacts(10)
        made = running.begin(kind="contacts", file_format="csv", name="x.csv", wanted={}, user=None)
    real = formats.Csv.close
    monkeypatch.setattr(formats.Csv, "close", lambda self: (_ for _ in ()).throw(KeyboardInterrupt))
    with pytest.raises(KeyboardInterrupt):
        running.run(acme.pk, made.pk)
    monkeypatch.setattr(formats.Csv, "close", real)
    running.run(acme.pk, made.pk)
    with pytest.raises(running.Interrupted):
        running.run(acme.pk, made.pk)  # it is there
    with scope(acme):
        made.refresh_from_db()
    assert len(rows_of(made)) == 10


def test_two_workers_do_not_write_one_file(acme):
    with scope(acme):
        made = running.begin(kind="contacts", file_format="csv", name="x.csv", wanted={}, user=None)
    with connections["owner"].cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s, %s)", [running.LOCK, made.pk])
        try:
            with pytest.raises(running.Interrupted):
                running.run(acme.pk, made.pk)
        finally:
            cursor.execute("SELECT pg_advisory_unlock_all()")


def test_an_export_that_was_stopped_leaves_no_file(acme, bob, monkeypatch, run_jobs):
    monkeypatch.setattr(parts, "PART", 100)
    with scope(acme):
        contacts(10)
        made = running.begin(kind="contacts", file_format="csv", name="x.csv", wanted={}, user=bob)
    real = formats.Csv.write

    def stopped(self, rows):
        with scope(acme):
            running.expire(Export.objects.filter(pk=made.pk))
        real(self, rows)

    monkeypatch.setattr(formats.Csv, "write", stopped)
    jobs.make_export(workspace_id=acme.pk, export_id=made.pk)
    with scope(acme):
        made.refresh_from_db()
        assert made.state == "expired" and not ExportPart.objects.exists()
        assert made.job.state == "failed" and "erased" in made.job.message
        assert Notification.objects.of(bob).exists()


def test_an_export_over_its_time_budget_says_what_to_do(acme, bob, monkeypatch):
    monkeypatch.setattr(running, "BUDGET", -1)
    with scope(acme):
        contacts(3)
        made = running.begin(kind="contacts", file_format="csv", name="x.csv", wanted={}, user=bob)
    jobs.make_export(workspace_id=acme.pk, export_id=made.pk)
    with scope(acme):
        made.refresh_from_db()
        assert made.state == "failed" and "at a time" in made.job.message and not ExportPart.objects.exists()


def test_files_are_deleted_when_their_time_is_over(acme, bob, as_user):
    made = export(acme, user=bob)
    client = as_user(bob)
    assert client.get(f"{EXPORTS}{made.pk}/download/").status_code == 200
    with scope(acme):
        Export.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    assert client.get(f"{EXPORTS}{made.pk}/download/").status_code == 302  # at once, whenever the job comes
    jobs.tidy_exports()
    with scope(acme):
        made.refresh_from_db()
        assert made.state == "expired" and not ExportPart.objects.exists()


def test_the_whole_way_on_the_pages(acme, bob, as_user, run_jobs, ana):
    client = as_user(bob)
    assert "No exports yet" in client.get(EXPORTS).content.decode()
    form = client.get(EXPORTS + "new/?status=subscribed&q=an").content.decode()
    assert "matching the filter: Subscribed, “an”" in form
    answer = client.post(
        EXPORTS + "new/", {"who": "filters", "filters": '{"status": "subscribed", "q": "an"}', "format": "csv"}
    )
    assert run_jobs().count("contacts.make_export") == 1
    page = client.get(answer["Location"]).content.decode()
    assert "Download" in page and "contacts.csv" in client.get(EXPORTS).content.decode()
    file = client.get(answer["Location"] + "download/")
    data = b"".join(file.streaming_content)
    assert int(file["Content-Length"]) == len(data) and b"ana@example.com" in data
    assert 'filename="contacts.csv"' in file["Content-Disposition"] and "no-store" in file["Cache-Control"]
    with scope(acme):
        assert Notification.objects.of(bob).get().title == "contacts.csv is ready"
        verbs = set(AuditEntry.objects.values_list("verb", flat=True))
    assert {"export.asked", "export.downloaded"} <= verbs
    client.post(answer["Location"] + "delete/")
    with scope(acme):
        assert not ExportPart.objects.exists()


def test_a_selection_comes_from_the_list_page(acme, bob, as_user, ana):
    client = as_user(bob)
    form = client.get(EXPORTS + "new/", {"id": [str(ana.pk), "x", "9" * 30]}).content.decode()
    assert "Selected contacts (1)" in form
    client.post(EXPORTS + "new/", {"who": "ids", "ids": str(ana.pk), "format": "json"})
    with scope(acme):
        assert Export.objects.get().scope["audience"]["contact_ids"] == [ana.pk]


def test_an_empty_selection_is_not_everybody(acme, bob, as_user, ana):
    answer = as_user(bob).get(EXPORTS + "new/?selected=1", follow=True)
    assert "Select contacts first" in answer.content.decode()
    assert answer.redirect_chain[0][0] == "/w/acme/contacts/"


def test_bad_selections_are_refused_with_a_message(acme, bob, as_user):
    client = as_user(bob)
    with scope(acme):
        segment = Segment.objects.create(name="S", definition={"v": "of another planet"})
    for bad in (
        {"who": "everyone", "format": "exe"},
        {"who": "list:999", "format": "csv"},
        {"who": "list:" + "9" * 40, "format": "csv"},
        {"who": "tag:x\0", "format": "csv"},
        {"who": f"segment:{segment.pk}", "format": "csv"},
        {"who": "filters", "filters": "[[", "format": "csv"},
        {"who": "ids", "ids": "é,\0,", "format": "csv", "filters": '"x"'},
    ):
        page = client.post(EXPORTS + "new/", bad)
        assert page.status_code == 200 and "errorlist" in page.content.decode(), bad
    with scope(acme):
        assert not Export.objects.exists()


def test_a_tag_beyond_those_offered_can_be_chosen_by_its_page(acme, bob, as_user, monkeypatch):
    monkeypatch.setattr("contacts.forms.exports.export.MAX_CHOICES", 1)
    with scope(acme):
        last = tagging.named(["a", "b", "zebra"])[-1]
    client = as_user(bob)
    assert f'value="tag:{last.pk}" selected' in client.get(f"{EXPORTS}new/?who=tag:{last.pk}").content.decode()
    client.post(EXPORTS + "new/", {"who": f"tag:{last.pk}", "format": "csv"})
    with scope(acme):
        assert Export.objects.get().name == "contacts-zebra.csv"


def test_operators_viewers_and_strangers_export_nothing(acme, beta, rita, charlie, as_user):
    made = export(acme)
    for path in ("", "new/", f"{made.pk}/", f"{made.pk}/download/"):
        assert as_user(rita).get(EXPORTS + path).status_code == 403
        assert as_user(charlie).get(EXPORTS + path).status_code == 404
    assert as_user(charlie).get(f"/w/beta/contacts/exports/{made.pk}/download/").status_code == 404


def test_the_suppression_list_as_a_file(acme, bob, as_user, run_jobs):
    with scope(acme):
        Suppression.objects.create(channel="email", recipient="a@example.com", reason="manual", note="=rude")
        Suppression.objects.create(channel="email", digest=b"x" * 16, reason="erased")
    as_user(bob).post("/w/acme/contacts/suppression/export/")
    run_jobs()
    with scope(acme):
        made = Export.objects.get()
    first, second = rows_of(made)
    assert (first["address"], first["reason"], first["note"]) == ("a@example.com", "manual", "'=rude")
    assert (second["address"], second["hash"]) == ("", (b"x" * 16).hex())


def test_everyone_includes_inactive_contacts(acme):
    with scope(acme):
        contacts(1, inactive_at=timezone.now())
        condition, params = selection.condition({})
    assert sources.count(acme.pk, condition, params) == 1
