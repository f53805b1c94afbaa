"""Brevo's idempotency key."""

from dataclasses import replace

import pytest

from delivery.channels.base import Result
from tests.delivery import http
from tests.delivery.http_providers.sending import deliver, message, send


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
        ([(500, {}, b""), DUPLICATE], Result.UNKNOWN),  # Brevo has seen the first one, and it failed somehow
        (["close", "close", http.accepted("brevo", "who")], Result.UNKNOWN),
        (["close", http.refused("brevo", 400, "no")], Result.UNKNOWN),
        (["close", http.refused("brevo", 401, "no")], Result.UNKNOWN),
        (["close", (503, {}, b"")], Result.UNKNOWN),
    ],
)
def test_brevo_is_asked_once_more_with_the_same_key(server, answers, result):
    outcome, outbox = send(server, answers)
    assert outcome.result is result and outbox.problem is None
    assert len(server.seen) == 2
    assert len({key for pair in keys(server) for key in pair}) == 1


@pytest.mark.parametrize("slug", ["brevo"], indirect=True)
def test_brevos_keys_belong_to_a_batch_and_a_contact(server):
    send(server, who="a")
    deliver("brevo", [message("b", 2)])
    deliver("brevo", [replace(message("a"), batch_id=13)])
    send(server, who="a")
    first, other, batch, again = keys(server)
    assert first == again and len({first, other, batch}) == 3


@pytest.mark.parametrize("slug", ["brevo"], indirect=True)
def test_a_first_call_that_brevo_has_seen_is_no_proof(server):
    outcome, _ = send(server, [DUPLICATE])
    assert outcome.result is Result.UNKNOWN
