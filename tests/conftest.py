"""The people and workspaces that the tests use.

alice owns acme, bob manages it, rita only reads; charlie is a stranger who owns beta. Tests really commit: on_commit,
row-level security and the engine's own connection behave as they do in production.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

import pytest
from django.core import mail
from django.db import connections, transaction
from django.test import Client
from django.utils import translation
from django_q.models import OrmQ
from django_q.signing import SignedPackage

from accounts.access import Role
from accounts.models import Membership, User, Workspace
from delivery import hits
from delivery.models import ProviderAccount, Sender
from delivery.views.public.tracking import LOCATIONS
from kernel import jobs
from kernel.tenancy import scope
from tests import database, network_guard
from tests.kept_files import in_bucket, in_folder, kept_files, s3  # noqa: F401  (fixtures)

PASSWORD = "correct horse battery"
JOURNEYS = Path(__file__).with_name("journeys")


@pytest.fixture(scope="session")
def django_db_setup(django_db_blocker):
    """One migrated database for this process."""
    with django_db_blocker.unblock():
        database.create()
        yield
        for connection in connections.all():
            connection.close()


def pytest_configure():
    from django.conf import settings
    from django.test import client

    from kernel import wsgi

    client.WSGIRequest = wsgi.Request  # as served

    plain = "django.contrib.staticfiles.storage.StaticFilesStorage"
    # Files are in the database; tests.kept_files puts those of a test into a folder or a bucket.
    settings.STORAGES = {"default": settings.STORAGES["default"], "staticfiles": {"BACKEND": plain}}
    fast = "django.contrib.auth.hashers.MD5PasswordHasher"  # argon2 is slow on purpose
    settings.PASSWORD_HASHERS = [fast, *settings.PASSWORD_HASHERS]


def pytest_collection_modifyitems(items):
    """Journeys first: they take longest, so that at the end the other workers have short tests left to share.

    A worker takes a share of the list from the front and others steal from its end, so nearly always the tests of a
    journeys module, which share a product, stay on one worker. Scheduling by file or group would guarantee that, but no
    worker could take over tests of a large module then.

    `-m database` selects the tests that use SQL: another version of PostgreSQL can break those only.
    """
    items.sort(key=lambda item: JOURNEYS not in item.path.parents)
    for item in items:
        if "db" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.database)


@cache
def _tables() -> list[str]:
    with connections["owner"].cursor() as cursor:
        cursor.execute(
            "SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename NOT IN "
            "('django_migrations', 'django_content_type', 'auth_permission', 'delivery_warmupstep') "
            # Partitions are emptied by their table.
            "AND NOT (SELECT relispartition FROM pg_class WHERE oid = to_regclass(tablename)) "
            # Filled by triggers while others are emptied.
            "ORDER BY tablename IN ('contacts_contactchange', 'contacts_searchchange')"
        )
        return [row[0] for row in cursor.fetchall()]


@pytest.fixture
def db(django_db_setup, django_db_blocker):
    """A database that is emptied after the test, by the owner."""
    with django_db_blocker.unblock(), emptied_afterwards():
        yield


@contextmanager
def emptied_afterwards() -> Iterator[None]:
    yield
    for connection in connections.all():
        _reuse_or_close(connection)
    # Keys are checked at the end of the transaction, so the order does not matter; TRUNCATE would take 20 times as long.
    with transaction.atomic("owner"), connections["owner"].cursor() as cursor:
        cursor.execute(";".join(f'DELETE FROM "{name}"' for name in _tables()))
    LOCATIONS.clear()
    hits.RECENT.clear()


def _reuse_or_close(connection) -> None:
    """Keep connections from test to test, as in production: opening three takes a third of a short test's time."""
    if connection.in_atomic_block or connection.needs_rollback:
        connection.close()
    else:
        connection.close_if_unusable_or_obsolete()


@pytest.fixture(autouse=True)
def _empty_outbox():
    mail.outbox = []


@pytest.fixture(autouse=True)
def _no_readers_language():
    """A request leaves its reader's language behind, which in production the next request replaces."""
    translation.deactivate()


@pytest.fixture(autouse=True)
def network_calls():
    """The network calls that a request made while a transaction of its own was open. There are none after a test."""
    with network_guard.watched() as calls:
        yield calls
    assert calls == []


def make_user(email: str, name: str, **fields) -> User:
    user = User.objects.create_user(email, PASSWORD, name=name, **{"language": "en", **fields})
    user.emailaddress_set.create(email=email, verified=True, primary=True)
    return user


def make_workspace(name: str, owner: User, **fields) -> Workspace:
    values = {"slug": name.lower(), "country": "FR", "postal_address": "1 rue Neuve\n69001 Lyon"}
    values["onboarding"] = Workspace.Step.DONE
    workspace = Workspace.objects.create(name=name, **values | fields)
    Membership.objects.create(workspace=workspace, user=owner, role=Role.OWNER)
    return workspace


@pytest.fixture
def alice(db):
    return make_user("alice@acme.example", "Alice")


@pytest.fixture
def bob(db):
    return make_user("bob@acme.example", "Bob")


@pytest.fixture
def rita(db):
    return make_user("rita@acme.example", "Rita")


@pytest.fixture
def charlie(db):
    return make_user("charlie@beta.example", "Charlie")


@pytest.fixture
def acme(alice, bob, rita):
    workspace = make_workspace("Acme", alice)
    Membership.objects.create(workspace=workspace, user=bob, role=Role.MANAGER)
    Membership.objects.create(workspace=workspace, user=rita, role=Role.VIEWER)
    with scope(workspace):
        ProviderAccount.objects.create(name="Sandbox", provider="sandbox").make_default()
        Sender.objects.create(name="Acme", email="news@acme.example")
    return workspace


@pytest.fixture
def beta(charlie):
    workspace = make_workspace("Beta", charlie)
    with scope(workspace):
        ProviderAccount.objects.create(name="Sandbox", provider="sandbox").make_default()
        Sender.objects.create(name="Beta", email="news@beta.example")
    return workspace


@pytest.fixture
def as_user():
    """as_user(alice) is a browser in which she is logged in."""

    def log_in(user: User) -> Client:
        client = Client()
        client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
        return client

    return log_in


@pytest.fixture
def run_jobs(db):
    """Run the queued jobs, and those that they enqueue, outside any scope: a job that relies on leaked context fails."""

    def run(limit: int = 200) -> list[str]:
        done = []
        while (row := OrmQ.objects.order_by("id").first()) and len(done) < limit:
            package = SignedPackage.loads(row.payload)
            row.delete()
            jobs.run(*package["args"])
            done.append(package["args"][0])
        return done

    return run
