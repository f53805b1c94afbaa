"""Many messages in one call, from the outbox to the outcome of each."""

import asyncio
import json
import logging
import time

import pytest
import uvloop

from contacts.models import Contact
from delivery import registry
from delivery.channels.base import NOT_IN_TIME, Outbox, Outcome, Result
from delivery.channels.email.bulk_compiler import BulkCompiler, NotBulkable
from delivery.channels.email.composing import Composer
from delivery.models import ProviderAccount
from delivery.sending import lease_runner, leases
from kernel.tenancy import scope
from tests.delivery import http
from tests.delivery.batches import start
from tests.delivery.http_providers import sending
from tests.delivery.http_providers.sending import CONTENT, SECRET

LOST = (Result.UNKNOWN, "lost_reply")


@pytest.fixture(params=["sendgrid", "brevo"])
def slug(request):
    return request.param


class Person:
    def __init__(self, contact_id: int, who: str = "", **values):
        self.contact_id, self.email = contact_id, f"{who or f'p{contact_id}'}@x.example"
        self.values = {"first_name": "Zoé", **values}


class MessageSource(sending.MessageSource):
    """The messages of one batch, made as a lane makes them."""

    def __init__(self, batch_id: int = 12, latest: float = float("inf")):
        super().__init__()
        self._composer = Composer(7, batch_id, CONTENT)
        self._bulk_compiler = BulkCompiler(self._composer)
        self.latest = latest

    def shared_part(self, _person):
        return self._bulk_compiler.shared_part

    def recipient_part(self, person):
        try:
            return self._given(self._bulk_compiler.recipient_part(person.contact_id, person.email, person.values))
        except NotBulkable:
            return None

    def make(self, person):
        return self._given(self._composer.compose(person.contact_id, person.email, person.values))

    def _given(self, one):
        one.latest, one.settle = self.latest, self.settle
        return one


def deliver(slug: str, people: list[Person], source: MessageSource | None = None, **options):
    return sending.deliver(slug, people, source or MessageSource(), **options)


def calls(server) -> list[int]:
    return [len(seen.recipients) for seen in server.seen]


def kinds(outcomes: dict) -> set:
    return {(outcome.result, outcome.reason) for outcome in outcomes.values()}


def people(n: int) -> list[Person]:
    return [Person(contact_id) for contact_id in range(1, n + 1)]


@pytest.fixture(autouse=True)
def ten_a_call(settings):
    settings.HTTP_BATCH_SIZE = 10


def test_calls_carry_many_and_each_is_settled_once(slug, server):
    outcomes, _ = deliver(slug, people(35))
    assert sorted(calls(server)) == [5, 10, 10, 10]
    assert sorted(server.recipients) == sorted(f"p{n}@x.example" for n in range(1, 36))
    assert kinds(outcomes) == {(Result.ACCEPTED, "")}


def test_each_gets_the_id_that_the_provider_gave_it(slug, server):
    outcomes, _ = deliver(slug, people(3))
    expected = {"brevo": ["id-p1", "id-p2", "id-p3"], "sendgrid": ["id-p1"] * 3}[slug]
    assert [outcomes[n].detail for n in (1, 2, 3)] == expected


@pytest.mark.parametrize(
    "body", [b"", b'{"messageIds": ["a"]}', b'{"messageIds": "abc"}', b'{"messageId": "a"}', b"[1]"]
)
def test_ids_that_do_not_match_are_nobodys(server, slug, body):
    server.answers["p1"] = [(201, {}, body)]
    outcomes, _ = deliver(slug, people(3))
    assert set(outcomes.values()) == {Outcome(Result.ACCEPTED)}


def test_receipts_can_be_told_apart(slug, server):
    deliver(slug, people(2))
    sent = server.seen[0].json
    if slug == "sendgrid":
        ids = [one["custom_args"] for one in sent["personalizations"]]
        assert ids == [{"batch": "12", "contact": "1"}, {"batch": "12", "contact": "2"}]
    else:
        assert [one["headers"]["X-Mailin-custom"] for one in sent["messageVersions"]] == [
            "batch:12|contact:1",
            "batch:12|contact:2",
        ]
        assert sent["tags"] == ["batch-12"]


@pytest.mark.parametrize("size, expected", [(1, [1] * 6), (4, [2, 4]), (1000, [6])])
def test_the_setting_says_how_many(slug, server, settings, size, expected):
    settings.HTTP_BATCH_SIZE = size
    deliver(slug, people(6))
    assert sorted(calls(server)) == expected


def test_a_call_never_carries_more_than_pass_the_gate_at_once(slug, server, settings):
    settings.HTTP_BATCH_SIZE, settings.SUB_BATCH = 1000, 3
    deliver(slug, people(6))
    assert calls(server) == [3, 3]


def test_messages_of_two_batches_are_never_in_one_call(slug, server):
    first, second = MessageSource(12), MessageSource(13)
    second.outcomes = first.outcomes
    both = [(first, Person(n)) for n in (1, 2, 3)] + [(second, Person(n)) for n in (4, 5)]
    outcomes, _ = sending.deliver_from(slug, both, first.outcomes)
    assert sorted(calls(server)) == [2, 3] and len(outcomes) == 5


def test_one_message_alone_is_an_ordinary_one(slug, server):
    deliver(slug, people(1))
    assert not {"substitutions", "messageVersions"} & set(str(server.seen[0].json).replace("'", " ").split())


def test_who_can_not_be_put_together_goes_alone(slug, server):
    outcomes, _ = deliver(slug, [*people(4), Person(5, first_name="-_slot0-"), Person(6)])
    assert sorted(calls(server)) == [1, 5]
    assert kinds(outcomes) == {(Result.ACCEPTED, "")}


# --- what goes wrong


@pytest.mark.parametrize("status", [400, 413, 422])
def test_one_bad_recipient_fails_nobody_else(slug, server, status):
    server.answers["p3"] = [http.refused(slug, status, "no")]
    outcomes, outbox = deliver(slug, people(10))
    assert outcomes.pop(3).result is Result.REFUSED
    assert kinds(outcomes) == {(Result.ACCEPTED, "")} and outbox.problem is None
    assert sorted(calls(server)) == [1] * 10 + [10]


def test_a_dead_address_is_told_apart_when_it_is_alone(slug, server):
    words = {"sendgrid": "Does not contain a valid address.", "brevo": "email is not valid in to"}[slug]
    server.answers["p3"] = [http.refused(slug, 400, words)]
    outcomes, _ = deliver(slug, people(10))
    assert outcomes.pop(3).result is Result.HARD
    assert kinds(outcomes) == {(Result.ACCEPTED, "")}


def test_after_a_refusal_nobody_is_begun_too_late(slug, server):
    """The kill switch depends on it: sending may have been stopped since these people passed the gate."""
    server.answers["p3"] = [http.refused(slug, 400, "no")]
    latest = time.monotonic() + 2
    server.pause = 2.2
    outcomes, _ = deliver(slug, people(10), MessageSource(latest=latest))
    assert set(outcomes.values()) == {NOT_IN_TIME} and calls(server) == [10]


@pytest.mark.parametrize("answer", ["hang", "close", "noise", (500, {}, b""), (502, {}, b"<html>")])
def test_without_an_answer_all_of_them_are_unknown(slug, server, impatient, settings, answer):
    settings.BREVO_REPEATS = False
    server.answers["p3"] = [answer]
    outcomes, outbox = deliver(slug, people(10))
    assert kinds(outcomes) == {LOST} and calls(server) == [10] and outbox.problem is None


@pytest.mark.parametrize("status", [401, 403, 429])
def test_the_accounts_troubles_cost_nobody_a_try(slug, server, status):
    server.answers["p1"] = [http.refused(slug, status, "no")]
    outcomes, outbox = deliver(slug, people(35), connections=1)
    assert kinds(outcomes) == {(Result.NOT_STARTED, "account")}
    assert calls(server) == [10] and outbox.problem is not None


@pytest.mark.parametrize("slug", ["sendgrid"], indirect=True)
def test_not_now_is_not_now_for_all(server):
    server.answers["p1"] = [http.refused("sendgrid", 503, "try later")]
    outcomes, _ = deliver("sendgrid", people(5))
    assert kinds(outcomes) == {(Result.LATER, "temporary")} and calls(server) == [5]


def test_without_a_connection_nothing_was_started(slug, settings):
    settings.PROVIDER_BASE_URLS = {slug: "http://127.0.0.1:1"}
    outcomes, outbox = deliver(slug, people(25))
    assert {outcome.result for outcome in outcomes.values()} == {Result.NOT_STARTED} and outbox.problem is not None


def test_who_is_too_late_is_not_begun(slug, server):
    late, first = MessageSource(latest=time.monotonic() - 0.1), MessageSource()
    late._bulk_compiler = first._bulk_compiler
    late.outcomes = first.outcomes
    both = [(first, Person(1)), (late, Person(2)), (first, Person(3))]
    outcomes, _ = sending.deliver_from(slug, both, first.outcomes)
    assert outcomes.pop(2) == NOT_IN_TIME
    assert kinds(outcomes) == {(Result.ACCEPTED, "")} and "p2@x.example" not in server.recipients


@pytest.mark.parametrize("place", ["Api.outcome", "Api.message_ids"])
def test_a_fault_of_our_own_is_unknown_and_tells_no_secret(slug, server, monkeypatch, caplog, place):
    def broken(self, *args):
        raise RuntimeError(SECRET)

    kind = {"sendgrid": "SendGrid", "brevo": "Brevo"}[slug]
    monkeypatch.setattr(f"delivery.providers.{slug}.payload.{kind}{place}", broken)
    with caplog.at_level(logging.DEBUG):
        outcomes, _ = deliver(slug, people(5))
    assert kinds(outcomes) == {LOST} and SECRET not in caplog.text


def test_a_call_that_can_not_be_written_leaves_each_to_its_own(slug, server, monkeypatch):
    module = {"sendgrid": "personalizations", "brevo": "versions"}[slug]
    monkeypatch.setattr(f"delivery.providers.{slug}.{module}.body", lambda *args: 1 / 0)
    outcomes, _ = deliver(slug, people(5))
    assert kinds(outcomes) == {(Result.ACCEPTED, "")} and calls(server) == [1] * 5


def test_closing_leaves_nobody_behind(slug, server, settings):
    """Neither the messages of a call under way, nor those of one that is refused meanwhile."""
    server.pause, settings.HTTP_TIMEOUT = 0.3, 30
    server.answers = {"p1": ["hang"], "p11": [http.refused(slug, 400, "no")]}
    source = MessageSource()

    async def run():
        outbox = Outbox()
        transport = registry.find(slug).transport(sending.account_of(slug), outbox)
        transport._timeout = 2.5
        outbox.put(source, people(20))
        async with asyncio.timeout(30):
            while len(server.seen) < 2:
                await asyncio.sleep(0.01)
        await transport.close()

    uvloop.run(run())
    outcomes = dict(source.outcomes)
    assert len(source.outcomes) == 20
    assert sorted(outcomes) == list(range(1, 21))
    assert {outcomes[n].result for n in range(1, 11)} == {Result.UNKNOWN}
    assert {outcomes[n] for n in range(11, 21)} == {NOT_IN_TIME}
    assert calls(server) == [10, 10]


# --- Brevo's idempotency key


@pytest.mark.parametrize("slug", ["brevo"], indirect=True)
@pytest.mark.parametrize(
    "second, result",
    [
        (http.accepted("brevo", *(f"p{n}" for n in range(1, 6))), Result.ACCEPTED),
        (http.refused("brevo", 400, "seen before", "duplicate_parameter"), Result.ACCEPTED),
        (http.refused("brevo", 400, "no"), Result.UNKNOWN),
    ],
)
def test_brevo_is_asked_once_more_for_all(server, second, result):
    server.answers["p1"] = ["close", second]
    outcomes, _ = deliver("brevo", people(5))
    assert {outcome.result for outcome in outcomes.values()} == {result} and calls(server) == [5, 5]
    assert server.seen[0].body == server.seen[1].body
    keys = [(seen.headers["idempotencyKey"], seen.json["headers"]["idempotencyKey"]) for seen in server.seen]
    assert len({key for pair in keys for key in pair}) == 1


@pytest.mark.parametrize("slug", ["brevo"], indirect=True)
def test_brevos_keys_belong_to_a_batch_and_its_contacts(server):
    deliver("brevo", people(2))
    deliver("brevo", people(3))
    deliver("brevo", people(2), MessageSource(13))
    deliver("brevo", people(2))
    two, three, other, again = [seen.headers["idempotencyKey"] for seen in server.seen]
    assert two == again and len({two, three, other}) == 3


@pytest.mark.parametrize("slug", ["brevo"], indirect=True)
def test_brevos_calls_do_not_become_too_large(server, monkeypatch):
    size = len(json.dumps(CONTENT.html + CONTENT.text))
    monkeypatch.setattr("delivery.providers.brevo.versions.MAX_CALL_BYTES", 3 * size)
    deliver("brevo", people(7))
    assert max(calls(server)) == 3


# --- with the engine


@pytest.fixture
def account(acme, slug):
    with scope(acme):
        account = ProviderAccount(name="HTTP", provider=slug, options={})
        account.secret = {"api_key": SECRET}
        account.save()
        account.make_default()
    return account


def test_a_campaign_in_few_calls(acme, slug, server, account, send_all, states, settings):
    settings.HTTP_BATCH_SIZE = 100
    batch = send_all(start(acme, n=400))
    assert {state for state, _ in states(batch).values()} == {"accepted"}
    assert len(server.recipients) == len(set(server.recipients)) == 400
    assert len(server.seen) == 4


def test_a_busy_machine_makes_no_message_dear(acme, slug, server, account, send_all, settings, monkeypatch):
    """While a message is made, the process may wait long for the CPU. That is not what the message costs."""
    settings.HTTP_BATCH_SIZE = 100
    real = BulkCompiler.recipient_part

    def wait_for_the_cpu(*args):
        time.sleep(0.06 if not server.seen else 0)
        return real(*args)

    monkeypatch.setattr(BulkCompiler, "recipient_part", wait_for_the_cpu)
    send_all(start(acme, n=20))
    assert len(server.seen) == 1


def test_a_campaign_with_one_bad_recipient_and_a_slow_provider(acme, slug, server, account, send_all, states, settings):
    """The refusal comes when it is too late to start calls; in the second round each message has a call of its own."""
    server.pause = 2.5
    server.answers["bad"] = [http.refused(slug, 400, "no")]
    with scope(acme):
        Contact.objects.create(email="bad@x.example", status="subscribed")
    batch = start(acme, n=7)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(leases, "backoff", lambda tries: 0.0)
        patch.setattr(lease_runner, "START_WITHIN", 2.0)
        send_all(batch)
    found = states(batch)
    assert found.pop("bad@x.example") == ("failed", "policy")
    assert {state for state, _ in found.values()} == {"accepted"}
    assert calls(server) == [8] + [1] * 8


def test_a_lost_call_leaves_as_many_unknown_as_it_carried(acme, slug, server, account, send_all, states, settings):
    settings.HTTP_BATCH_SIZE, settings.BREVO_REPEATS = 25, False
    server.answers["lost"] = ["close"]
    with scope(acme):
        Contact.objects.create(email="lost@x.example", status="subscribed")
    found = [state for state, _ in states(send_all(start(acme, n=99))).values()]
    assert found.count("unknown") == 25 and found.count("accepted") == 75
    assert len(server.recipients) == len(set(server.recipients)) == 100


def test_what_can_not_be_put_together_goes_alone(acme, slug, server, account, send_all, states):
    batch = send_all(start(acme, n=5, html="{% assign a = 1 %}<p>{{ postal_address }} {{ unsubscribe_url }}</p>"))
    assert {state for state, _ in states(batch).values()} == {"accepted"} and calls(server) == [1] * 5
