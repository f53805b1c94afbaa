"""What became of an import is told for good: its result, how its file was read, and what it did to whom."""

import re
from itertools import pairwise

import pytest

from contacts.consent import ledger
from contacts.imports import effects, running
from contacts.imports.effects import Effect
from contacts.models import Contact, ContactImport, ImportedContacts, Segment
from contacts.people import timeline
from contacts.people.filtering import ContactFilter
from contacts.privacy import erasure, subject_data
from kernel.tenancy import scope
from tests.contacts.imports.running import import_file, prepare

FILE = "email;first name\nnew@example.com;Nina\nold@example.com;Olga\nasked@example.com;Ada\nno@example.com;Noa\n"


@pytest.fixture
def known(acme):
    """A subscriber, somebody who never answered, and somebody who opted out."""
    with scope(acme):
        old, asked, no = (Contact.objects.create(email=f"{name}@example.com") for name in ("old", "asked", "no"))
        ledger.grant(old, source="member", wording="asked")
        ledger.grant(no, source="member", wording="asked")
        ledger.withdraw(no, source="member")
    return old, asked, no


def people(done: ContactImport, effect: Effect) -> list[str]:
    return [contact.email for contact in effects.page(done, effect, after=0, size=50)]


@pytest.mark.parametrize("channels", [["email"], ["email", "sms"]], ids=["one look-up", "matched"])
def test_each_contact_is_listed_by_what_was_done_to_it(acme, known, channels):
    done = import_file(acme, FILE, channels=channels)
    with scope(acme):
        assert people(done, Effect.CREATED) == ["new@example.com"]
        assert people(done, Effect.SUBSCRIBED) == ["asked@example.com"]
        assert sorted(people(done, Effect.UPDATED)) == ["no@example.com", "old@example.com"]
        assert people(done, Effect.KEPT_OUT) == ["no@example.com"]
        assert effects.count(done) == {"created": 1, "updated": 2, "subscribed": 1, "kept_out": 1}
        matched = ContactFilter(import_id=done.pk).apply(Contact.objects.all())
        assert matched.count() == 4


def test_a_do_not_contact_file_lists_whom_it_unsubscribed(acme, known):
    done = import_file(acme, "email\nold@example.com\nnobody@example.com\n", target="suppress")
    with scope(acme):
        assert people(done, Effect.UNSUBSCRIBED) == ["old@example.com"]


def test_the_lists_of_many_chunks_are_pages_in_order(acme, monkeypatch):
    monkeypatch.setattr("contacts.imports.prefetch.CHUNK", 7)
    rows = [f"person{n:02}@example.com" for n in range(40)]
    first = import_file(acme, "email\n" + "\n".join(rows) + "\n")
    again = import_file(acme, "email\n" + "\n".join(rows[::3] + rows[1::3] + rows[2::3]) + "\n")
    with scope(acme):
        for done, effect in ((first, Effect.CREATED), (again, Effect.UPDATED)):
            blocks = list(ImportedContacts.objects.filter(contact_import=done).order_by("first_id"))
            assert all(earlier.last_id < later.first_id for earlier, later in pairwise(blocks))
            found, after = [], 0
            while page := effects.page(done, effect, after=after, size=9):
                found += [contact.email for contact in page]
                after = page[-1].pk
            assert found == rows


def test_a_killed_import_lists_each_contact_once(acme, monkeypatch):
    monkeypatch.setattr("contacts.imports.prefetch.CHUNK", 5)
    done = prepare(acme, "email\n" + "".join(f"person{n}@example.com\n" for n in range(23)))
    with scope(acme):
        running.start(done, None)
    while not running.run(acme.pk, done.pk, budget=0):  # each run ends after a chunk, as if the worker were killed
        pass
    with scope(acme):
        assert effects.count(done) == {"created": 23}
        assert len(effects.page(done, Effect.CREATED, after=0, size=50)) == 23


def test_the_timeline_names_every_import(acme):
    first = import_file(acme, "email;first name\nana@example.com;Ana\n", name="first.csv")
    second = import_file(acme, "email;first name\nana@example.com;Anna\n", name="second.csv")
    with scope(acme):
        events = [event for event in timeline.of(Contact.objects.get()).events if event.kind == "import"]
        assert [(event.row.pk, event.effects) for event in events] == [
            (second.pk, [Effect.UPDATED]),
            (first.pk, [Effect.CREATED]),
        ]


def test_the_contact_page_links_to_its_imports(acme, bob, as_user):
    done = import_file(acme, "email\nana@example.com\n")
    with scope(acme):
        pk = Contact.objects.get().pk
    shown = as_user(bob).get(f"/w/acme/contacts/{pk}/").content.decode()
    assert "Added by an import" in shown and f"/w/acme/contacts/imports/{done.pk}/" in shown


def test_an_erased_person_leaves_the_record(acme):
    done = import_file(acme, "email\nana@example.com\nbea@example.com\n")
    with scope(acme):
        ana = Contact.objects.get(email="ana@example.com")
        assert subject_data.collect(ana)["imports"][0]["file"] == "people.csv"
        erasure.erase(ana)
        assert people(done, Effect.CREATED) == ["bea@example.com"]
        assert not ImportedContacts.objects.filter(contact_ids__contains=[ana.pk]).exists()
        assert not effects.imports_of([ana.pk]).exists()


def test_another_workspace_sees_nothing(acme, beta, charlie, as_user):
    done = import_file(acme, "email\nana@example.com\n")
    with scope(acme):
        pk = Contact.objects.get().pk
    with scope(beta):
        assert not effects.imports_of([pk]).exists()
        assert not ContactFilter(import_id=done.pk).apply(Contact.objects.all()).exists()
    client = as_user(charlie)
    for path in ("", "result/", "contacts/", "rejected.csv"):
        assert client.get(f"/w/beta/contacts/imports/{done.pk}/{path}").status_code == 404
    assert client.post(f"/w/beta/contacts/imports/{done.pk}/segment/").status_code == 404


def test_the_result_fills_in_by_itself_and_ends(acme, bob, as_user, monkeypatch):
    monkeypatch.setattr("contacts.imports.prefetch.CHUNK", 2)
    done = prepare(acme, FILE + "bad;X\n")
    with scope(acme):
        running.start(done, bob)
    client, page = as_user(bob), f"/w/acme/contacts/imports/{done.pk}/"
    assert "hx-get" in client.get(page).content.decode() and "Waiting for its turn" in client.get(page).content.decode()
    running.run(acme.pk, done.pk, budget=0)
    shown = client.get(page + "result/").content.decode()
    assert "hx-get" in shown and figures(shown)[:2] == ["2", "2"] and "Running" in shown
    while not running.run(acme.pk, done.pk):
        pass
    shown = client.get(page + "result/").content.decode()
    assert "hx-get" not in shown and figures(shown)[:6] == ["5", "4", "0", "0", "0", "1"]
    assert "Done" in shown and "Write to them" in shown and "1 row with errors" in shown


def figures(page: str) -> list[str]:
    return re.findall(r"<dd>(\d+)</dd>", page)


def test_the_record_says_how_the_file_was_read_when_it_is_gone(acme, bob, as_user):
    done = import_file(acme, "Adresse;Prénom\nana@example.com;Ana\n".encode("cp1252"), mapping=["email", "first_name"])
    shown = as_user(bob).get(f"/w/acme/contacts/imports/{done.pk}/").content.decode()
    for text in ("Adresse", "Prénom", "First name", "Windows-1252", "Semicolon", done.sha256, "form on our site"):
        assert text in shown


def test_the_next_step_is_a_campaign_to_these_people(acme, bob, as_user):
    done = import_file(acme, "email\nana@example.com\n")
    client = as_user(bob)
    path = f"/w/acme/contacts/imports/{done.pk}/segment/"
    first, again = client.post(path, {"then": "campaign"}), client.post(path)
    with scope(acme):
        segment = Segment.objects.get()  # made once
    assert first["Location"].endswith(f"/campaigns/new/?include=segment:{segment.pk}")
    assert again["Location"].endswith(f"/segments/{segment.pk}/")
    assert segment.name == "Import: people.csv"


def test_a_viewer_is_offered_nothing_that_changes(acme, rita, as_user):
    done = import_file(acme, "email\nana@example.com\nbad\n")
    client = as_user(rita)
    shown = client.get(f"/w/acme/contacts/imports/{done.pk}/").content.decode()
    assert "Write to them" not in shown and "Undo this import" not in shown and "Download rows" not in shown
    assert client.post(f"/w/acme/contacts/imports/{done.pk}/segment/").status_code == 403
    assert client.get(f"/w/acme/contacts/imports/{done.pk}/rejected.csv").status_code == 403
