"""SQL that is smuggled into a page runs as the web role: it makes nobody a member, and reads no secret of anybody."""

import base64
import pickle

import pytest
from allauth.mfa.models import Authenticator
from django.apps import apps
from django.contrib.sessions.backends.db import SessionStore
from django.core.cache import cache
from django.db import DatabaseError, IntegrityError, connection, connections, transaction

from accounts import audit, inviting
from accounts.actors import member, person
from accounts.models import AuditEntry, Invitation, Membership, User
from kernel import rls, roles
from kernel.tenancy import scope
from tests.conftest import PASSWORD, make_user


def refused(sql: str, params: tuple = (), workspace=None) -> None:
    """The web role may not do this, with the context of a workspace or without one."""
    with transaction.atomic(), connection.cursor() as cursor:
        if workspace is not None:
            rls.enter(workspace.pk)
        with pytest.raises(DatabaseError, match="permission denied"):
            cursor.execute(sql, params)
        transaction.set_rollback(True)


def rows(sql: str, params: tuple = (), workspace=None) -> list[tuple]:
    with transaction.atomic(), connection.cursor() as cursor:
        if workspace is not None:
            rls.enter(workspace.pk)
        cursor.execute(sql, params)
        return cursor.fetchall()


ATTACKS = [
    "INSERT INTO accounts_membership (workspace_id, user_id, role, created_at) VALUES ({acme}, {charlie}, 'owner', now())",
    "UPDATE accounts_membership SET role = 'owner'",
    "UPDATE accounts_membership SET user_id = {charlie}",
    "DELETE FROM accounts_membership",
    "SELECT * FROM accounts_membership",
    "INSERT INTO accounts_invitation (workspace_id, email, role, token_hash, created_at, expires_at, invited_by_id) "
    "VALUES ({acme}, 'charlie@beta.example', 'owner', repeat('0', 64), now(), now() + interval '1 day', {alice})",
    "UPDATE accounts_invitation SET email = 'charlie@beta.example'",
    "SELECT password FROM accounts_user",
    "SELECT * FROM accounts_user",
    "SELECT u FROM accounts_user u",
    "SELECT to_jsonb(u) FROM accounts_user u",
    "UPDATE accounts_user SET email = 'charlie@beta.example'",
    "UPDATE accounts_user SET is_staff = true, is_superuser = true",
    "UPDATE accounts_user SET password = 'x'",
    "INSERT INTO accounts_user_groups (user_id, group_id) VALUES ({charlie}, 1)",
    "SELECT * FROM django_session",
    "UPDATE django_session SET session_data = 'x'",
    "INSERT INTO django_session VALUES ('x', 'y', now())",
    "SELECT * FROM usersessions_usersession",
    "SELECT * FROM mfa_authenticator",
    "DELETE FROM mfa_authenticator",
    "SELECT * FROM account_emailaddress",
    "UPDATE account_emailaddress SET verified = true",
    "SELECT * FROM account_emailconfirmation",
    "INSERT INTO socialaccount_socialaccount (provider, uid, user_id) VALUES ('google', '1', {alice})",
    "SELECT * FROM socialaccount_socialtoken",
    "UPDATE auth_group SET name = 'x'",
    "UPDATE cache SET value = 'x'",
    "INSERT INTO cache VALUES ('x', 'y', now())",
    "SELECT * FROM cache",
    "INSERT INTO django_q_schedule (func, args, schedule_type, repeats) VALUES ('os.system', '\"true\"', 'O', -1)",
    "UPDATE django_q_task SET result = 'x'",
    "CREATE TEMP TABLE accounts_membership (user_id bigint)",
    "CREATE TABLE public.x (n int)",
    "CREATE FUNCTION public.x() RETURNS int LANGUAGE sql AS 'SELECT 1'",
]


@pytest.mark.parametrize("sql", ATTACKS)
@pytest.mark.parametrize("inside", [False, True], ids=["without a workspace", "in the workspace"])
def test_the_web_role_can_not(acme, alice, charlie, sql, inside):
    refused(sql.format(acme=acme.pk, alice=alice.pk, charlie=charlie.pk), workspace=acme if inside else None)


def test_every_table_of_the_libraries_that_log_people_in_is_kept_from_the_web_role(db):
    """A new version may bring a table."""
    libraries = {"account", "admin", "auth", "mfa", "sessions", "socialaccount", "usersessions"}
    tables = {m._meta.db_table for m in apps.get_models(include_auto_created=True) if m._meta.app_label in libraries}
    assert tables | {"cache", "accounts_membership", "accounts_user_groups"} <= roles.engine_only_tables()
    for table in roles.engine_only_tables() - {"accounts_user"}:
        assert rows(
            "SELECT has_any_column_privilege(%s, 'SELECT, INSERT, UPDATE, REFERENCES') "
            "OR has_table_privilege(%s, 'DELETE, TRUNCATE, TRIGGER')",
            (table, table),
        ) == [(False,)], table


def test_the_web_role_sees_the_people_of_its_workspace_only(acme, beta, alice, bob, charlie):
    emails = "SELECT email FROM accounts_user ORDER BY email"
    assert rows(emails) == []
    assert rows(emails, workspace=beta) == [(charlie.email,)]
    assert (charlie.email,) not in rows(emails, workspace=acme) and (bob.email,) in rows(emails, workspace=acme)


def test_names_of_former_members_stay_in_the_audit_log(acme, alice, bob):
    with scope(acme):
        audit.record(person(bob), "contact.created")
        inviting.remove(member(acme.memberships.get(user=alice)), acme.memberships.get(user=bob))
        assert {str(entry.actor) for entry in AuditEntry.objects.select_related("actor")} == {"Alice", "Bob"}


def test_who_is_read_by_a_join_has_no_password_and_can_not_be_saved(acme, alice):
    with scope(acme):
        audit.record(person(alice), "test.done")
        joined = AuditEntry.objects.select_related("actor").get().actor
    assert joined.password is None and joined.email == alice.email
    with pytest.raises(IntegrityError):
        joined.save()
    assert User.objects.get(pk=alice.pk).check_password(PASSWORD)


def test_row_level_security_holds_where_somebody_grants_everything(acme, beta, charlie):
    """A shared server, a hand-made grant: memberships are still those of the workspace."""
    role = connections["default"].settings_dict["USER"]
    insert = "INSERT INTO accounts_membership (workspace_id, user_id, role, created_at) VALUES (%s, %s, 'owner', now())"
    with connections["owner"].cursor() as cursor:
        cursor.execute(f"GRANT ALL ON accounts_membership, accounts_user TO {role}")
    try:
        assert rows("SELECT workspace_id FROM accounts_membership") == []
        assert set(rows("SELECT workspace_id FROM accounts_membership", workspace=beta)) == {(beta.pk,)}
        assert rows("UPDATE accounts_user SET is_staff = true RETURNING id", workspace=beta) == []
        for context in (None, beta):
            with pytest.raises(DatabaseError, match="row-level security"):
                rows(insert, (acme.pk, charlie.pk), workspace=context)
    finally:
        roles.synchronise()
    refused("SELECT * FROM accounts_membership")


def test_a_value_of_the_cache_is_no_program_of_the_web_role(db):
    """The cache unpickles what it reads."""
    cache.set("x", 1, 60)
    bomb = base64.b64encode(pickle.dumps(2)).decode()
    refused("UPDATE cache SET value = %s", (bomb,))
    assert cache.get("x") == 1


def test_every_function_has_a_fixed_search_path(db):
    with connections["owner"].cursor() as cursor:
        cursor.execute(
            "SELECT p.oid::regprocedure::text, array_to_string(p.proconfig, ',') FROM pg_proc p "
            "WHERE p.pronamespace IN ('public'::regnamespace, 'fanfare'::regnamespace)"
        )
        paths = dict(cursor.fetchall())
    assert len(paths) > 5
    for function, config in paths.items():
        assert config in ("search_path=pg_catalog", "search_path=pg_catalog, public, pg_temp"), function


def test_a_migrate_gives_a_function_without_a_search_path_one(db):
    with connections["owner"].cursor() as cursor:
        cursor.execute("CREATE FUNCTION public.t_old() RETURNS int LANGUAGE sql AS 'SELECT 1'")
        try:
            roles.synchronise()
            cursor.execute("SELECT proconfig FROM pg_proc WHERE proname = 't_old'")
            assert cursor.fetchone()[0] == ["search_path=pg_catalog, public, pg_temp"]
        finally:
            cursor.execute("DROP FUNCTION public.t_old()")


def test_the_pages_still_work(acme, alice, bob, client):
    """The control: the same things, by those who may."""
    client.post("/accounts/login/", {"login": alice.email, "password": PASSWORD})
    assert SessionStore().exists(client.session.session_key)
    for page in ("members/", "audit/", "jobs/", "campaigns/"):
        assert client.get(f"/w/acme/{page}").status_code == 200
    client.post("/w/acme/members/invitations/", {"email": "dora@new.example", "role": "viewer"})
    with scope(acme):
        assert Invitation.objects.get().invited_by == alice
    rank = acme.memberships.get(user=bob)
    client.post(f"/w/acme/members/{rank.pk}/role/", {"role": "admin"})
    assert Membership.objects.get(pk=rank.pk).role == "admin"
    client.post("/profile/", {"name": "Alicia", "language": "fr", "theme": "dark"})
    assert User.objects.get(pk=alice.pk).name == "Alicia"
    dora = make_user("dora@new.example", "Dora")
    assert not Authenticator.objects.filter(user=dora).exists()
