"""A sender that the provider has not verified is no recipient's fault: the batch waits."""

import json

import pytest

from contacts.models import Contact
from delivery import batching
from delivery.channels.base import Result
from delivery.models import Message, ProviderAccount
from kernel.tenancy import scope
from tests.delivery import http
from tests.delivery.batches import check_sums, hurry, start
from tests.delivery.http_providers.sending import CONTENT, OPTIONS, SECRET, send

SENDER = CONTENT.from_email


def test_a_refused_sender_is_no_fault_of_the_recipient(slug, server):
    outcome, outbox = send(server, http.refused_sender(slug, SENDER))
    assert (outcome.result, outcome.reason) == (Result.SENDER, "sender")
    assert outcome.detail.startswith(("400 ", "403 ")) and outbox.problem is None


@pytest.mark.parametrize(
    "slug, status, message",
    [
        ("brevo", 400, "valid sender email required"),
        ("brevo", 400, "Sender news@shop.example is not verified"),
        ("brevo", 403, "Invalid sender"),
    ],
    indirect=["slug"],
)
def test_brevos_wordings(server, status, message):
    assert send(server, http.refused("brevo", status, message))[0].result is Result.SENDER


@pytest.mark.parametrize("slug", ["brevo"], indirect=True)
@pytest.mark.parametrize("message", ["subject is not valid", "email is not valid in replyTo", "no sender here"])
def test_brevos_other_refusals_are_the_messages(server, message):
    assert send(server, http.refused("brevo", 400, message))[0].result is Result.REFUSED


@pytest.mark.parametrize("slug", ["sendgrid"], indirect=True)
@pytest.mark.parametrize("status", [400, 403])
def test_sendgrid_names_the_field(server, status):
    body = {"errors": [{"message": "The from email does not contain a valid address.", "field": "from.email"}]}
    assert send(server, (status, {}, json.dumps(body).encode()))[0].result is Result.SENDER


@pytest.mark.parametrize("slug", ["ses"], indirect=True)
@pytest.mark.parametrize("name", [SENDER.upper(), f"Zoë <{SENDER}>", "shop.example", f"who@x.example, {SENDER}"])
def test_ses_names_the_sender_or_its_domain(server, name):
    assert send(server, http.refused_sender("ses", name))[0].result is Result.SENDER


@pytest.mark.parametrize("slug", ["ses"], indirect=True)
def test_ses_says_it_of_the_domain_of_bounces_as_well(server):
    answer = http.refused("ses", 400, "The sending domain isn't verified.", "MailFromDomainNotVerifiedException")
    assert send(server, answer)[0].result is Result.SENDER


@pytest.mark.parametrize("slug", ["ses"], indirect=True)
def test_recipients_must_be_verified_in_the_sandbox_of_ses(server):
    outcome, outbox = send(server, http.refused_sender("ses", "who@x.example"))
    assert outcome.result is Result.NOT_STARTED and "Amazon SES sandbox" in str(outbox.problem)


# --- through the engine


@pytest.fixture
def account(acme, slug):
    with scope(acme):
        account = ProviderAccount(name="HTTP", provider=slug, options=OPTIONS[slug])
        account.secret = {"api_key": SECRET, "secret_access_key": SECRET}
        account.save()
        account.make_default()
    return account


def sender_of(batch) -> str:
    return batch.parameters["from_email"]


def test_a_campaign_waits_until_its_sender_is_verified(acme, slug, server, account, send_all):
    batch = start(acme, n=120)
    server.refused_senders = {sender_of(batch)}
    batch = send_all(batch)
    assert batch.is_paused and not check_sums(batch).get("failed")
    assert sender_of(batch) in batch.problem and "“HTTP”" in batch.problem and len(batch.problem) <= 300
    calls = len(server.seen)
    assert calls <= 20, "messages that had not left yet are not tried"
    send_all(batch)
    assert len(server.seen) == calls, "and nobody else while it is held"
    with scope(acme):
        assert set(Message.objects.values_list("state", "tries")) == {(0, 0)}
        account.refresh_from_db()
        assert not account.failures and not account.last_problem

    server.refused_senders = set()
    with scope(acme):
        batching.resume(batch)
    for _ in range(2):
        hurry(batch)
        batch = send_all(batch)
    assert check_sums(batch)["accepted"] == 120 and batch.finished_at and not batch.problem
    assert sorted(server.recipients) == sorted(f"p{n}@example.com" for n in range(120))


@pytest.mark.parametrize("slug", ["sendgrid"], indirect=True)
def test_who_is_named_is_taken_out_and_the_others_go_in_one_call(acme, server, account, send_all, states):
    dead = ("dead1@x.example", "dead2@x.example")
    for who in dead:
        name = who.partition("@")[0]
        server.answers[name] = [http.refused("sendgrid", 400, "Does not contain a valid address.")]
    with scope(acme):
        Contact.objects.bulk_create([Contact(email=email, status="subscribed") for email in dead])
    batch = send_all(start(acme, n=30))
    found = states(batch)
    assert {found.pop(email) for email in dead} == {("failed", "user_unknown")}
    assert set(found.values()) == {("accepted", "")}
    assert [len(seen.recipients) for seen in server.seen] == [32, 31, 30]
    assert check_sums(batch)["bounced"] == 2


@pytest.mark.parametrize("slug", ["sendgrid"], indirect=True)
@pytest.mark.parametrize("field", ["personalizations.7.to.0.email", "personalizations.0.subject", "content", None])
def test_what_names_nobody_of_the_call_leaves_each_to_its_own(acme, server, account, send_all, states, field):
    errors = [
        {"message": "Does not contain a valid address.", "field": "personalizations.1.to.0.email"},
        {"message": "Does not contain a valid address.", "field": field},
    ]
    server.answers["p0"] = [(400, {}, json.dumps({"errors": errors}).encode()), http.accepted("sendgrid", "p0")]
    batch = send_all(start(acme, n=5))
    assert {state for state, _ in states(batch).values()} == {"accepted"}
    assert [len(seen.recipients) for seen in server.seen] == [5] + [1] * 5
