"""What an answer means, whichever provider gives it."""

import time

import pytest

from delivery.channels.base import Outcome, Result
from tests.delivery import http
from tests.delivery.http_providers.sending import SECRET, deliver, message, send


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
    outcome, outbox = send(server, http.refused(slug, status, "the provider's words", Location="/elsewhere"))
    assert (outcome.result, outcome.reason) == (result, reason)
    assert outcome.detail.startswith(str(status)) and "the provider's words" in outcome.detail
    assert outbox.problem is None


def test_unavailable_is_a_definite_no_only_where_that_is_documented(slug, server):
    outcome, _ = send(server, http.refused(slug, 503, "try later", "ServiceUnavailable"))
    expected = (Result.LATER, "temporary") if slug == "sendgrid" else (Result.UNKNOWN, "lost_reply")
    assert (outcome.result, outcome.reason) == expected


@pytest.mark.parametrize("status", [401, 402, 403, 404])
def test_the_accounts_troubles_stop_the_account(slug, server, status):
    server.answers["who"] = [http.refused(slug, status, f"no, {SECRET} is not good")]
    outcomes, outbox = deliver(slug, [message("who", n) for n in range(1, 31)], connections=1)
    assert {(outcome.result, outcome.reason) for outcome in outcomes.values()} == {(Result.NOT_STARTED, "account")}
    assert len(server.seen) == 1
    assert str(status) in str(outbox.problem) and outbox.problem.wait is None
    assert SECRET not in str(outbox.problem) and not any(SECRET in outcome.detail for outcome in outcomes.values())


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
    outcome, outbox = send(server, http.refused(slug, 429, "slow down", **headers))
    assert (outcome.result, outcome.reason) == (Result.NOT_STARTED, "account")
    assert outbox.problem.wait == seconds


def test_a_time_to_come_back_at_is_waited_for(slug, server):
    headers = {"X-RateLimit-Reset": str(int(time.time()) + 3600)}
    _, outbox = send(server, http.refused(slug, 429, "slow down", **headers))
    assert outbox.problem.wait == pytest.approx(3600, abs=60)


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


@pytest.mark.parametrize("answer", [(200, {}, b"<html>fine</html>"), (200, {}, b"[1]"), (200, {}, b'{"a'), "half"])
def test_accepted_without_an_id_is_accepted(server, answer):
    assert send(server, answer)[0] == Outcome(Result.ACCEPTED)


@pytest.mark.parametrize("answer", ["hang", "close", "noise"])
def test_what_was_written_and_not_answered_is_unknown(slug, server, impatient, answer):
    began = time.monotonic()
    outcome, outbox = send(server, answer)
    assert (outcome.result, outcome.reason) == (Result.UNKNOWN, "lost_reply")
    assert outbox.problem is None
    assert len(server.seen) == (2 if slug == "brevo" else 1)  # see below: Brevo alone may be asked again
    assert time.monotonic() - began < 20
