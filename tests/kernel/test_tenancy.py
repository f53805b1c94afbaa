"""Queries without a workspace raise; a scope shows the rows of one workspace only; the database enforces it, too."""

import time

import pytest
from django.db import DatabaseError, IntegrityError, connection, connections, transaction

from contacts.models import Company, CompanyContact, Contact, ContactTag, Tag
from kernel import rls
from kernel.tenancy import NoWorkspace, across_workspaces, scope


@pytest.fixture
def two(acme, beta):
    with scope(acme):
        Contact.objects.create(email="in@acme.example")
    with scope(beta):
        Contact.objects.create(email="in@beta.example")
    return acme, beta


def test_a_query_without_a_workspace_raises(db):
    with pytest.raises(NoWorkspace):
        list(Contact.objects.all())
    with pytest.raises(NoWorkspace):
        Contact.objects.create(email="x@example.com")


def test_a_queryset_means_the_workspace_that_is_active_when_it_runs(two):
    """A form's class holds querysets, and may be imported during the first request: its choices would stay those of that
    request's workspace."""
    acme, beta = two
    with scope(acme):
        contacts = Contact.objects.all()
    with scope(beta):
        assert [c.email for c in contacts.all()] == ["in@beta.example"]
    with pytest.raises(NoWorkspace):
        list(contacts.all())


def test_a_scope_shows_its_own_rows_only(two):
    acme, beta = two
    with scope(acme):
        assert [c.email for c in Contact.objects.all()] == ["in@acme.example"]
        assert Contact.objects.filter(email="in@beta.example").update(first_name="x") == 0
    with scope(beta):
        assert [c.email for c in Contact.objects.all()] == ["in@beta.example"]


def test_after_an_inner_scope_the_outer_one_is_active_again(two):
    acme, beta = two
    with scope(acme):
        with scope(beta):
            assert Contact.objects.get().email == "in@beta.example"
        assert Contact.objects.get().email == "in@acme.example"
        with connection.cursor() as cursor:  # the database's context, too
            cursor.execute("SELECT email FROM contacts_contact")
            assert cursor.fetchall() == [("in@acme.example",)]


def test_across_workspaces_sees_both_and_needs_a_reason(two):
    with across_workspaces("a test"):
        assert Contact.objects.count() == 2
    with pytest.raises(ValueError, match="reason"), across_workspaces(""):
        pass


def test_row_level_security_holds_without_any_filter(two):
    acme, beta = two
    with scope(acme), connection.cursor() as cursor:
        cursor.execute("SELECT email FROM contacts_contact")
        assert cursor.fetchall() == [("in@acme.example",)]
        cursor.execute("UPDATE contacts_contact SET first_name = 'stolen'")
        assert cursor.rowcount == 1
        cursor.execute("DELETE FROM contacts_contact WHERE workspace_id = %s", [beta.pk])
        assert cursor.rowcount == 0
    with scope(acme), pytest.raises(DatabaseError), connection.cursor() as cursor:
        cursor.execute("UPDATE contacts_contact SET workspace_id = %s", [beta.pk])


def test_no_context_means_no_rows(two):
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM contacts_contact")
        assert cursor.fetchone() == (0,)


def count_with_context(context: str) -> int:
    """How many contacts the web role sees with this setting."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT set_config('fanfare.context', %s, true)", [context])
        cursor.execute("SELECT count(*) FROM contacts_contact")
        return cursor.fetchone()[0]


@pytest.mark.parametrize(
    "forged", ["{beta}|99999999999|deadbeef", "{beta}|0|" + "0" * 64, "*|0|" + "0" * 64, "nonsense", "a|b|c|d"]
)
def test_a_forged_context_is_refused(two, forged):
    with pytest.raises(DatabaseError, match="bad tenant context"):
        count_with_context(forged.format(beta=two[1].pk))


def test_an_expired_context_is_refused(two):
    with pytest.raises(DatabaseError, match="bad tenant context"):
        count_with_context(rls.sign(two[1].pk, 1_000_000))


def test_a_signed_context_shows_its_workspace(two):
    """The control of the tests above: they fail because of the context and nothing else."""
    assert count_with_context(rls.sign(two[1].pk, int(time.time()) + 60)) == 1


def test_the_context_of_all_workspaces_does_nothing_for_the_web_role(two):
    assert count_with_context(rls.all_workspaces_context()) == 0


def test_a_row_cannot_point_into_another_workspace(two):
    """With a foreign key, which is checked for each row."""
    acme, beta = two
    with scope(beta):
        foreign = Contact.objects.get().pk
    with scope(acme), connection.cursor() as cursor:
        company = Company.objects.create(name="x")
        CompanyContact.objects.create(company=company, contact_id=foreign)
        with pytest.raises(IntegrityError), transaction.atomic():
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        CompanyContact.objects.all().delete()


@pytest.mark.parametrize("alias", ["default", "engine"])
def test_no_row_of_a_set_can_point_into_another_workspace(two, alias):
    """With a trigger, which checks all rows of a statement; none of them is written."""
    acme, beta = two
    with scope(beta):
        foreign = Contact.objects.get().pk
    with scope(acme):
        ours, tag = Contact.objects.get().pk, Tag.objects.create(name="x").pk
    insert = "INSERT INTO contacts_contacttag (workspace_id, contact_id, tag_id) SELECT %s, unnest(%s::bigint[]), %s"
    with scope(acme), transaction.atomic(alias), connections[alias].cursor() as cursor:
        for people, tags in (([ours, foreign], tag), ([ours], tag + 1000)):
            with pytest.raises(IntegrityError, match="same workspace"), transaction.atomic(alias):
                cursor.execute(insert, [acme.pk, people, tags])
        cursor.execute(insert, [acme.pk, [ours], tag])
        with pytest.raises(IntegrityError, match="same workspace"), transaction.atomic(alias):
            cursor.execute("UPDATE contacts_contacttag SET contact_id = %s WHERE workspace_id = %s", [foreign, acme.pk])
    with scope(acme):
        assert ContactTag.objects.get().contact_id == ours


def test_the_web_role_can_read_no_key_and_change_no_table(db):
    for sql in (
        "SELECT * FROM fanfare.context_key",
        "TRUNCATE contacts_contact",
        "ALTER TABLE contacts_contact DISABLE ROW LEVEL SECURITY",
        "DROP POLICY workspace ON contacts_contact",
        "SET ROLE fanfare_owner",
    ):
        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(sql)


def test_no_connection_is_a_superuser(db):
    for alias in connections:
        with connections[alias].cursor() as cursor:
            cursor.execute("SELECT rolsuper FROM pg_roles WHERE rolname = current_user")
            assert cursor.fetchone() == (False,), alias
