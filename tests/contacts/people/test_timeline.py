"""The timeline of a contact, from several tables in one order; and notes."""

import html
import json
import re
from datetime import timedelta
from pathlib import Path

from django.db import connection
from django.utils import timezone

import contacts as contacts_app
from accounts.access import Role
from accounts.models import AuditEntry, Membership
from contacts.changes import of_contact
from contacts.consent import ledger
from contacts.models import (
    Consent,
    Contact,
    ContactField,
    ContactImport,
    ContactList,
    ContactTag,
    ListMember,
    Note,
    Tag,
)
from contacts.people import merging, timeline
from contacts.privacy import subject_data
from contacts.templatetags.people import AUDIT_WORDS
from kernel.causes import caused_by
from kernel.tenancy import scope
from tests.conftest import make_user
from tests.contacts.imports.running import import_file
from tests.factories import contacts
from tests.markup import edit, flat
from tests.partitions import execute


def test_the_timeline_shows_everything_newest_first(acme, alice, as_user):
    client = as_user(alice)
    client.post("/w/acme/contacts/new/", {"email": "a@example.com", "channels": "email", "consent": "paper form"})
    with scope(acme):
        contact = Contact.objects.get()
    url = f"/w/acme/contacts/{contact.pk}/"
    client.post(url + "notes/", {"text": "Likes <b>tea</b>"})
    edit(client, url + "edit/", {"email": "a@example.com", "first_name": "Ana"})
    client.post(url + "unsubscribe/", {"channel": "email"})
    client.post(url + "delete/")
    client.post(url + "restore/")
    page = client.get(url).content.decode()
    page = page[page.index("<h2>Activity</h2>") :]
    words = ["Restored", "Deleted", "Withdrawn", "Edited", "tea", "paper form", "<strong>Added</strong>"]
    assert [word for _, word in sorted((page.index(word), word) for word in words)] == words
    assert "<b>tea" not in page and "First name" in page


def test_a_consent_stands_where_it_was_recorded(acme):
    with scope(acme):
        (contact,) = contacts(1)
        Note.objects.create(contact=contact, text="before")
        day = timezone.now() - timedelta(days=8)
        ledger.grant(contact, source="member", wording="yes", at=day, claimed_on=day.date())
        ledger.withdraw(contact, source="member")
        Note.objects.create(contact=contact, text="after")
        kinds = [event.kind for event in timeline.of(contact).events]
        times = [event.at for event in timeline.of(contact).events]
    assert kinds == ["note", "consent", "consent", "note", "added"]
    assert times == sorted(times, reverse=True)


def test_what_a_file_brought_names_the_file(acme, alice, as_user):
    import_file(acme, "email\np0@example.com\n", ["email"])
    with scope(acme):
        contact, brought = Contact.objects.get(), ContactImport.objects.get()
        (consent,) = [event for event in timeline.of(contact).events if event.kind == "consent"]
    assert consent.file == brought
    page = as_user(alice).get(f"/w/acme/contacts/{contact.pk}/").content.decode()
    row = page[page.index("E-mail: Given") :]
    assert f'/contacts/imports/{brought.pk}/">people.csv</a>' in row[: row.index('class="when"')]


def test_what_the_ledger_and_the_survivor_tell_is_not_told_twice(acme, alice, as_user):
    client = as_user(alice)
    with scope(acme):
        contact, other = contacts(2, status="pending")
    url, day = f"/w/acme/contacts/{contact.pk}/", f"{timezone.localdate()}"
    client.post(url + "consent/new/", {"channel": "email", "way": "phone", "day": day, "note": "called"})
    client.post(url + "unsubscribe/", {"channel": "email"})
    with scope(acme):
        Contact.objects.filter(pk=other.pk).update(merged_into_id=contact.pk, deleted_at=timezone.now())
        AuditEntry.objects.create(verb="contact.merged", record="contact", record_id=contact.pk)
        AuditEntry.objects.create(verb="contact.merged_away", record="contact", record_id=other.pk)
        found = timeline.of(Contact.objects.get(pk=contact.pk)).events
    assert [event.row.verb for event in found if event.kind == "deed"] == ["contact.merged"]
    assert [event.row.state for event in found if event.kind == "consent"] == ["withdrawn", "granted"]


def test_consents_whose_time_of_recording_is_unknown_stay_in_their_order(acme):
    with scope(acme):
        (contact,) = contacts(1)
        now = timezone.now()
        for days in (2, 9, 1):
            at = now - timedelta(days=days)
            Consent.objects.create(contact=contact, state="granted", source="member", at=at, recorded_at=None)
        Note.objects.create(contact=contact, text="between")
        Note.objects.update(at=now - timedelta(days=1, hours=12))
        found = [(event.kind, event.pk) for event in timeline.of(contact).events if event.kind != "added"]
    ids = [pk for kind, pk in found if kind == "consent"]
    assert ids == sorted(ids, reverse=True) and [kind for kind, _pk in found] == [
        "consent",
        "note",
        "consent",
        "consent",
    ]


def test_a_consent_whose_time_of_recording_is_unknown_shows_its_own_day(acme, alice, as_user):
    with scope(acme):
        (contact,) = contacts(1)
        said = [timezone.now() - timedelta(days=days) for days in (2, 900)]
        for at, state in zip(said, ("withdrawn", "granted"), strict=True):
            Consent.objects.create(contact=contact, state=state, source="member", at=at, recorded_at=None)
        ledger.grant(contact, source="member", wording="yes")
    page = as_user(alice).get(f"/w/acme/contacts/{contact.pk}/").content.decode()
    page = page[page.index("<h2>Activity</h2>") :]
    yes, no = page.rindex("E-mail: Given"), page.index("E-mail: Withdrawn")
    assert yes < no and page.count("time of recording unknown") == 2
    for at, row in ((said[1], page[yes:no]), (said[0], page[no:])):
        assert f'datetime="{at.isoformat()}' in row


def test_consents_whose_time_of_recording_is_unknown_stay_in_their_order_on_all_pages(acme):
    with scope(acme):
        now = timezone.now()
        (contact,) = contacts(1, created_at=now - timedelta(days=1000))
        for days in (2, *[900] * timeline.PAGE_SIZE):
            at = now - timedelta(days=days)
            Consent.objects.create(contact=contact, state="granted", source="member", at=at, recorded_at=None)
        Consent.objects.create(contact=contact, state="granted", source="member", at=now, recorded_at=None)
        Note.objects.create(contact=contact, text="older than all of them")
        Note.objects.update(at=now - timedelta(days=100))
        assert {event.kind for event in timeline.of(contact).events} == {"consent"}


def test_imports_stand_where_they_ended(acme):
    import_file(acme, "email\np0@example.com\n", ["email"])
    import_file(acme, "email\np0@example.com\n", ["email"])
    with scope(acme):
        long, short = ContactImport.objects.order_by("id")
        ContactImport.objects.filter(pk=long.pk).update(finished_at=short.finished_at + timedelta(hours=1))
        found = timeline.of(Contact.objects.get()).events
    assert [event.pk for event in found if event.kind == "import"] == [long.pk, short.pk]


def test_older_events_come_page_by_page_each_once(acme, alice, as_user):
    with scope(acme):
        (contact,) = contacts(1)
        for n in range(25):
            Note.objects.create(contact=contact, text=f"note {n:02}")
            Consent.objects.create(contact=contact, state="withdrawn", source="member", reason=f"reason {n:02}")
    client, url, seen = as_user(alice), f"/w/acme/contacts/{contact.pk}/timeline/", []
    while url:
        page = client.get(url).content.decode()
        seen += re.findall(r"(?:note|reason) \d\d", page)
        found = re.search(r'hx-get="([^"]+)"', page)
        url = found[1] if found else None
    assert len(seen) == 50 == len({*seen})
    assert [s for s in seen if s.startswith("note")] == [f"note {n:02}" for n in reversed(range(25))]


def test_an_invalid_cursor_shows_the_newest_page(acme):
    with scope(acme):
        (contact,) = contacts(1)
        ledger.withdraw(contact, source="member")
        for cursor in ("x", "é", "bnVsbA==", "W10=", "eyJub3RlIjogLTF9", "W" * 4000):
            assert [event.kind for event in timeline.of(contact, cursor).events] == ["consent", "added"]


def test_the_author_or_a_manager_deletes_a_note(acme, bob, rita, as_user):
    olaf, otto = make_user("olaf@acme.example", "Olaf"), make_user("otto@acme.example", "Otto")
    for user in (olaf, otto):
        Membership.objects.create(workspace=acme, user=user, role=Role.OPERATOR)
    with scope(acme):
        (contact,) = contacts(1)
    url = f"/w/acme/contacts/{contact.pk}/"
    for text in ("mine", "ours"):
        as_user(olaf).post(url + "notes/", {"text": text})
    as_user(olaf).post(url + "notes/", {"text": "x" * 5000})
    as_user(olaf).post(url + "notes/", {"text": ""})
    with scope(acme):
        ours, mine = Note.objects.all()
    assert as_user(rita).post(f"{url}notes/{mine.pk}/delete/").status_code == 403
    assert as_user(otto).post(f"{url}notes/{mine.pk}/delete/").status_code == 403
    assert as_user(olaf).post(f"{url}notes/{mine.pk}/delete/").status_code == 302
    assert as_user(bob).post(f"{url}notes/{ours.pk}/delete/").status_code == 302
    with scope(acme):
        assert not Note.objects.exists()


def test_a_viewer_sees_no_button_that_fails(acme, rita, as_user):
    with scope(acme):
        (contact,) = contacts(1)
        Note.objects.create(contact=contact, text="a note")
    client = as_user(rita)
    for path in ("", f"{contact.pk}/", "companies/", "lists/", "tags/", "fields/", "topics/"):
        page = client.get(f"/w/acme/contacts/{path}").content.decode()
        main = page[page.index("<main") : page.index("</main")]
        assert 'method="post"' not in main and "/new/" not in main and "/edit/" not in main, path


def test_every_audit_entry_of_a_contact_has_a_text():
    sources = [path.read_text() for path in Path(contacts_app.__file__).parent.rglob("*.py")]
    verbs = {verb for text in sources for verb in re.findall(r'audit\.record\([^)]*?"(contact\.\w+)"', text)}
    assert len(verbs) > 5 and not verbs - AUDIT_WORDS.keys()


def test_changes_say_who_or_what_made_them(acme, alice, as_user):
    client = as_user(alice)
    with scope(acme):
        (contact,) = contacts(1)
        one = ContactList.objects.create(name="Fair <b>2026</b>")
        ContactField.objects.create(name="city", label="Town")
    url = f"/w/acme/contacts/{contact.pk}/"
    edit(client, url + "edit/", {"email": "p0@example.com", "first_name": "Ana", "tags": "VIP"})
    import_file(acme, "email,city\np0@example.com,Lyon\n", ["email", "attributes:city"], lists=[one])
    page = client.get(url).content.decode()
    activity = page[page.index("<h2>Activity</h2>") :]
    assert "Tag added: VIP" in activity
    assert "Added to a list: Fair &lt;b&gt;2026&lt;/b&gt;" in activity
    assert "Field changed: Town" in activity
    assert "Import: people.csv" in activity
    assert "Field changed: First name" not in activity, "the audit entry says so"
    type(alice).objects.filter(pk=alice.pk).update(language="fr")
    assert "Import\xa0: people.csv" in client.get(url).content.decode()


def test_an_edit_of_tags_is_told_once(acme, alice, as_user, settings):
    client = as_user(alice)
    with scope(acme):
        (contact,) = contacts(1, first_name="")
    url = f"/w/acme/contacts/{contact.pk}/"
    edit(client, url + "edit/", {"email": "p0@example.com", "tags": "VIP"})
    edit(client, url + "edit/", {"email": "p0@example.com", "first_name": "Ana", "tags": "VIP,Fair"})
    page = flat(client.get(url).content.decode())
    page = page[page.index("<h2>Activity</h2>") :]
    assert page.count("Tag added:") == 2 and page.count("Edited") == 1 and "Edited: First name<" in page
    # Changes that are gone tell nothing.
    settings.CHANGE_DAYS = 0
    page = client.get(url).content.decode()
    assert "Edited: Tags" in page and "Edited: First name, Tags" in page


def test_own_fields_have_their_names_among_the_older_ones_too(acme, alice, as_user):
    client = as_user(alice)
    with scope(acme):
        (contact,) = contacts(1, first_name="")
        ContactField.objects.create(name="city", label="Town")
    url = f"/w/acme/contacts/{contact.pk}/"
    edit(client, url + "edit/", {"email": "p0@example.com", "own_city": "Lyon"})
    with scope(acme):
        ContactField.objects.update(deleted_at=timezone.now())
        notes = [Note(contact=contact, text="later") for _n in range(timeline.PAGE_SIZE)]
        Note.objects.bulk_create(notes)
    page = client.get(url).content.decode()
    assert "Town" not in page
    older = re.search(r'hx-get="([^"]+)"', page[page.index("<h2>Activity</h2>") :])[1]
    assert "Edited: Town" in client.get(html.unescape(older)).content.decode()


def test_an_opt_out_that_was_there_already_is_told(acme, alice, as_user):
    client = as_user(alice)
    with scope(acme):
        (contact,) = contacts(1)
    url = f"/w/acme/contacts/{contact.pk}/"
    client.post(url + "unsubscribe/", {"channel": "email"})
    page = client.get(url).content.decode()
    assert page.count("E-mail: Withdrawn") == 1 and "Opt-out recorded" not in page
    client.post(url + "unsubscribe/", {"channel": "email"})
    page = client.get(url).content.decode()
    assert page.count("E-mail: Withdrawn") == 1 and "Opt-out recorded: E-mail" in page


def test_changes_of_many_are_each_ones_own(acme, alice, as_user):
    with scope(acme):
        people = contacts(3)
        one = ContactList.objects.create(name="Fair")
        ListMember.objects.bulk_create([ListMember(contact=person, contact_list=one) for person in people[:2]])
        for person, expected in zip(people, [1, 1, 0], strict=True):
            found = [event for event in timeline.of(person).events if event.kind == "change"]
            assert [event.what for event in found] == ["Fair"] * expected


def test_only_a_persons_own_ids_leave_the_database(acme):
    with scope(acme):
        people = contacts(50)
        ContactList.objects.create(name="Fair")
        rows = [ListMember(contact=person, contact_list=ContactList.objects.get()) for person in people]
        ListMember.objects.bulk_create(rows)
        theirs = [people[3].pk, people[7].pk]
        found = of_contact.of(theirs, kinds=["listed"])
        assert [change.contact_ids for change in found] == [theirs]


def test_changes_that_are_told_elsewhere_are_not_read(acme):
    with scope(acme):
        (contact,) = contacts(1)
        tag = Tag.objects.create(name="VIP")
        ContactTag.objects.create(contact=contact, tag=tag)
        with connection.cursor() as cursor, caused_by("member", cursor=cursor):
            Contact.objects.filter(pk=contact.pk).update(first_name="Ana")
            ContactTag.objects.filter(contact=contact).delete()
        found = of_contact.of([contact.pk], kinds=timeline.SHOWN, but=timeline.TOLD_ELSEWHERE)
    assert [(change.kind, change.source) for change in found] == [("untagged", "member"), ("tagged", "")]


def test_older_changes_are_looked_up_by_the_indexes(acme):
    """What newer pages have shown is not read again."""
    execute(
        "INSERT INTO contacts_contactchange (workspace_id, kind, target_id, contact_ids, contact_id, block) "
        "SELECT %s, 'tagged', 1, ARRAY[n], CASE WHEN n %% 2 = 0 THEN n END, CASE WHEN n %% 2 = 1 THEN n >> 14 END "
        "FROM generate_series(1, 20000) n",
        [acme.pk],
    )
    execute("ANALYZE contacts_contactchange")
    plans = []

    def explain(run, sql, params, many, context):
        run(f"EXPLAIN (FORMAT JSON) {sql}", params, many, context)
        (answer,) = context["cursor"].fetchone()
        plans.append((json.loads(answer) if isinstance(answer, str) else answer)[0]["Plan"])
        return run(sql, params, many, context)

    with scope(acme), connection.execute_wrapper(explain):
        of_contact.of([2, 3], kinds=timeline.SHOWN, but=timeline.TOLD_ELSEWHERE, before=15000, most=31)
    found = [step for plan in plans for step in steps(plan) if "(id < " in step.get("Index Cond", "")]
    assert {name for step in found for name in ("contact_id", "block") if f"({name} = " in step["Index Cond"]} == {
        "contact_id",
        "block",
    }


def steps(plan: dict) -> list[dict]:
    return [plan, *(step for inner in plan.get("Plans", ()) for step in steps(inner))]


def test_older_changes_come_page_by_page_each_once(acme):
    with scope(acme):
        (contact,) = contacts(1)
        tag = Tag.objects.create(name="VIP")
        for _ in range(20):
            ContactTag.objects.create(contact=contact, tag=tag)
            ContactTag.objects.filter(contact=contact).delete()
        seen, cursor = [], None
        while True:
            page = timeline.of(contact, cursor)
            seen += [event.pk for event in page.events if event.kind == "change"]
            cursor = page.older
            if cursor is None:
                break
    assert len(seen) == 40 == len({*seen})


def test_what_merging_moved_is_told_once(acme):
    with scope(acme):
        survivor, loser = contacts(2)
        ContactTag.objects.create(contact=loser, tag=Tag.objects.create(name="VIP"))
        merging.merge(*merging.locked(survivor.pk, loser.pk), set(), actor=None, address=None)
        found = [event for event in timeline.of(survivor).events if event.kind == "change"]
    assert [(event.change, event.of_merged) for event in found] == [("Tag added", True)]


def test_a_tag_that_is_gone_leaves_its_change(acme):
    with scope(acme):
        (contact,) = contacts(1)
        tag = Tag.objects.create(name="VIP")
        ContactTag.objects.create(contact=contact, tag=tag)
        ContactTag.objects.all().delete()
        tag.delete()
        found = [event.what for event in timeline.of(contact).events if event.kind == "change"]
    assert found == ["deleted meanwhile"] * 2


def test_a_persons_data_has_their_changes(acme):
    with scope(acme):
        (contact,) = contacts(1)
        ContactTag.objects.create(contact=contact, tag=Tag.objects.create(name="VIP"))
        rows = subject_data.collect(contact)["changes"]
    assert [(row["change"], row["what"]) for row in rows] == [
        ("created", ""),
        ("subscribed", "E-mail"),
        ("tagged", "VIP"),
    ]
