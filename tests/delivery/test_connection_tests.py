"""A workspace tests its connections a few times an hour: the form is no scanner of other people's hosts."""

from delivery.models import ProviderAccount
from kernel.tenancy import scope


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
