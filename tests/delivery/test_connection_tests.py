"""A workspace tests its connections a few times an hour: the form is no scanner of other people's hosts."""

from django.db import connections

from accounts.models import AuditEntry
from delivery.models import ProviderAccount
from delivery.providers.smtp.provider import Smtp
from kernel.tenancy import scope
from tests import factories


def test_tests_of_connections_are_counted_by_workspace(acme, beta, alice, charlie, as_user, settings):
    settings.CONNECTION_TESTS_PER_HOUR = 2

    def check(workspace, user):
        with scope(workspace):
            account = ProviderAccount.objects.get()
        return as_user(user).post(f"/w/{workspace.slug}/sending/accounts/{account.pk}/check/").content.decode()

    for _n in range(2):
        assert "2 times an hour" not in check(acme, alice)
    assert "2 times an hour" in check(acme, alice)
    assert "2 times an hour" not in check(beta, charlie)


def test_the_server_is_asked_in_no_transaction(acme, alice, as_user, mail_server, monkeypatch):
    """A server that answers slowly must not hold the request's transaction, and what it says is kept all the same."""
    with scope(acme):
        account = factories.smtp_account(mail_server[1])
    seen = []
    real = Smtp.check

    def check(self, account):
        seen.append(any(connections[alias].in_atomic_block for alias in ("default", "engine")))
        return real(self, account)

    monkeypatch.setattr(Smtp, "check", check)
    answer = as_user(alice).post(f"/w/acme/sending/accounts/{account.pk}/check/").content.decode()
    assert seen == [False] and "Connected to 127.0.0.1" in answer
    with scope(acme):
        account.refresh_from_db()
        assert account.offers
        assert AuditEntry.objects.get(verb="account.tested").detail == {"result": "success"}


def test_who_may_not_test_a_connection_reaches_no_server(acme, beta, rita, charlie, as_user, mail_server):
    with scope(acme):
        account = factories.smtp_account(mail_server[1])
    address = f"/w/acme/sending/accounts/{account.pk}/check/"
    assert as_user(rita).post(address).status_code == 403
    assert as_user(charlie).post(address).status_code == 404
    assert as_user(charlie).post(f"/w/beta/sending/accounts/{account.pk}/check/").status_code == 404
