"""Checking an account's settings."""

import json

import pytest

from delivery import registry
from delivery.channels.base import AccountProblem
from tests.delivery import http
from tests.delivery.http_providers.sending import SECRET, account_of

GOOD = {
    "sendgrid": {"scopes": ["mail.send", "alerts.read"]},
    "brevo": {"companyName": "Acme", "email": "a@acme.example", "relay": {"enabled": True}},
    "ses": {
        "ProductionAccessEnabled": True,
        "SendingEnabled": True,
        "EnforcementStatus": "HEALTHY",
        "SendQuota": {"Max24HourSend": 50000.0, "MaxSendRate": 14.0, "SentLast24Hours": 0.0},
    },
}


def check(slug) -> str:
    return registry.find(slug).check(account_of(slug))


def test_a_check_says_what_was_found(slug, server):
    server.account = (200, {}, json.dumps(GOOD[slug]).encode())
    sentence = check(slug)
    assert {"sendgrid": "can send", "brevo": "Acme", "ses": "14 messages per second"}[slug] in sentence
    assert server.seen[0].path == {"sendgrid": "/v3/scopes", "brevo": "/v3/account", "ses": "/v2/email/account"}[slug]


@pytest.mark.parametrize(
    "slug, account, words",
    [
        ("sendgrid", {"scopes": ["alerts.read"]}, "Mail Send"),
        ("brevo", {"relay": {"enabled": False}}, "transactional"),
        ("ses", {"ProductionAccessEnabled": False, "SendingEnabled": True}, "production access"),
        ("ses", {"ProductionAccessEnabled": True, "SendingEnabled": False}, "suspended"),
        ("ses", {"EnforcementStatus": "SHUTDOWN"}, "suspended"),
    ],
    indirect=["slug"],
)
def test_a_check_says_what_is_missing(slug, server, account, words):
    server.account = (200, {}, json.dumps(account).encode())
    with pytest.raises(AccountProblem, match=words):
        check(slug)


@pytest.mark.parametrize("status, words", [(401, "rejects the key"), (403, "permissions"), (500, "Unexpected answer")])
def test_a_check_explains_a_refusal(slug, server, status, words):
    server.account = http.refused(slug, status, f"no {SECRET}")
    with pytest.raises(AccountProblem, match=words) as caught:
        check(slug)
    assert SECRET not in str(caught.value)


def test_a_check_without_an_answer_says_so(slug, settings):
    settings.PROVIDER_BASE_URLS = {slug: "http://127.0.0.1:1"}
    with pytest.raises(AccountProblem, match=r"127\.0\.0\.1"):
        check(slug)
