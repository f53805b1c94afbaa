"""Every change of a contact leaves a row, whoever makes it and by whatever statement."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.db import connections, transaction
from django.utils import timezone

from accounts import actors
from accounts.models import Membership
from contacts.consent import bulk_opt_out, ledger
from contacts.contact_events import writing
from contacts.fields import changes as field_changes
from contacts.imports import undoing
from contacts.models import (
    BulkAction,
    Contact,
    ContactChange,
    ContactField,
    ContactImport,
    ContactList,
    ContactTag,
    EventName,
    ListMember,
    Segment,
    SignupForm,
    Tag,
    Topic,
    TopicChoice,
)
from contacts.people import bulk_actions, merging
from contacts.privacy import erasure, purging, retention
from contacts.segments import snapshots
from contacts.signups import signing_up
from kernel.tenancy import scope
from tests import factories
from tests.architecture.test_code import ROOT, SOURCES
from tests.contacts.imports.running import finish, import_file, prepare
from tests.markup import edit

Row = tuple[str, str, int | None, str, str, tuple[int, ...]]


def rows(workspace) -> list[Row]:
    """(kind, channel, target, field, source, contacts) of the changes since the last call."""
    with scope(workspace):
        found = list(ContactChange.objects.filter(pk__gt=getattr(workspace, "seen", 0)).order_by("pk"))
    workspace.seen = max((change.pk for change in found), default=getattr(workspace, "seen", 0))
    return [(c.kind, c.channel, c.target_id, c.field, c.source, tuple(sorted(c.contact_ids))) for c in found]


def kinds(workspace) -> list[str]:
    return [row[0] for row in rows(workspace)]


@pytest.fixture
def people(acme) -> list[Contact]:
    with scope(acme):
        found = factories.contacts(3)
    rows(acme)
    return found


def test_a_new_contact_is_said_before_their_consent(acme):
    with scope(acme):
        (pending,) = factories.contacts(1, status="pending")
        subscribed = factories.contacts(2, email=None, phone="+33612345678", sms_status="subscribed")
    ids = tuple(contact.pk for contact in subscribed)
    assert rows(acme) == [
        ("created", "", None, "", "", (pending.pk,)),
        ("created", "", None, "", "", ids),
        ("subscribed", "email", None, "", "", ids),
        ("subscribed", "sms", None, "", "", ids),
    ]


def test_a_change_names_each_field_and_who_made_it(acme, alice, as_user, people):
    with scope(acme):
        ContactField.objects.create(name="city", label="City")
    url = f"/w/acme/contacts/{people[0].pk}/edit/"
    edit(as_user(alice), url, {"email": "new@example.com", "first_name": "P0", "own_city": "Lyon", "tags": "VIP"})
    with scope(acme):
        change = ContactChange.objects.filter(kind="tagged").get()
        tag = Tag.objects.get()
    assert (change.source, change.actor_id, change.target_id) == ("member", alice.pk, tag.pk)
    found = {row[:4] for row in rows(acme)}
    assert {("field", "", None, "email"), ("tagged", "", tag.pk, "")} <= found
    with scope(acme):
        Contact.objects.filter(pk=people[0].pk).update(attributes={"city": "Lyon", "n": 1})
        Contact.objects.filter(pk=people[0].pk).update(attributes={"city": "Paris", "n": 1})
    assert [row[3] for row in rows(acme)][-1] == "own:city"


def test_what_changes_nothing_leaves_no_row(acme, people):
    with scope(acme):
        Contact.objects.update(engaged_at="2026-01-01T00:00Z", inactive_at=None)
        Contact.objects.update(first_name="Same")
        rows(acme)
        Contact.objects.update(first_name="Same", attributes={})
        tag = Tag.objects.create(name="VIP")
        for _ in range(2):
            ContactTag.objects.bulk_create([ContactTag(contact=people[0], tag=tag)], ignore_conflicts=True)
    assert kinds(acme) == ["tagged"]


class TestImports:
    def test_an_import_of_many_adds_few_rows(self, acme):
        with scope(acme):
            tags = [Tag.objects.create(name=name) for name in ("a", "b")]
            lists = [ContactList.objects.create(name="l")]
        text = "email\n" + "\n".join(f"p{n}@example.com" for n in range(600))
        done = import_file(acme, text, tags=tags, lists=lists)
        with scope(acme):
            ids = set(Contact.objects.values_list("pk", flat=True))
            found = list(ContactChange.objects.all())
        # Two rows of a kind at most, where the ids lie in two blocks.
        assert 5 <= len(found) <= 10
        assert {(row.source, row.source_id) for row in found} == {("import", done.pk)}
        for kind in ("created", "subscribed", "listed"):
            of_kind = [row.contact_ids for row in found if row.kind == kind]
            assert sorted(pk for row in of_kind for pk in row) == sorted(ids)
        assert sorted(pk for row in found if row.kind == "tagged" for pk in row.contact_ids) == sorted([*ids, *ids])

    @pytest.mark.parametrize("columns", [["email", "first_name"], ["email", "phone"]], ids=["plain", "matched"])
    def test_an_import_that_is_repeated_adds_no_row(self, acme, columns):
        with scope(acme):
            tag = Tag.objects.create(name="a")
        text = "email,other\na@example.com,+33612345601\nb@example.com,+33612345602\n"
        import_file(acme, text, columns, tags=[tag])
        assert set(kinds(acme)) == {"created", "subscribed", "tagged"}
        import_file(acme, text, columns, tags=[tag])
        assert rows(acme) == []

    @pytest.mark.parametrize("columns", [["email", "first_name"], ["email", "phone"]], ids=["plain", "matched"])
    def test_a_change_by_an_import_is_told_apart(self, acme, columns):
        import_file(acme, "email,other\na@example.com,+33612345601\nb@example.com,+33612345602\n", columns)
        rows(acme)
        import_file(acme, "email,other\na@example.com,+33612345601\nb@example.com,+33612345603\n", columns)
        with scope(acme):
            b = Contact.objects.get(email="b@example.com")
        assert [row for row in rows(acme) if row[0] == "field"] == [("field", "", None, columns[1], "import", (b.pk,))]

    def test_a_files_refusals_are_changes_of_status(self, acme, people):
        import_file(acme, "email,Status\np0@example.com,unsubscribed\n", ["email", "email_consent"])
        assert ("unsubscribed", "email", None, "", "import", (people[0].pk,)) in rows(acme)

    def test_undoing_takes_back_what_was_added(self, acme):
        with scope(acme):
            tag = Tag.objects.create(name="a")
        done = finish(acme, prepare(acme, "email\na@example.com\n", tags=[tag]))
        rows(acme)
        with scope(acme):
            undoing.begin(ContactImport.objects.get(pk=done.pk), None)
        while not undoing.run(acme.pk, done.pk):
            pass
        assert {(row[0], row[4]) for row in rows(acme)} == {("deleted", "undo"), ("untagged", "undo")}


class TestGroups:
    def test_bulk_actions(self, acme, people, bob):
        membership = Membership.objects.get(user=bob, workspace=acme)
        ids = [contact.pk for contact in people]
        with scope(acme):
            tag, one = Tag.objects.create(name="a"), ContactList.objects.create(name="l")
            actor = actors.member(membership)
            for verb, target in (("tag", tag), ("untag", tag), ("list", one), ("unlist", one), ("unsubscribe", None)):
                about = {"ids": ids}
                bulk_actions.start(actor, BulkAction.Verb(verb), about, target_id=target and target.pk)
            bulk_actions.start(actor, BulkAction.Verb.DELETE, {"ids": ids})
        found = rows(acme)
        assert [row[0] for row in found] == ["tagged", "untagged", "listed", "unlisted", "unsubscribed", "deleted"]
        assert {(row[4], row[5]) for row in found} == {("bulk", tuple(ids))}

    def test_a_tag_that_is_merged(self, acme, people, bob):
        membership = Membership.objects.get(user=bob, workspace=acme)
        with scope(acme):
            old, new = Tag.objects.create(name="old"), Tag.objects.create(name="new")
            ContactTag.objects.create(contact=people[0], tag=old)
            rows(acme)
            about = {"tag": old.pk, "name": "old"}
            bulk_actions.start(actors.member(membership), BulkAction.Verb.MERGE_TAG, about, target_id=new.pk)
        found = {(row[0], row[2]) for row in rows(acme)}
        assert found == {("tagged", new.pk), ("untagged", old.pk)}

    def test_a_segment_that_is_kept_as_a_list(self, acme, people):
        with scope(acme):
            rule = {"on": "email", "op": "contains", "with": {"value": "example.com"}}
            segment = Segment.objects.create(name="all", definition={"version": 1, "match": "all", "rules": [rule]})
            one = ContactList.objects.create(name="l")
        with scope(acme):
            snapshots.fill(segment, one)
        ids = tuple(contact.pk for contact in people)
        assert rows(acme) == [("listed", "", one.pk, "", "segment", ids)]

    def test_members_of_a_list_that_is_purged(self, acme, people):
        with scope(acme):
            one = ContactList.objects.create(name="l")
            ListMember.objects.create(contact=people[0], contact_list=one)
            ContactList.objects.update(deleted_at="2020-01-01T00:00Z")
        rows(acme)
        purging.purge()
        assert rows(acme) == [("unlisted", "", one.pk, "", "", (people[0].pk,))]


class TestConsent:
    def test_a_choice_goes_only_with_its_person(self, acme, people):
        """That is why its deletion is no change: of the erased and the merged, it is noted that they are."""
        with scope(acme):
            topic = Topic.objects.create(name="News")
            ledger.withdraw(people[0], source="page", topic=topic)
            Topic.objects.update(deleted_at="2020-01-01T00:00Z")
        purging.purge()
        with scope(acme):
            assert TopicChoice.objects.get().topic == topic
        texts = {str(path.relative_to(ROOT)): path.read_text() for path in SOURCES if "migrations" not in path.parts}
        direct = re.compile(r"TopicChoice\.objects[^\n]*\.delete\(|DELETE FROM contacts_topicchoice")
        assert not [path for path, text in texts.items() if direct.search(text)]

    def test_opting_out_and_in(self, acme, people):
        person = people[0]
        with scope(acme):
            topic = Topic.objects.create(name="News")
            ledger.withdraw(person, source="page")
            ledger.grant(person, source="form", wording="yes")
            ledger.withdraw(person, source="page", topic=topic)
            ledger.withdraw(person, source="page", topic=topic)
            ledger.grant(person, source="form", wording="yes", topic=topic)
        found = [row[:3] for row in rows(acme)]
        assert found == [
            ("unsubscribed", "email", None),
            ("subscribed", "email", None),
            ("topic_refused", "email", topic.pk),
            ("topic_chosen", "email", topic.pk),
        ]

    def test_a_dead_address(self, acme, people):
        with transaction.atomic("engine"), connections["engine"].cursor() as cursor:
            bulk_opt_out.mark_bounced(cursor, acme.pk, [people[0].pk], channel="email")
        assert rows(acme) == [("bounced", "email", None, "", "provider", (people[0].pk,))]

    def test_who_signs_up_by_a_form(self, acme):
        with scope(acme):
            form = SignupForm.objects.create(name="F", wording="ok", double_opt_in=False)
            visit = signing_up.Visit()
            signing_up.sign_up(form, "a@example.com", {"fields": {"first_name": "Ana"}}, visit, doubtful=False)
            change = ContactChange.objects.first()
        assert change.source_id == form.pk
        found = rows(acme)
        assert {"created", "subscribed", "field"} <= {row[0] for row in found}
        assert {row[4] for row in found} == {"form"}


def test_an_event_is_said_once(acme, people):
    now = timezone.now()
    with scope(acme):
        for _ in range(2):
            writing.record(people[0], "ordered", at=now, key="order 1")
        name = EventName.objects.get()
    assert rows(acme) == [("event", "", name.pk, "", "", (people[0].pk,))]


class TestEnds:
    def test_merging_says_who_stays(self, acme, people):
        with scope(acme):
            tag = Tag.objects.create(name="a")
            ContactTag.objects.create(contact=people[1], tag=tag)
            rows(acme)
            survivor, loser = merging.locked(people[0].pk, people[1].pk)
            merging.merge(survivor, loser, set(), actor=None, address=None)
        found = rows(acme)
        assert ("merged", "", survivor.pk, "", "merge", (loser.pk,)) in found
        assert ("tagged", "", tag.pk, "", "merge", (survivor.pk,)) in found
        assert [row[0] for row in found if row[5] == (loser.pk,)] == ["untagged", "merged"]

    def test_the_trash(self, acme, people):
        with scope(acme):
            Contact.objects.filter(pk=people[0].pk).update(deleted_at="2026-01-01T00:00Z")
            rows(acme)
            Contact.objects.filter(pk=people[0].pk).update(deleted_at=None)
        assert kinds(acme) == ["restored"]

    def test_people_who_are_kept_no_longer(self, acme, people):
        with scope(acme):
            Contact.objects.update(created_at="2015-01-01T00:00Z", updated_at="2015-01-01T00:00Z")
        with connections["engine"].cursor() as cursor:
            cursor.execute("UPDATE accounts_workspace SET retention_months = 36 WHERE id = %s", [acme.pk])
        retention.retire(acme.pk)
        assert kinds(acme) == ["deleted"]

    def test_of_the_erased_one_row_remains(self, acme, people):
        with scope(acme):
            tag = Tag.objects.create(name="a")
            ContactTag.objects.bulk_create([ContactTag(contact=person, tag=tag) for person in people])
            ContactTag.objects.filter(contact=people[0]).delete()
            ContactTag.objects.create(contact=people[0], tag=tag)
            erasure.erase(people[0])
        found = rows(acme)
        assert [row[0] for row in found if people[0].pk in row[5]] == ["erased"]
        # Those who were tagged together with them keep their row.
        assert ("tagged", "", tag.pk, "", "", (people[1].pk, people[2].pk)) in found

    def test_a_field_that_changes_its_kind(self, acme, people):
        with scope(acme):
            own = ContactField.objects.create(name="size", label="Size")
            Contact.objects.filter(pk=people[0].pk).update(attributes={"size": "42"})
            rows(acme)
            field_changes.rewrite(own, {people[0].pk: 42})
        assert rows(acme) == [("field", "", None, "own:size", "", (people[0].pk,))]


WATCHED = {"contacts_contact", "contacts_contacttag", "contacts_listmember", "contacts_topicchoice"}


def test_no_statement_can_go_round_the_triggers(db):
    """All ways of writing to these tables are watched, and nobody may switch that off."""
    with connections["owner"].cursor() as cursor:
        cursor.execute(
            "SELECT c.relname, t.tgtype & 28 FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid "
            "WHERE t.tgname LIKE 'note\\_change\\_%' AND t.tgenabled = 'O'"
        )
        found = set(cursor.fetchall())
    insert, delete, update = 4, 8, 16
    assert found == {
        ("contacts_contact", insert),
        ("contacts_contact", update),
        ("contacts_contacttag", insert),
        ("contacts_contacttag", delete),
        ("contacts_listmember", insert),
        ("contacts_listmember", delete),
        ("contacts_contactevent", insert),
        ("contacts_topicchoice", insert),
        ("contacts_topicchoice", update),
    }
    texts = {path.relative_to(ROOT): path.read_text() for path in SOURCES if "migrations" not in path.parts}
    # Rows of tags and lists are added and deleted, never pointed elsewhere: that would be no change to the triggers.
    moving = re.compile(r"UPDATE contacts_(contacttag|listmember)\b|(ContactTag|ListMember)\.objects[^\n]*\.update\(")
    assert {str(path) for path, text in texts.items() if moving.search(text)} == set()
    silencing = re.compile(r"session_replication_role|DISABLE TRIGGER|TRUNCATE contacts_", re.IGNORECASE)
    assert {str(path) for path, text in texts.items() if silencing.search(text)} == set()


def test_a_column_of_contacts_is_noted_or_left_out_for_a_reason():
    """A new column that says something about a person must be among those that the trigger compares."""
    migration = (Path(ROOT) / "contacts/migrations/0013_contact_changes.py").read_text()
    unnoted = {
        "id": "never changes",
        "workspace": "never changes",
        "first_key": "made of first_name",
        "last_key": "made of last_name",
        "address_kind": "made of email",
        "engaged_at": "opens and clicks are rows of their own",
        "inactive_at": "made of engagement",
        "source": "never changes",
        "import_id": "of the import's own work",
        "import_effect": "of the import's own work",
        "created_at": "never changes but by merging",
        "updated_at": "a consequence",
    }
    columns = {field.name for field in Contact._meta.concrete_fields}
    noted = {name for name in columns if re.search(rf'"{name}"', migration.split("class Migration")[0])}
    assert columns - noted == set(unnoted) - (set(unnoted) & noted)
