"""The secrets of a provider account go only where they were given for."""

import pytest

from delivery import registry
from delivery.models import ProviderAccount
from kernel.tenancy import scope

SMTP = {"host": "smtp.example.com", "port": 587, "security": "starttls", "user": "u"}
ACCOUNTS = {
    "smtp": (SMTP, {"password": "S3cr3t"}),
    "brevo": ({}, {"api_key": "S3cr3t"}),
    "sendgrid": ({"region": "global"}, {"api_key": "S3cr3t"}),
    "ses": (
        {"region": "eu-west-1", "access_key_id": "AKIA", "configuration_set": ""},
        {"secret_access_key": "S3cr3t"},
    ),
}
MOVES = [
    ("smtp", {"host": "evil.example"}),
    ("smtp", {"port": 2525}),
    ("smtp", {"security": "none"}),
    ("smtp", {"user": "somebody"}),
    ("sendgrid", {"region": "eu"}),
    ("ses", {"access_key_id": "AKIB"}),
]


@pytest.fixture
def account_of(acme):
    def make(provider: str) -> ProviderAccount:
        options, secret = ACCOUNTS[provider]
        with scope(acme):
            return ProviderAccount.objects.create(name="A", provider=provider, options=options, secret=secret)

    return make


def save(client, account: ProviderAccount, **changes):
    return client.post(f"/w/acme/sending/accounts/{account.pk}/", {"name": "A", **account.options, **changes})


def stored(account: ProviderAccount) -> tuple:
    with scope(account.workspace_id):
        fresh = ProviderAccount.objects.get(pk=account.pk)
    return fresh.options, fresh.secret


@pytest.mark.parametrize("provider, change", MOVES)
def test_where_a_secret_goes_can_not_be_changed_without_giving_it_again(account_of, alice, as_user, provider, change):
    account, client = account_of(provider), as_user(alice)
    options, secret = ACCOUNTS[provider]
    page = save(client, account, **change)
    assert page.status_code == 200 and "Enter it again" in page.content.decode()
    assert stored(account) == (options, secret)
    assert save(client, account, **change, **dict.fromkeys(secret, "new")).status_code == 302
    assert stored(account)[1] == dict.fromkeys(secret, "new")
    assert stored(account)[0].items() >= change.items()


@pytest.mark.parametrize("provider", ACCOUNTS)
def test_name_and_limits_change_without_the_secret(account_of, alice, as_user, provider):
    account = account_of(provider)
    assert save(as_user(alice), account, name="B", per_hour=100).status_code == 302
    assert stored(account)[1] == ACCOUNTS[provider][1]


def test_a_password_without_a_user_name_is_forgotten(account_of, alice, as_user):
    """Otherwise it would come back with the next user name."""
    account = account_of("smtp")
    assert save(as_user(alice), account, host="relay.example", user="").status_code == 302
    assert stored(account)[1] is None


def test_every_provider_with_secrets_is_tested_here():
    assert {kind.slug for kind in registry.PROVIDERS if "email" in kind.channels and kind.form.secret_fields} == set(
        ACCOUNTS
    )
