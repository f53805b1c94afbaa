"""The export of the whole workspace as one file, for its administrators."""

import csv
import hashlib
import io
import json
import zipfile

from django.core import mail

from campaigns import sending
from contacts.consent import ledger, suppression_list
from contacts.exports import parts, workspace_archive
from contacts.groups import tagging
from contacts.models import Company, CompanyContact, ContactField, Export, Segment, Suppression
from delivery.batching import fill
from kernel.tenancy import scope
from tests import factories
from tests.contacts.exports.test_exporting import EXPORTS

FILES = {
    *("contacts.csv", "suppressions.csv", "fields.json", "tags.csv", "lists.csv", "topics.csv", "segments.json"),
    "contact_changes.json",
    *("companies.csv", "company_contacts.csv", "consents.csv", "topic_choices.csv", "notes.csv", "events.json"),
    *(
        "blocked_domains.csv",
        "brand.json",
        "seed_lists.csv",
        "newsletter_archive.csv",
        "newsletter_archive_entries.csv",
        "forms.json",
        "pictures.csv",
        "picture_files.csv",
        "messages.csv",
        "campaigns.json",
        "campaign_batches.csv",
        "templates.csv",
        "manifest.json",
    ),
}


def test_everything_is_in_one_zip_that_a_mail_announces(acme, beta, alice, as_user, run_jobs, monkeypatch):
    monkeypatch.setattr(parts, "PART", 500)
    with scope(beta):
        factories.contacts(1, last_name="Foreign")
        tagging.named(["foreign"])
    with scope(acme):
        person, _other = factories.contacts(2)
        tagging.retag(person, ["vip"])
        ContactField.objects.create(name="city", label="City", kind="choice", choices=["Lyon"])
        Segment.objects.create(name="S", definition={"v": 1, "all": []})
        CompanyContact.objects.create(company=Company.objects.create(name="=Rouge"), contact=person)
        ledger.grant(person, source="form", wording="I agree", address="203.0.113.7")
        suppression_list.suppress("email", "no@example.com", Suppression.Reason.MANUAL)
        batch = sending.start(factories.campaign().pk).first_batch
    while not fill(batch.pk):
        pass
    answer = as_user(alice).post(EXPORTS + "new/workspace/")
    run_jobs()
    with scope(acme):
        made = Export.objects.get()
        assert (made.state, made.kind) == ("done", "workspace")
        archive = zipfile.ZipFile(io.BytesIO(b"".join(parts.stream(made))))
    assert archive.testzip() is None and set(archive.namelist()) == FILES
    manifest = json.loads(archive.read("manifest.json"))
    assert manifest["format"] == 2 and manifest["workspace"]["name"] == "Acme"
    for name, told in manifest["files"].items():
        data = archive.read(name)
        assert told["sha256"] == hashlib.sha256(data).hexdigest()
        rows = (
            json.loads(data) if name.endswith("json") else list(csv.DictReader(io.StringIO(data.decode("utf-8-sig"))))
        )
        assert told["rows"] == len(rows), name
        assert b"oreign" not in data
    assert manifest["files"]["contacts.csv"]["rows"] == 2 == manifest["files"]["messages.csv"]["rows"]
    assert json.loads(archive.read("segments.json"))[0]["definition"] == {"v": 1, "all": []}
    assert b"203.0.113.7" in archive.read("consents.csv") and b"'=Rouge" in archive.read("companies.csv")
    (sent,) = mail.outbox
    assert sent.to == ["alice@acme.example"] and answer["Location"] in sent.body


def test_a_change_of_many_is_one_row(acme):
    with scope(acme):
        people = factories.contacts(300)
    changes = workspace_archive.TABLES["contact_changes"].source(acme.pk)
    names = [column.name for column in changes.columns]
    rows = [dict(zip(names, row, strict=True)) for chunk in changes.chunks() for row in chunk]
    created = [row["contact_ids"] for row in rows if row["kind"] == "created"]
    assert len(created) <= 2, "the ids may lie in two blocks"
    assert sorted(pk for ids in created for pk in ids) == [person.pk for person in people]


def test_few_rows_that_may_be_large_are_in_memory(acme):
    with scope(acme):
        for n in range(60):
            factories.contacts(1, email=f"p{n}@example.com")
    changes = workspace_archive.TABLES["contact_changes"].source(acme.pk)
    assert max(len(chunk) for chunk in changes.chunks()) == 50


def test_only_admins_create_and_see_it(acme, alice, bob, as_user, run_jobs):
    assert as_user(bob).post(EXPORTS + "new/workspace/").status_code == 403
    as_user(alice).post(EXPORTS + "new/workspace/")
    run_jobs()
    with scope(acme):
        made = Export.objects.get()
    assert as_user(bob).get(f"{EXPORTS}{made.pk}/").status_code == 404
    assert as_user(bob).get(f"{EXPORTS}{made.pk}/download/").status_code == 404
    assert as_user(alice).get(f"{EXPORTS}{made.pk}/download/").status_code == 200
    assert "Whole workspace" not in as_user(bob).get(EXPORTS).content.decode()
