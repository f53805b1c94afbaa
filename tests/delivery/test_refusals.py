"""Whose fault is it? Real replies of many servers, each with the party that it blames and the reason."""

import pathlib

import pytest

from delivery.channels.base import Result
from delivery.models.message import REASONS
from delivery.providers import refusals
from delivery.providers.smtp import replies

LINES = pathlib.Path(__file__).with_name("replies.tsv").read_text().splitlines()
REPLIES = [line.split("\t") for line in LINES if not line.startswith("#")]
PERIODS = {None: "", refusals.SOON: " soon", refusals.HOUR: " hour", refusals.DAY: " day"}
STAGES = [replies.of_sender, replies.of_recipient, replies.of_content]


@pytest.mark.parametrize("server, expected, reply", [row[:3] for row in REPLIES])
def test_real_replies(server, expected, reply):
    verdict = refusals.judge(int(reply[:3]), reply[4:])
    found = f"{verdict.fault} {verdict.reason}{PERIODS[verdict.wait]}{' (quoted)' * verdict.is_quoted}"
    assert found == expected, server


def test_there_are_enough_of_them_with_sources():
    assert len(REPLIES) >= 150 and all(len(row) == 4 and row[3] for row in REPLIES)
    servers = {row[0] for row in REPLIES}
    assert servers > {"Gmail", "Microsoft", "Yahoo", "Orange", "Free", "SFR", "La Poste", "OVH", "Postfix", "Exim"}
    assert {row[1].split()[1] for row in REPLIES} <= set(REASONS)


@pytest.mark.parametrize("stage", STAGES)
def test_only_recipients_faults_mark_a_recipient_at_any_stage(stage):
    for _, expected, reply, _ in REPLIES:
        outcome = stage(int(reply[:3]), reply[4:])
        is_dead = expected.startswith(("recipient user_unknown", "recipient host_unknown"))
        assert outcome.result is not Result.HARD or (is_dead and reply.startswith("5")), reply
        if is_dead and stage is not replies.of_sender and reply.startswith("5"):
            assert outcome.result is Result.HARD, reply


@pytest.mark.parametrize("stage", STAGES)
def test_an_accounts_or_senders_fault_fails_nobody_at_any_stage(stage):
    waiting = {Result.SENDER, Result.ACCOUNT, Result.UNCLEAR, Result.LIMIT}
    for _, expected, reply, _ in REPLIES:
        if expected.startswith(("account", "sender")) and "quoted" not in expected:
            assert stage(int(reply[:3]), reply[4:]).result in waiting, reply


@pytest.mark.parametrize(
    "reply, seconds",
    [
        ("450 4.7.1 Sending limit exceeded, try again in 20 minutes", 1200),
        ("450 4.7.1 Sending limit exceeded, try again after 3600 seconds", 3600),
        ("550 5.7.1 Sending limit exceeded for 2 days", refusals.DAY),
        ("550 5.7.1 Sending limit reached: 500 per 24h", refusals.DAY),
        ("450 4.7.1 Sending limit exceeded", refusals.SOON),
    ],
)
def test_how_long_a_limit_lasts(reply, seconds):
    outcome = replies.of_content(int(reply[:3]), reply[4:])
    assert (outcome.result, outcome.wait) == (Result.LIMIT, seconds)


@pytest.mark.parametrize("local_part", ["spam", "quota", "sender.rejected", "daily-limit", "dmarc", "client-host"])
def test_words_in_an_address_say_nothing(local_part):
    outcome = replies.of_recipient(550, f"5.1.1 <{local_part}@x.example>: Recipient address rejected: User unknown")
    assert outcome.result is Result.HARD


@pytest.mark.parametrize("reply", ["550 No", "550 5.1.0 Refused", "550 5.2.0 No", "553 5.0.0 Not you", "554 No"])
def test_nobody_is_marked_without_a_reason(reply):
    assert replies.of_recipient(int(reply[:3]), reply[4:]).result is Result.REFUSED
