"""Many calls at once: each message is settled once, whatever happens before, during and after its call."""

import asyncio
import logging
import socket
import time
from dataclasses import replace

import aiohttp
import pytest
import uvloop

from delivery import registry
from delivery.channels.base import NOT_IN_TIME, Outbox, Outcome, Result
from tests.delivery import http
from tests.delivery.http_providers.sending import (
    OPTIONS,
    SECRET,
    Account,
    MessageSource,
    account_of,
    deliver,
    message,
    send,
)

# --- before anything was written


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_without_a_connection_nothing_was_started(slug, settings, scheme):
    """A refused connection, and a server that does not speak TLS."""
    with socket.create_server(("127.0.0.1", 0)) as listener, http.serving(slug) as plain:
        port = listener.getsockname()[1] if scheme == "http" else plain.base.rpartition(":")[2]
        if scheme == "http":
            listener.close()
        settings.PROVIDER_BASE_URLS = {slug: f"{scheme}://127.0.0.1:{port}"}
        outcomes, outbox = deliver(slug, [message("who", n) for n in range(1, 31)])
    assert {outcome.result for outcome in outcomes.values()} == {Result.NOT_STARTED}
    assert "127.0.0.1" in str(outbox.problem) and outbox.problem.wait is None


def test_a_message_that_is_too_late_is_not_sent(slug, server):
    late = replace(message("late"), latest=time.monotonic() - 0.1)
    outcomes, _ = deliver(slug, [late, message("who", 2)])
    assert outcomes == {1: NOT_IN_TIME, 2: Outcome(Result.ACCEPTED, "", "id-who")}
    assert server.recipients == ["who@x.example"]


def test_a_call_that_got_its_connection_too_late_is_not_made(slug, server, monkeypatch):
    """Opening one takes up to three seconds. The connection is kept: the next message finds it open."""
    latest = time.monotonic() + 2
    opened = []
    connect = aiohttp.TCPConnector._create_connection

    async def slow(self, *args, **options):
        opened.append(1)
        connection = await connect(self, *args, **options)
        await asyncio.sleep(max(0.0, latest - time.monotonic()) + 0.01)
        return connection

    monkeypatch.setattr(aiohttp.TCPConnector, "_create_connection", slow)
    people = [replace(message("late"), latest=latest), message("who", 2)]
    outcomes, outbox = deliver(slug, people, connections=1)
    assert outcomes[1] == NOT_IN_TIME and outcomes[2].result is Result.ACCEPTED
    assert server.recipients == ["who@x.example"] and len(opened) == 1
    assert outbox.problem is None


@pytest.mark.parametrize("slug", ["sendgrid", "brevo"], indirect=True)
def test_a_message_that_can_not_be_taken_apart_costs_no_other(slug, server):
    outcomes, outbox = deliver(slug, [replace(message("odd"), source=b"what is this?"), message("who", 2)])
    assert (outcomes[1].result, outcomes[1].reason) == (Result.REFUSED, "render")
    assert outcomes[2].result is Result.ACCEPTED and outbox.problem is None


@pytest.mark.parametrize("secret", [None, {}, {"api_key": "", "secret_access_key": "with\nbreak"}])
def test_an_account_without_a_usable_key_stops_itself(slug, server, secret):
    async def run():
        outbox, source = Outbox(), MessageSource()
        transport = registry.find(slug).transport(Account(OPTIONS[slug], secret), outbox)
        outbox.put(source, [message("who")])
        await transport.close()
        return source.outcomes, outbox

    ((_, outcome),), outbox = uvloop.run(run())
    assert (outcome.result, outcome.reason) == (Result.NOT_STARTED, "account")
    assert "key" in str(outbox.problem) and not server.seen


# --- many at a time


def test_calls_overlap_up_to_the_width(slug, server):
    server.pause = 0.2
    outcomes, _ = deliver(slug, [message(f"p{n}", n) for n in range(1, 61)], connections=10)
    assert {outcome.result for outcome in outcomes.values()} == {Result.ACCEPTED}
    assert sorted(server.recipients) == sorted(f"p{n}@x.example" for n in range(1, 61))
    assert 5 < server.most_at_once <= 10


def test_no_account_gets_more_than_fifty_at_once(slug):
    async def width(**options):
        transport = registry.find(slug).transport(account_of(slug, **options), Outbox())
        await transport.close()
        return transport.width

    assert [uvloop.run(width(**options)) for options in ({}, {"connections": 7}, {"connections": 1000})] == [20, 7, 50]


def test_all_faults_at_once_settle_each_message_once(slug, server, impatient):
    faults = {"hang": "hang", "close": "close", "noise": "noise", "half": "half", "bad": http.refused(slug, 400, "no")}
    faults |= {"down": (500, {}, b"<html>"), "odd": (200, {}, b"\xff\xfe")}
    server.answers = {name: [answer] for name, answer in faults.items()}
    people = [*faults, *(f"p{n}" for n in range(60))]
    outcomes, _ = deliver(slug, [message(who, n) for n, who in enumerate(people)])  # asserts once each
    assert sum(outcome.result is Result.ACCEPTED for outcome in outcomes.values()) == 62


def test_messages_that_come_later_are_taken_too(slug, server):
    async def run():
        outbox, source = Outbox(), MessageSource()
        transport = registry.find(slug).transport(account_of(slug), outbox)
        for n in range(3):
            outbox.put(source, [message("who", n)])
            async with asyncio.timeout(60):
                while len(source.outcomes) <= n:
                    await asyncio.sleep(0.01)
        await transport.close()
        await transport.close()  # never raises
        return source.outcomes

    assert [outcome.result for _, outcome in uvloop.run(run())] == [Result.ACCEPTED] * 3


def test_closing_waits_a_moment_and_then_tells_unknown(slug, server, settings):
    server.answers["slow"] = ["hang"]
    settings.HTTP_TIMEOUT = 30

    async def run():
        outbox, source = Outbox(), MessageSource()
        transport = registry.find(slug).transport(account_of(slug), outbox)
        transport._timeout = 0.5
        outbox.put(source, [message("slow")])
        await asyncio.sleep(0.1)
        began = time.monotonic()
        await transport.close()
        return source.outcomes, time.monotonic() - began

    ((_, outcome),), seconds = uvloop.run(run())
    assert outcome.result is Result.UNKNOWN and 0.4 < seconds < 15


def test_a_fault_of_our_own_is_unknown_and_tells_no_secret(slug, server, monkeypatch, caplog):
    def broken(self, answer):
        raise RuntimeError(SECRET)

    monkeypatch.setattr("delivery.providers.http_api.Api.outcome", broken)
    with caplog.at_level(logging.DEBUG):
        outcome, _ = send(server)
    assert outcome.result is Result.UNKNOWN
    assert SECRET not in caplog.text and SECRET not in outcome.detail
