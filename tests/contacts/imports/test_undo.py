"""Undoing an import within a day: what it alone created is deleted, everything else stays."""

import datetime as dt

import pytest

from contacts.imports import forecasting, prefetch, undoing
from contacts.models import (
    Company,
    CompanyContact,
    Contact,
    ContactList,
    ContactTag,
    ListMember,
    Note,
    Tag,
)
from kernel.tenancy import scope
from tests.contacts.imports.running import COUNTS, finish, import_file, prepare


def undo(workspace, done):
    with scope(workspace):
        undoing.begin(done, None)
    while not undoing.run(workspace.pk, done.pk):
        pass
    with scope(workspace):
        done.refresh_from_db()
    return done.preview["undone"]


def present(workspace) -> set[str]:
    with scope(workspace):
        return set(Contact.objects.present().values_list("email", flat=True))


ROWS = "email,name,tags,lists,company\n" + "".join(f"p{n}@example.com,P{n},vip,Fair,Firm {n % 2}\n" for n in range(6))
COLUMNS = ["email", "first_name", "tags", "lists", "company"]


def test_undo_deletes_what_the_import_alone_created(acme, monkeypatch):
    monkeypatch.setattr(undoing, "CHUNK", 2)
    with scope(acme):
        Contact.objects.create(email="p0@example.com")
        tag = Tag.objects.create(name="vip")
        before = ContactTag.objects.create(contact=Contact.objects.get(), tag=tag)
    done = import_file(acme, ROWS + "p1@example.com,again,,,\n", COLUMNS)
    with scope(acme):
        person = {c.email[:2]: c for c in Contact.objects.all()}
        person["p2"].last_name = "Edited"
        person["p2"].save()
        Note.objects.create(contact=person["p3"], text="called")
        ContactTag.objects.create(contact=person["p4"], tag=Tag.objects.create(name="mine"))
    import_file(acme, "email,name\np5@example.com,other\n", ["email", "first_name"])
    undone = undo(acme, done)
    assert present(acme) == {f"p{n}@example.com" for n in (0, 2, 3, 4, 5)}
    assert undone["contacts"] == 1 and undone["kept"] == 3
    with scope(acme):
        assert done.state == "undone"
        assert ContactTag.objects.filter(tag=tag).get() == before
        assert not ListMember.objects.exists() and not CompanyContact.objects.exists()
        assert not Company.objects.present().exists()


def test_undoing_an_untouched_import_leaves_nothing(acme):
    done = import_file(acme, ROWS, COLUMNS)
    assert undo(acme, done) == {"contacts": 6, "kept": 0, "tags": 6, "lists": 6, "links": 6, "companies": 2}
    assert present(acme) == set()
    with scope(acme):
        assert not Company.objects.present().exists()


def test_undo_keeps_contacts_that_were_written_to(acme):
    from delivery.models import Message

    done = import_file(acme, "email,x\na@example.com,\nb@example.com,\n")
    with scope(acme):
        Message.objects.create(batch_id=1, contact=Contact.objects.get(email="a@example.com"))
    undo(acme, done)
    assert present(acme) == {"a@example.com"}


def test_undo_is_refused_after_a_day_and_for_do_not_contact_files(acme):
    done = import_file(acme, ROWS, COLUMNS)
    assert undoing.is_possible(done)
    done.finished_at -= dt.timedelta(hours=25)
    assert not undoing.is_possible(done)
    assert not undoing.is_possible(import_file(acme, "email\na@example.com\n", ["email"], target="suppress"))


def test_undo_continues_after_a_crash(acme, monkeypatch):
    monkeypatch.setattr(undoing, "CHUNK", 2)
    done = import_file(acme, ROWS, COLUMNS)
    real, calls = undoing._save, []

    def crash(*args, **values):
        calls.append(1)
        real(*args, **values)
        if len(calls) % 2 == 0:
            raise KeyboardInterrupt

    with scope(acme):
        undoing.begin(done, None)
    monkeypatch.setattr(undoing, "_save", crash)
    for _ in range(30):
        try:
            if undoing.run(acme.pk, done.pk):
                break
        except KeyboardInterrupt:
            continue
    with scope(acme):
        done.refresh_from_db()
    assert done.preview["undone"] == {"contacts": 6, "kept": 0, "tags": 6, "lists": 6, "links": 6, "companies": 2}


def test_undo_removes_company_links_that_the_import_alone_created(acme, bob, as_user):
    with scope(acme):
        old = Company.objects.create(name="Firm 0")
        person = Contact.objects.create(email="p0@example.com")
        CompanyContact.objects.create(company=old, contact=person)
    done = import_file(acme, ROWS, COLUMNS)
    with scope(acme):
        one, three, four = (Contact.objects.get(email=f"p{n}@example.com") for n in (1, 3, 4))
        other = Company.objects.get(name="Firm 1")
        CompanyContact.objects.create(company=old, contact=one)
    role = f"/w/acme/contacts/companies/{other.pk}/people/{three.pk}/role/"
    import_file(acme, "email,company,role\np4@example.com,Firm 0,admin\n", ["email", "company", "company_role"])
    as_user(bob).post(role, {"role": "administrator"})
    assert undo(acme, done)["links"] == 3
    with scope(acme):
        assert set(CompanyContact.objects.values_list("company__name", "contact__email")) == {
            ("Firm 0", "p0@example.com"),
            ("Firm 0", "p1@example.com"),
            ("Firm 0", "p4@example.com"),
            ("Firm 1", "p3@example.com"),
        }
        assert set(Company.objects.present()) == {old, other}
        assert set(Contact.objects.present()) == {person, one, three, four}


def test_a_failed_undo_can_be_continued(acme, bob, as_user, run_jobs, monkeypatch):
    monkeypatch.setattr(undoing, "CHUNK", 2)
    done = import_file(acme, ROWS, COLUMNS)
    client, page = as_user(bob), f"/w/acme/contacts/imports/{done.pk}/"
    real, calls = undoing._undo_range, []

    def fail_later(*args):
        calls.append(1)
        if len(calls) == 2:
            raise ValueError("unforeseen")
        real(*args)

    monkeypatch.setattr(undoing, "_undo_range", fail_later)
    client.post(page + "undo/")
    run_jobs()
    shown = client.get(page).content.decode()
    assert "Resume undo" in shown and "Something went wrong" in shown
    with scope(acme):
        done.refresh_from_db()
        assert done.preview["undone"]["contacts"] == 2
    monkeypatch.setattr(undoing, "WITHIN", dt.timedelta())  # it was begun in time
    client.post(page + "undo/")
    assert "Resume undo" not in client.get(page).content.decode()
    client.post(page + "undo/")  # pressed twice
    assert run_jobs().count("contacts.undo_import") == 1
    with scope(acme):
        done.refresh_from_db()
    assert done.state == "undone" and done.preview["undone"]["contacts"] == 6 and present(acme) == set()


def test_an_undo_whose_worker_died_can_be_continued(acme):
    done = import_file(acme, ROWS, COLUMNS)
    with scope(acme):
        undoing.begin(done, None)
        assert not undoing.is_stuck(done)
        done.job.updated_at -= dt.timedelta(minutes=21)
        assert undoing.is_stuck(done)
        done.state = "undone"
        assert not undoing.is_stuck(done)


def run_forecast(workspace, done) -> dict:
    with scope(workspace):
        done.preview = (done.preview or {}) | {"forecast": {"token": "t", "done": False}}
        done.save()
    forecasting.run(workspace.pk, done.pk, "t")
    with scope(workspace):
        done.refresh_from_db()
    return done.preview["forecast"]


@pytest.mark.parametrize("chunk", [3, 100])
@pytest.mark.parametrize(
    "target, mapping, rows",
    [
        (
            "contacts",
            ["email", "first_name"],
            [
                "a@example.com,A",
                "new@example.com,",
                "new@example.com,N",
                "bad,",
                "gone@example.com,",
                "n2@example.com,",
                "new@example.com,",
            ],
        ),
        (
            "contacts",
            ["external_id", "email", "phone"],
            [
                "A,a@example.com,",
                "B,a@example.com,",
                "C,,0611111111",
                ",x@example.com,0612121212",
            ],
        ),
        ("companies", ["company", "company_kind"], ["Acme,client", "New,", "new,loyal", "Odd,what", "Gone,"]),
        ("suppress", ["email"], ["a@example.com", "a@example.com", "b@example.com", "x"]),
    ],
)
@pytest.mark.parametrize("mode", ["both", "add", "update"])
def test_the_forecast_says_what_the_import_does_and_writes_nothing(
    acme, monkeypatch, chunk, target, mapping, rows, mode
):
    monkeypatch.setattr(prefetch, "CHUNK", chunk)
    with scope(acme):
        Contact.objects.create(email="a@example.com", external_id="A", status="unsubscribed")
        Contact.objects.create(email="gone@example.com", deleted_at="2026-01-01T00:00Z")
        Company.objects.create(name="Acme")
        Company.objects.create(name="Gone", deleted_at="2026-01-01T00:00Z")
    data = ",".join(f"c{n}" for n in range(len(mapping))) + "\n" + "\n".join(rows) + "\n"
    done = prepare(acme, data, mapping, target=target, mode=mode, has_header=True)
    forecast = run_forecast(acme, done)
    with scope(acme):
        assert Contact.objects.count() == 2 and Company.objects.count() == 2
    done = finish(acme, done)
    actual = {name: getattr(done, name) for name in (*COUNTS, "rows")}
    assert {name: forecast["counts"].get(name, 0) for name in actual} == actual
    if target == "contacts":
        assert forecast["consent"]["email"]["opted_out"] == done.kept_out
    assert sum(forecast["reasons"].values()) == len(forecast["first"]) == done.rejected


def test_a_list_of_the_file_and_tags_of_rows(acme):
    with scope(acme):
        fair, vip = ContactList.objects.create(name="Fair"), Tag.objects.create(name="vip")
    import_file(acme, ROWS, COLUMNS, lists=[fair], tags=[vip])
    with scope(acme):
        assert ListMember.objects.filter(contact_list=fair).count() == 6 == ContactTag.objects.count()
