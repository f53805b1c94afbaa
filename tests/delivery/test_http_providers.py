"""SendGrid, Brevo and Amazon SES: what arrives there, what their answers mean, and what happens when they don't answer.

A script of faults stands in for the provider; what is sent is held against the official schemas in tests/contract.
"""

import asyncio
import json
import logging
import socket
import time
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

import pytest
import uvloop

from contacts.models import Contact
from delivery.channels import http_pieces, registry
from delivery.channels.base import NOT_IN_TIME, AccountProblem, Desk, Outcome, Outgoing, Result
from delivery.channels.email_ses.signing import signed_headers
from delivery.composing import Composer, Content
from delivery.models import ProviderAccount
from kernel.tenancy import scope
from tests.delivery import http
from tests.delivery.test_sending import start

SLUGS = ("sendgrid", "brevo", "ses")
SECRET = "SG.very-secret-word"
OPTIONS = {"sendgrid": {}, "brevo": {}, "ses": {"region": "eu-west-3", "access_key_id": "AKIDEXAMPLE"}}
CONTENT = Content(
    subject="Voilà, {{ first_name }} — 20 % = “off”",
    html="<html><body><p>Été {{ first_name }}</p>\n<p>" + "a long line = ✓ " * 20 + "</p>\n.\n</body></html>",
    text="Bonjour {{ first_name }},\n\n.dots\nété ✓\n",
    from_name="Zoë’s Boutique",
    from_email="news@shop.example",
    reply_to="hello@shop.example",
    list_name="Les nouvelles de l’été",
)


@dataclass
class Account:
    options: dict
    secret: dict = field(default_factory=lambda: {"api_key": SECRET, "secret_access_key": SECRET})


class Clerk:
    def __init__(self):
        self.outcomes: list[tuple[int, Outcome]] = []

    def make(self, outgoing):
        outgoing.settle = self.settle
        return outgoing

    def settle(self, contact_id, outcome):
        self.outcomes.append((contact_id, outcome))


@pytest.fixture(params=SLUGS)
def slug(request):
    return request.param


@pytest.fixture
def server(slug, settings):
    with http.serving(slug) as server:
        settings.PROVIDER_BASE_URLS = {slug: server.base}
        settings.HTTP_TIMEOUT, settings.BREVO_REPEATS = 0.6, True
        yield server


def account_of(slug: str, **options) -> Account:
    return Account(OPTIONS[slug] | options)


def message(who: str, contact_id: int = 1, **values) -> Outgoing:
    composer = Composer(7, 12, CONTENT)
    return composer.compose(contact_id, f"{who}@x.example", {"first_name": "Zoé", "full_name": "Zoé Müller"} | values)


def carry(slug: str, messages: list[Outgoing], **options) -> tuple[dict[int, Outcome], Desk]:
    """Send them as a lane would; the outcomes by contact id, each of them told once."""

    async def run():
        desk, clerk = Desk(), Clerk()
        carrier = registry.find(slug).carrier(account_of(slug, **options), desk)
        desk.put(clerk, messages)
        async with asyncio.timeout(10):
            while len(clerk.outcomes) < len(messages):
                await asyncio.sleep(0.01)
        await carrier.close()
        return clerk, desk

    clerk, desk = uvloop.run(run())
    assert sorted(contact_id for contact_id, _ in clerk.outcomes) == sorted(m.contact_id for m in messages)
    return dict(clerk.outcomes), desk


def send(server, answer=None, who="who") -> tuple[Outcome, Desk]:
    if answer is not None:
        server.answers[who] = answer if isinstance(answer, list) else [answer]
    outcomes, desk = carry(server.slug, [message(who)])
    return outcomes[1], desk


# --- what arrives


def test_the_message_arrives_whole(slug, server):
    outcome, _ = send(server)
    assert outcome == Outcome(Result.ACCEPTED, "", "id-who")
    seen = http.arrived(slug, server.seen[0].json)
    assert seen.sender == ("Zoë’s Boutique", "news@shop.example")
    assert seen.recipient == ("Zoé Müller", "who@x.example")
    assert seen.subject == "Voilà, Zoé — 20 % = “off”"
    assert seen.text.rstrip("\n") == CONTENT.text.replace("{{ first_name }}", "Zoé").rstrip("\n")
    assert seen.html.rstrip("\n") == CONTENT.html.replace("{{ first_name }}", "Zoé").rstrip("\n")
    assert seen.reply_to == "hello@shop.example"
    assert seen.headers["List-Unsubscribe"].startswith("<http") and "/u/" in seen.headers["List-Unsubscribe"]
    assert seen.headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert seen.headers["List-Id"].endswith("<w7.shop.example>")
    assert seen.headers["Feedback-ID"] == "12:w7:marketing:fanfare"


@pytest.mark.parametrize("name", ["", "Plain Name", 'Quo"ted, Jr.', "Ż" * 60, "Mixed ünd very long " * 4, "a" * 80])
def test_names_of_any_kind_are_understood(name):
    pieces = http_pieces.of(message("who", full_name=name))
    assert pieces.to_name == " ".join(name.split())


@pytest.mark.parametrize(
    "odd", ['back\\slash "quoted"', "tab\there", "control \x01 and \x7f", "\u2028", "line\nend = 20"]
)
def test_texts_become_json_whatever_is_in_them(odd):
    assert f"Bonjour {odd}," in json.loads(http_pieces.of(message("who", first_name=odd)).text)


def test_a_test_without_a_way_to_unsubscribe_has_no_such_headers():
    made = Composer(7, 12, replace(CONTENT, reply_to=""), unsubscribable=False).compose(1, "a@x.example", {})
    pieces = http_pieces.of(made)
    assert pieces.headers == {} and pieces.reply_to == "" and pieces.to_name == ""


def test_events_can_bring_the_ids_back_and_nothing_personal(slug, server):
    carry(slug, [message("who", contact_id=34)])
    sent = server.seen[0].json
    if slug == "sendgrid":
        assert sent["personalizations"][0]["custom_args"] == {"batch": "12", "contact": "34"}
    elif slug == "brevo":
        assert sent["headers"]["X-Mailin-custom"] == "batch:12|contact:34"
        assert sent["tags"] == ["batch-12"]
    else:
        assert sent["EmailTags"] == [{"Name": "batch", "Value": "12"}, {"Name": "contact", "Value": "34"}]


@pytest.mark.parametrize("slug", ["sendgrid"], indirect=True)
def test_the_provider_tracks_nothing_itself(server):
    send(server)
    tracking = server.seen[0].json["tracking_settings"]
    assert {name: tracking[name]["enable"] for name in tracking} == dict.fromkeys(
        ("click_tracking", "open_tracking", "subscription_tracking", "ganalytics"), False
    )


def test_keys_are_where_the_provider_expects_them(slug, server):
    send(server)
    seen = server.seen[0]
    headers = {name.lower(): value for name, value in seen.headers.items()}
    if slug == "sendgrid":
        assert headers["authorization"] == f"Bearer {SECRET}"
    elif slug == "brevo":
        assert headers["api-key"] == SECRET
    else:
        at = datetime.strptime(headers["x-amz-date"], "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
        url, body = f"http://{headers['host']}{seen.path}", seen.body
        signed = {"Content-Type": headers["content-type"]}
        expected = signed_headers("POST", url, signed, body, at, ("eu-west-3", "ses"), "AKIDEXAMPLE", SECRET)
        assert headers["authorization"] == expected["Authorization"]
    assert SECRET.encode() not in seen.body


@pytest.mark.parametrize("slug", ["ses"], indirect=True)
def test_a_configuration_set_is_named_where_there_is_one(server):
    carry("ses", [message("who")], configuration_set="news")
    assert server.seen[0].json["ConfigurationSetName"] == "news"


@pytest.mark.parametrize(
    "method, headers, body, signature",
    [
        ("GET", {}, b"", "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"),
        (
            "POST",
            {"Content-Type": "application/x-www-form-urlencoded"},
            b"Param1=value1",
            "ff11897932ad3f4e8b18135d722051e5ac45fc38421b1da7b9d196a0fe09473a",
        ),
    ],
)
def test_requests_are_signed_as_aws_shows(method, headers, body, signature):
    """aws-sig-v4-test-suite: get-vanilla and post-x-www-form-urlencoded."""
    key = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"
    at, place = datetime(2015, 8, 30, 12, 36, tzinfo=UTC), ("us-east-1", "service")
    signed = signed_headers(method, "https://example.amazonaws.com/", headers, body, at, place, "AKIDEXAMPLE", key)
    assert signed["Authorization"].endswith(f"Signature={signature}")


# --- what an answer means


@pytest.mark.parametrize(
    "status, result, reason",
    [
        (400, Result.REFUSED, "policy"),
        (408, Result.LATER, "temporary"),
        (413, Result.REFUSED, "too_large"),
        (422, Result.REFUSED, "policy"),
        (500, Result.UNKNOWN, "lost_reply"),
        (502, Result.UNKNOWN, "lost_reply"),
        (504, Result.UNKNOWN, "lost_reply"),
        (307, Result.UNKNOWN, "lost_reply"),
    ],
)
def test_the_status_decides(slug, server, status, result, reason):
    outcome, desk = send(server, http.refused(slug, status, "the provider's words", Location="/elsewhere"))
    assert (outcome.result, outcome.reason) == (result, reason)
    assert outcome.detail.startswith(str(status)) and "the provider's words" in outcome.detail
    assert desk.problem is None


def test_unavailable_is_a_definite_no_only_where_that_is_documented(slug, server):
    outcome, _ = send(server, http.refused(slug, 503, "try later", "ServiceUnavailable"))
    expected = (Result.LATER, "temporary") if slug == "sendgrid" else (Result.UNKNOWN, "lost_reply")
    assert (outcome.result, outcome.reason) == expected


@pytest.mark.parametrize("status", [401, 402, 403, 404])
def test_the_accounts_troubles_stop_the_account(slug, server, status):
    server.answers["who"] = [http.refused(slug, status, f"no, {SECRET} is not good")]
    outcomes, desk = carry(slug, [message("who", n) for n in range(1, 31)], connections=1)
    assert {(outcome.result, outcome.reason) for outcome in outcomes.values()} == {(Result.NOT_STARTED, "account")}
    assert len(server.seen) == 1
    assert str(status) in str(desk.problem) and desk.problem.wait is None
    assert SECRET not in str(desk.problem) and not any(SECRET in outcome.detail for outcome in outcomes.values())


@pytest.mark.parametrize(
    "headers, seconds",
    [
        ({"Retry-After": "7"}, 7),
        ({"x-sib-ratelimit-reset": "33"}, 33),
        ({"Retry-After": "soon"}, 10),
        ({"Retry-After": "Thu, 01 Jan 2026 00:00:00 GMT"}, 1),
        ({}, 10),
    ],
)
def test_too_many_requests_are_waited_for(slug, server, headers, seconds):
    outcome, desk = send(server, http.refused(slug, 429, "slow down", **headers))
    assert (outcome.result, outcome.reason) == (Result.NOT_STARTED, "account")
    assert desk.problem.wait == seconds


def test_a_time_to_come_back_at_is_waited_for(slug, server):
    headers = {"X-RateLimit-Reset": str(int(time.time()) + 3600)}
    _, desk = send(server, http.refused(slug, 429, "slow down", **headers))
    assert desk.problem.wait == pytest.approx(3600, abs=60)


@pytest.mark.parametrize(
    "slug, message, code",
    [
        ("sendgrid", "Does not contain a valid address.", ""),
        ("brevo", "email is not valid in to", "invalid_parameter"),
    ],
    indirect=["slug"],
)
def test_an_address_that_the_provider_calls_invalid_is_dead(server, slug, message, code):
    outcome, _ = send(server, http.refused(slug, 400, message, code))
    assert (outcome.result, outcome.reason) == (Result.HARD, "user_unknown")


@pytest.mark.parametrize("slug", ["ses"], indirect=True)
@pytest.mark.parametrize(
    "status, kind, words, wait",
    [
        (429, "TooManyRequestsException", "Maximum sending rate exceeded.", 1),
        (400, "ThrottlingException", "Daily message quota exceeded", 600),
        (400, "LimitExceededException", "Rate exceeded", 10),
        (503, "ThrottlingException", "Rate exceeded", 10),
        (400, "SendingPausedException", "paused", None),
        (400, "AccountSuspendedException", "suspended", None),
        (403, "SignatureDoesNotMatch", "the signature", None),
    ],
)
def test_ses_names_its_errors(server, status, kind, words, wait):
    outcome, desk = send(server, http.refused("ses", status, words, kind))
    assert outcome.result is Result.NOT_STARTED
    assert desk.problem.wait == wait


@pytest.mark.parametrize("slug", ["ses"], indirect=True)
@pytest.mark.parametrize("kind", ["MessageRejected", "MailFromDomainNotVerifiedException", "BadRequestException"])
def test_ses_refusals_of_one_message_stop_nothing(server, kind):
    outcome, desk = send(server, http.refused("ses", 400, "no", kind))
    assert (outcome.result, outcome.reason) == (Result.REFUSED, "policy") and desk.problem is None


@pytest.mark.parametrize("answer", [(200, {}, b"<html>fine</html>"), (200, {}, b"[1]"), (200, {}, b'{"a'), "half"])
def test_accepted_without_an_id_is_accepted(server, answer):
    assert send(server, answer)[0] == Outcome(Result.ACCEPTED)


@pytest.mark.parametrize("answer", ["hang", "close", "noise"])
def test_what_was_written_and_not_answered_is_unknown(slug, server, answer):
    began = time.monotonic()
    outcome, desk = send(server, answer)
    assert (outcome.result, outcome.reason) == (Result.UNKNOWN, "lost_reply")
    assert desk.problem is None
    assert len(server.seen) == (2 if slug == "brevo" else 1)  # see below: Brevo alone may be asked again
    assert time.monotonic() - began < 5


# --- before anything was written


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_without_a_connection_nothing_was_started(slug, settings, scheme):
    """Refused; and a server that does not speak TLS."""
    with socket.create_server(("127.0.0.1", 0)) as listener, http.serving(slug) as plain:
        port = listener.getsockname()[1] if scheme == "http" else plain.base.rpartition(":")[2]
        if scheme == "http":
            listener.close()
        settings.PROVIDER_BASE_URLS = {slug: f"{scheme}://127.0.0.1:{port}"}
        outcomes, desk = carry(slug, [message("who", n) for n in range(1, 31)])
    assert {outcome.result for outcome in outcomes.values()} == {Result.NOT_STARTED}
    assert "127.0.0.1" in str(desk.problem) and desk.problem.wait is None


def test_a_message_that_is_too_late_is_not_sent(slug, server):
    late = replace(message("late"), latest=time.monotonic() - 0.1)
    outcomes, _ = carry(slug, [late, message("who", 2)])
    assert outcomes == {1: NOT_IN_TIME, 2: Outcome(Result.ACCEPTED, "", "id-who")}
    assert server.recipients == ["who@x.example"]


@pytest.mark.parametrize("slug", ["sendgrid", "brevo"], indirect=True)
def test_a_message_that_can_not_be_taken_apart_costs_no_other(slug, server):
    outcomes, desk = carry(slug, [replace(message("odd"), source=b"what is this?"), message("who", 2)])
    assert (outcomes[1].result, outcomes[1].reason) == (Result.REFUSED, "render")
    assert outcomes[2].result is Result.ACCEPTED and desk.problem is None


@pytest.mark.parametrize("secret", [None, {}, {"api_key": "", "secret_access_key": "with\nbreak"}])
def test_an_account_without_a_usable_key_stops_itself(slug, server, secret):
    async def run():
        desk, clerk = Desk(), Clerk()
        carrier = registry.find(slug).carrier(Account(OPTIONS[slug], secret), desk)
        desk.put(clerk, [message("who")])
        await carrier.close()
        return clerk.outcomes, desk

    ((_, outcome),), desk = uvloop.run(run())
    assert (outcome.result, outcome.reason) == (Result.NOT_STARTED, "account")
    assert "key" in str(desk.problem) and not server.seen


# --- many at a time


def test_calls_overlap_up_to_the_width(slug, server):
    server.pause = 0.05
    outcomes, _ = carry(slug, [message(f"p{n}", n) for n in range(1, 61)], connections=10)
    assert {outcome.result for outcome in outcomes.values()} == {Result.ACCEPTED}
    assert sorted(server.recipients) == sorted(f"p{n}@x.example" for n in range(1, 61))
    assert 5 < server.most_at_once <= 10


def test_no_account_gets_more_than_fifty_at_once(slug):
    async def width(**options):
        carrier = registry.find(slug).carrier(account_of(slug, **options), Desk())
        await carrier.close()
        return carrier.width

    assert [uvloop.run(width(**options)) for options in ({}, {"connections": 7}, {"connections": 1000})] == [20, 7, 50]


def test_all_faults_at_once_settle_each_message_once(slug, server):
    faults = {"hang": "hang", "close": "close", "noise": "noise", "half": "half", "bad": http.refused(slug, 400, "no")}
    faults |= {"down": (500, {}, b"<html>"), "odd": (200, {}, b"\xff\xfe")}
    server.answers = {name: [answer] for name, answer in faults.items()}
    people = [*faults, *(f"p{n}" for n in range(60))]
    outcomes, _ = carry(slug, [message(who, n) for n, who in enumerate(people)])  # asserts once each
    assert sum(outcome.result is Result.ACCEPTED for outcome in outcomes.values()) == 62


def test_messages_that_come_later_are_taken_too(slug, server):
    async def run():
        desk, clerk = Desk(), Clerk()
        carrier = registry.find(slug).carrier(account_of(slug), desk)
        for n in range(3):
            desk.put(clerk, [message("who", n)])
            async with asyncio.timeout(5):
                while len(clerk.outcomes) <= n:
                    await asyncio.sleep(0.01)
        await carrier.close()
        await carrier.close()  # never raises
        return clerk.outcomes

    assert [outcome.result for _, outcome in uvloop.run(run())] == [Result.ACCEPTED] * 3


def test_closing_waits_a_moment_and_then_tells_unknown(slug, server, settings):
    server.answers["slow"] = ["hang"]
    settings.HTTP_TIMEOUT = 30

    async def run():
        desk, clerk = Desk(), Clerk()
        carrier = registry.find(slug).carrier(account_of(slug), desk)
        carrier._timeout = 0.3
        desk.put(clerk, [message("slow")])
        await asyncio.sleep(0.1)
        began = time.monotonic()
        await carrier.close()
        return clerk.outcomes, time.monotonic() - began

    ((_, outcome),), seconds = uvloop.run(run())
    assert outcome.result is Result.UNKNOWN and 0.2 < seconds < 2


def test_a_fault_of_our_own_is_unknown_and_tells_no_secret(slug, server, monkeypatch, caplog):
    def broken(self, answer):
        raise RuntimeError(SECRET)

    monkeypatch.setattr("delivery.channels.http_api.Api.outcome", broken)
    with caplog.at_level(logging.DEBUG):
        outcome, _ = send(server)
    assert outcome.result is Result.UNKNOWN
    assert SECRET not in caplog.text and SECRET not in outcome.detail


# --- Brevo's key against repeated calls


def keys(server) -> list[tuple[str, str]]:
    return [(seen.headers["idempotencyKey"], seen.json["headers"]["idempotencyKey"]) for seen in server.seen]


DUPLICATE = http.refused("brevo", 400, "seen before", "duplicate_parameter")


@pytest.mark.parametrize("slug", ["brevo"], indirect=True)
@pytest.mark.parametrize(
    "answers, result",
    [
        (["close", http.accepted("brevo", "who")], Result.ACCEPTED),
        (["close", DUPLICATE], Result.ACCEPTED),
        ([(500, {}, b""), http.accepted("brevo", "who")], Result.ACCEPTED),
        ([(500, {}, b""), DUPLICATE], Result.UNKNOWN),  # the first one was seen, and failed somehow
        (["close", "close", http.accepted("brevo", "who")], Result.UNKNOWN),
        (["close", http.refused("brevo", 400, "no")], Result.UNKNOWN),
        (["close", http.refused("brevo", 401, "no")], Result.UNKNOWN),
        (["close", (503, {}, b"")], Result.UNKNOWN),
    ],
)
def test_brevo_is_asked_once_more_with_the_same_key(server, answers, result):
    outcome, desk = send(server, answers)
    assert outcome.result is result and desk.problem is None
    assert len(server.seen) == 2
    assert len({key for pair in keys(server) for key in pair}) == 1


@pytest.mark.parametrize("slug", ["brevo"], indirect=True)
def test_brevos_keys_belong_to_a_batch_and_a_contact(server):
    send(server, who="a")
    carry("brevo", [message("b", 2)])
    carry("brevo", [replace(message("a"), batch_id=13)])
    send(server, who="a")
    first, other, batch, again = keys(server)
    assert first == again and len({first, other, batch}) == 3


@pytest.mark.parametrize("slug", ["brevo"], indirect=True)
def test_a_first_call_that_brevo_has_seen_is_no_proof(server):
    outcome, _ = send(server, [DUPLICATE])
    assert outcome.result is Result.UNKNOWN


# --- trying an account


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
    said = check(slug)
    assert {"sendgrid": "may send", "brevo": "Acme", "ses": "14 messages a second"}[slug] in said
    assert server.seen[0].path == {"sendgrid": "/v3/scopes", "brevo": "/v3/account", "ses": "/v2/email/account"}[slug]


@pytest.mark.parametrize(
    "slug, account, words",
    [
        ("sendgrid", {"scopes": ["alerts.read"]}, "Mail Send"),
        ("brevo", {"relay": {"enabled": False}}, "transactional"),
        ("ses", {"ProductionAccessEnabled": False, "SendingEnabled": True}, "production access"),
        ("ses", {"ProductionAccessEnabled": True, "SendingEnabled": False}, "stopped"),
        ("ses", {"EnforcementStatus": "SHUTDOWN"}, "stopped"),
    ],
    indirect=["slug"],
)
def test_a_check_says_what_is_missing(slug, server, account, words):
    server.account = (200, {}, json.dumps(account).encode())
    with pytest.raises(AccountProblem, match=words):
        check(slug)


@pytest.mark.parametrize("status, words", [(401, "refuses the key"), (403, "permissions"), (500, "as it should")])
def test_a_check_explains_a_refusal(slug, server, status, words):
    server.account = http.refused(slug, status, f"no {SECRET}")
    with pytest.raises(AccountProblem, match=words) as caught:
        check(slug)
    assert SECRET not in str(caught.value)


def test_a_check_without_an_answer_says_so(slug, settings):
    settings.PROVIDER_BASE_URLS = {slug: "http://127.0.0.1:1"}
    with pytest.raises(AccountProblem, match=r"127\.0\.0\.1"):
        check(slug)


# --- the forms


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
    stored = ProviderAccount(provider=slug, secret={key_name: SECRET})
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
        carrier = registry.find(slug).carrier(account_of(slug, **options), Desk())
        await carrier.close()
        return carrier._api

    assert uvloop.run(api()).sending(message("who")).url == url


# --- with the engine


def test_a_campaign_through_the_engine(acme, slug, server, send_all, states):
    server.answers = {"bad": [http.refused(slug, 400, "no")], "lost": ["close"]}
    with scope(acme):
        account = ProviderAccount(name="HTTP", provider=slug, options=OPTIONS[slug])
        account.secret = {"api_key": SECRET, "secret_access_key": SECRET}
        account.save()
        account.make_default()
        Contact.objects.bulk_create([Contact(email=f"{who}@x.example", status="subscribed") for who in ("bad", "lost")])
    batch = send_all(start(acme, n=120))
    found = states(batch)
    assert found["bad@x.example"] == ("failed", "policy") and found["lost@x.example"] == ("unknown", "lost_reply")
    assert sorted(state for state, _ in found.values()) == ["accepted"] * 120 + ["failed", "unknown"]
    assert len(set(server.recipients)) == 122
