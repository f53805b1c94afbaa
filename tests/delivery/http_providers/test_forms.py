"""The forms of provider accounts, and the host that a merchant's settings lead to."""

import pytest
import uvloop

from delivery import registry
from delivery.channels.base import AccountProblem, Outbox
from delivery.models import ProviderAccount
from tests.delivery.http_providers.sending import SECRET, Account, account_of, message


@pytest.mark.parametrize(
    "slug, data",
    [
        ("sendgrid", {"api_key": SECRET, "region": "eu"}),
        ("brevo", {"api_key": SECRET}),
        ("ses", {"region": "eu-west-3", "access_key_id": "AKIDEXAMPLE", "secret_access_key": SECRET}),
    ],
)
def test_keys_are_asked_for_once_and_never_shown(slug, data):
    kind = registry.find(slug).form
    (key_name,) = kind.secret_fields
    without = {name: value for name, value in data.items() if name != key_name} | {"name": "Mine"}
    new = ProviderAccount(provider=slug)
    assert kind({"name": "Mine", **data}, instance=new).errors == {}
    assert list(kind(without, instance=ProviderAccount(provider=slug)).errors) == [key_name]
    stored = ProviderAccount(provider=slug, secret={key_name: SECRET}, options=without)
    form = kind(without, instance=stored)
    assert form.errors == {} and SECRET not in form.as_p() and SECRET not in kind(instance=stored).as_p()
    assert list(kind({**data, "name": "Mine", key_name: "two words"}, instance=new).errors) == [key_name]


def test_only_known_regions_can_be_chosen():
    data = {"name": "Mine", "access_key_id": "A", "secret_access_key": "B", "region": "evil.example/"}
    assert list(registry.find("ses").form(data, instance=ProviderAccount(provider="ses")).errors) == ["region"]
    with pytest.raises(AccountProblem, match="region"):
        registry.find("ses").check(Account({"region": "evil.example/", "access_key_id": "A"}))


@pytest.mark.parametrize(
    "slug, options, url",
    [
        ("sendgrid", {}, "https://api.sendgrid.com/v3/mail/send"),
        ("sendgrid", {"region": "eu"}, "https://api.eu.sendgrid.com/v3/mail/send"),
        (
            "sendgrid",
            {"region": "evil.example", "endpoint": "http://evil.example"},
            "https://api.sendgrid.com/v3/mail/send",
        ),
        ("brevo", {"endpoint": "http://evil.example"}, "https://api.brevo.com/v3/smtp/email"),
        ("ses", {"endpoint": "http://evil.example"}, "https://email.eu-west-3.amazonaws.com/v2/email/outbound-emails"),
    ],
)
def test_merchants_do_not_choose_the_host(slug, options, url):
    async def api():
        transport = registry.find(slug).transport(account_of(slug, **options), Outbox())
        await transport.close()
        return transport._api

    assert uvloop.run(api()).send_request(message("who")).url == url
