"""CSV files as people have them: every row has a result, an opt-out is never reversed, and a crash costs nothing."""

import codecs
import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from contacts.consent import ledger, suppression_list
from contacts.imports import prefetch, row_dedup, running, sniffing, uploading
from contacts.imports.run_settings import RunSettings
from contacts.models import Consent, Contact, ContactImport, ContactTag, RejectedRow, Suppression
from kernel.tenancy import scope
from tests.factories import contacts


def import_file(workspace, data: bytes, mapping=None, **fields) -> ContactImport:
    with scope(workspace):
        done = uploading.upload(SimpleUploadedFile("people.csv", data), None)
        done.consent_source = "form on our site"
        done.mapping = mapping or done.mapping
        for name, value in fields.items():
            setattr(done, name, value)
        running.start(done, None)
    while not running.run(workspace.pk, done.pk):
        pass
    with scope(workspace):
        done.refresh_from_db()
    assert done.rows == done.created + done.updated + done.merged + done.rejected
    return done


def emails(workspace) -> list[str]:
    with scope(workspace):
        return list(Contact.objects.order_by("email").values_list("email", flat=True))


TEXT = "email;prénom\nzoé@exämple.com;Zoé\nb@example.com;Bé\n"


@pytest.mark.parametrize(
    "data, encoding",
    [
        (TEXT.encode(), "utf-8"),
        (codecs.BOM_UTF8 + TEXT.encode(), "utf-8-sig"),
        (TEXT.encode("utf-16"), "utf-16"),
        (TEXT.encode("utf-16-le"), "utf-16-le"),
        (TEXT.encode("cp1252"), "cp1252"),
        (TEXT.encode("mac_roman"), "mac_roman"),
    ],
)
def test_encodings_are_recognised(acme, data, encoding):
    done = import_file(acme, data)
    assert done.encoding == encoding
    with scope(acme):
        assert Contact.objects.get(email="b@example.com").first_name == "Bé"
        assert Contact.objects.get(first_name="Zoé").email == "zoé@exämple.com"


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_delimiters_are_recognised(acme, delimiter):
    done = import_file(acme, f"email{delimiter}nom\na@example.com{delimiter}Doe\n".encode())
    assert done.delimiter == delimiter and done.created == 1


def test_a_file_without_header(acme):
    done = import_file(acme, b"a@example.com,Ann\nb@example.com,Bea\n")
    assert not done.has_header and done.rows == 2 and emails(acme) == ["a@example.com", "b@example.com"]


def test_quoted_newlines_ragged_rows_and_blank_lines(acme):
    data = b'email,first name,note\na@example.com,"Ann\nMarie",x\n\nb@example.com\nc@example.com,C,d,e,f\n,only,these\n'
    done = import_file(acme, data)
    assert (done.rows, done.created, done.rejected) == (4, 3, 1)
    with scope(acme):
        assert Contact.objects.get(email="a@example.com").first_name == "Ann\nMarie"


def test_bad_addresses_are_rejected_with_the_reason(acme):
    data = b"email,x\nno address,1\ntwo@@example.com,2\nwith space@example.com,3\n,4\nplain,5\nok@example.com,6\nn\0ul@example.com,7\n"
    done = import_file(acme, data)
    with scope(acme):
        reasons = dict(RejectedRow.objects.values_list("line", "reason"))
    assert reasons == {2: "space", 3: "at_signs", 4: "space", 5: "no_address", 6: "at_signs", 8: "nul"}
    assert done.created == 1


def test_duplicates_merge_within_the_file_and_with_what_is_there(acme):
    with scope(acme):
        Contact.objects.create(
            email="old@example.com", first_name="Old", status="subscribed", attributes={"city": "Lyon"}
        )
    data = b"email,first name,last name\nOLD@example.com,,Name\nnew@example.com,New,\nNEW@Example.com,,Later\nnew@example.com,Newer,\n"
    done = import_file(acme, data)
    assert (done.created, done.updated, done.merged) == (1, 1, 2)
    with scope(acme):
        old, new = Contact.objects.get(email="old@example.com"), Contact.objects.get(email="new@example.com")
    assert (old.first_name, old.last_name, old.attributes) == ("Old", "Name", {"city": "Lyon"})
    assert (new.first_name, new.last_name) == ("Newer", "Later")


def test_duplicates_across_chunks_are_merged_too(acme, monkeypatch):
    monkeypatch.setattr(prefetch, "CHUNK", 2)
    data = b"email,x\n" + b"".join(b"p%d@example.com,1\n" % (n % 3) for n in range(7))
    done = import_file(acme, data)
    assert (done.created, done.merged) == (3, 4)


def test_an_opt_out_is_never_reversed(acme):
    with scope(acme):
        gone, bounced = contacts(2)
        ledger.withdraw(gone, source=Consent.Source.PAGE)
        Contact.objects.filter(pk=bounced.pk).update(status="bounced")
        suppression_list.suppress("email", "erased@example.com", Suppression.Reason.UNSUBSCRIBED)
    done = import_file(
        acme, b"email,x\np0@example.com,1\np1@example.com,1\nerased@example.com,1\nfresh@example.com,1\n"
    )
    with scope(acme):
        status = dict(Contact.objects.values_list("email", "status"))
    assert status == {
        "p0@example.com": "unsubscribed",
        "p1@example.com": "bounced",
        "erased@example.com": "unsubscribed",
        "fresh@example.com": "subscribed",
    }
    assert done.kept_out == 3


def test_consent_is_recorded_with_its_source(acme):
    done = import_file(acme, b"email,x\na@example.com,1\n")
    with scope(acme):
        proof = Consent.objects.get()
    assert (proof.state, proof.source, proof.wording, proof.import_id) == (
        "granted",
        "import",
        "form on our site",
        done.pk,
    )


def test_tags_and_own_fields(acme):
    done = import_file(
        acme, b'email,Ville,tags\na@example.com,Lyon,"vip, shop"\n', ["email", "attributes:ville", "tags"]
    )
    with scope(acme):
        assert Contact.objects.get().attributes == {"ville": "Lyon"}
        assert set(ContactTag.objects.values_list("tag__name", flat=True)) == {"vip", "shop"}
    assert done.created == 1


def test_killed_in_the_middle_it_goes_on_from_its_cursor(acme, monkeypatch):
    """The same file, once uninterrupted and once with a crash after each chunk, gives the same rows and counts."""
    monkeypatch.setattr(prefetch, "CHUNK", 10)
    lines = [f"p{n % 40}@example.com,{n}" if n % 9 else f"bad {n},{n}" for n in range(60)]
    data = ("email,x\n" + "\n".join(lines)).encode()
    real, crashes = running._import_chunk, []

    def crash_after(*args):
        real(*args)
        crashes.append(1)
        if len(crashes) % 2:
            raise KeyboardInterrupt

    with scope(acme):
        upload = uploading.upload(SimpleUploadedFile("p.csv", data), None)
        running.start(upload, None)
    monkeypatch.setattr(running, "_import_chunk", crash_after)
    for _ in range(20):
        try:
            if running.run(acme.pk, upload.pk):
                break
        except KeyboardInterrupt:
            continue
    with scope(acme):
        upload.refresh_from_db()
        assert upload.state == "done" and upload.rows == 60
        assert Contact.objects.count() == upload.created
        assert RejectedRow.objects.count() == upload.rejected == 7
    assert upload.rows == upload.created + upload.updated + upload.merged + upload.rejected


def test_two_workers_on_one_import_take_each_row_once(acme, monkeypatch):
    with scope(acme):
        upload = uploading.upload(SimpleUploadedFile("p.csv", b"email,x\na@example.com,1\nb@example.com,1\n"), None)
        upload.mapping = ["email", ""]
        running.start(upload, None)
    from kernel.tenancy import across_workspaces

    with across_workspaces("a test"):
        stale = ContactImport.objects.select_related("job").get(pk=upload.pk)
    assert running.run(acme.pk, upload.pk)
    settings = RunSettings(stale.mapping)
    chunk = prefetch.Chunk([(1, ["a@example.com", "1"])], settings, row_dedup.reading_of(settings))
    with pytest.raises(running.Interrupted), across_workspaces("a test"):
        running._import_chunk(stale, settings, [], chunk)
    with scope(acme):
        upload.refresh_from_db()
    assert upload.rows == 2


@pytest.mark.parametrize(
    "data, words",
    [
        (b"", "empty"),
        (b"   \n \n", "empty"),
        (b"email,name\n", "no rows"),
        (b"PK\x03\x04rest of a zip", "damaged"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1", "can't be read"),
        (b"email" + b",x" * 100_000 + b"\na@b.co\n", "more than 500 columns"),
        (b"%PDF-1.7", "PDF"),
    ],
)
def test_files_that_are_not_csv_are_refused_with_advice(acme, data, words):
    with scope(acme), pytest.raises(sniffing.Unreadable, match=words):
        uploading.upload(SimpleUploadedFile("people.csv", data), None)


def test_a_file_that_is_too_large_is_refused_before_it_is_read(acme, bob, as_user, settings):
    settings.IMPORT_MAX_BYTES = 1000
    response = as_user(bob).post(
        "/w/acme/contacts/imports/new/", {"file": SimpleUploadedFile("a.csv", b"x" * 3_000_000)}
    )
    assert response.status_code == 413 and b"Split it" in response.content
    with scope(acme), pytest.raises(sniffing.Unreadable, match="Split"):
        uploading.upload(SimpleUploadedFile("a.csv", b"email\n" + b"a@b.co\n" * 500), None)


def test_the_whole_way_on_the_pages(acme, bob, as_user, run_jobs):
    client = as_user(bob)
    file = SimpleUploadedFile(
        "clients.csv", "E-mail;Prénom;Ville\na@example.com;Ann;Lyon\nbad;X;Y\n=cmd|x;Z;W\n".encode("cp1252")
    )
    page = client.post("/w/acme/contacts/imports/new/", {"file": file})
    mapping = client.get(page["Location"])
    assert "Windows-1252" in mapping.content.decode() and "Ann" in mapping.content.decode()
    data = {"column_0": "email", "column_1": "first_name", "column_2": "new:ville", "channels": "email"}
    refused = client.post(page["Location"] + "forecast/new/", data)
    assert refused.status_code == 200 and "Enter how these people agreed" in refused.content.decode()
    client.post(page["Location"] + "start/")  # nothing was mapped yet: nothing happens
    assert run_jobs() == []
    data |= {"consent_source": "shop form", "confirmed": "on", "tags": "shop", "lists": "Fair"}
    client.post(page["Location"] + "forecast/new/", data)
    assert "hx-get" in client.get(page["Location"]).content.decode()
    assert run_jobs() == ["contacts.forecast_import"]
    forecast = client.get(page["Location"] + "forecast/").content.decode()
    assert "hx-get" not in forecast and "An address must have exactly one @" in forecast
    with scope(acme):
        assert not Contact.objects.exists()
    client.post(page["Location"] + "start/")
    client.post(page["Location"] + "start/")  # pressed twice
    assert run_jobs().count("contacts.import_contacts") == 1
    result = client.get(page["Location"]).content.decode()
    assert re.findall(r"<dd>(\d+)</dd>", result)[:6] == ["3", "1", "0", "0", "0", "2"]
    with scope(acme):
        progress = f"/w/acme/jobs/{ContactImport.objects.get().job_id}/"
    assert client.get(progress, HTTP_HX_REQUEST="true")["HX-Redirect"] == page["Location"]  # it has another heading now
    rejected = client.get(page["Location"] + "rejected.csv").getvalue().decode("utf-8-sig")
    assert "'=cmd|x" in rejected and "bad" in rejected
    with scope(acme):
        contact = Contact.objects.get()
        assert contact.attributes == {"ville": "Lyon"}
        assert ContactTag.objects.filter(contact=contact, tag__name="shop").exists()
        assert contact.listmember_set.get().contact_list.name == "Fair"
    again = client.post("/w/acme/contacts/imports/new/", {"file": _again(file)})
    page_again = client.get(again["Location"]).content.decode()
    assert "You already imported this file" in page_again and 'value="attributes:ville" selected' in page_again
    asked = client.post(again["Location"] + "forecast/new/", data | {"column_2": "attributes:ville"})
    assert "This file has already been imported" in asked.content.decode()
    client.post(page["Location"] + "undo/")
    client.post(page["Location"] + "undo/")
    assert run_jobs().count("contacts.undo_import") == 1
    assert "went to the trash" in client.get(page["Location"]).content.decode()
    with scope(acme):
        assert Contact.objects.deleted().get() == contact


def _again(file):
    file.seek(0)
    return file
