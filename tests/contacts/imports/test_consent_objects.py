"""Objects of JSON in a cell that say yes or no."""

import json

import pytest

from contacts.imports import consent_headings, consent_objects
from contacts.imports.consent_answers import CHANNELS
from tests.contacts.imports.running import finish, forecast_of, prepare, statuses

OBJECTS = (
    "Email,Phone,Attributes\n"
    'ann@shop.example,+33612345601,"{""city"": ""Lyon"", ""unsubscribed"": false}"\n'
    'bob@shop.example,+33612345602,"{""unsubscribed"": true}"\n'
    'cy@shop.example,+33612345603,"{""do_not_contact"": true}"\n'
    'dee@shop.example,+33612345604,"{""sms_opt_in"": false}"\n'
    'eve@shop.example,+33612345605,"{""shop"": {""whatsapp_opt_in"": ""no""}}"\n'
    'fay@shop.example,+33612345606,"{""bounced"": true}"\n'
)


def test_a_no_in_an_object_counts_for_the_channels_that_its_key_is_about(acme):
    done = prepare(acme, OBJECTS, ["email", "phone", ""], channels=list(CHANNELS))
    forecast = forecast_of(acme, done)
    finish(acme, done)
    refused = {"email": 3, "sms": 4, "whatsapp": 4}
    assert done.refused == forecast["refused"] == refused
    assert {channel: outcomes["subscribed"] for channel, outcomes in forecast["consent"].items()} == {
        channel: 6 - number for channel, number in refused.items()
    }
    left, stays = "unsubscribed", "subscribed"
    expected = {
        "ann": (stays, stays, stays),
        "bob": (left, left, left),
        "cy": (left, left, left),
        "dee": (stays, left, stays),
        "eve": (stays, stays, left),
        "fay": ("bounced", "pending", "pending"),
    }
    by_channel = [statuses(acme, name) for name in ("status", "sms_status", "whatsapp_status")]
    assert {who: tuple(of[who] for of in by_channel) for who in by_channel[0]} == expected


@pytest.mark.parametrize("escape", [r"\ud800", r"\u0000"])
@pytest.mark.parametrize("key", ["marketing_consent", "unsubscribe_reason"])
def test_no_escape_in_an_object_ends_a_check_or_an_import(acme, escape, key):
    cells = "".join(f'{who}@shop.example,"{{""{key}"": ""{escape}""}}"\n' for who in ("ann", "bob"))
    done = prepare(acme, "Email,Attributes\n" + cells, ["email", ""])
    assert len(forecast_of(acme, done)["refusing"]) == 2
    finish(acme, done)
    assert set(statuses(acme).values()) <= {"pending", "unsubscribed"}


def test_the_words_of_a_key_are_asked_once(monkeypatch):
    asked, ask = [], consent_headings._without_channels
    monkeypatch.setattr(consent_headings, "_without_channels", lambda bare: asked.append(bare) or ask(bare))
    read = consent_objects.reader("data")
    rows = [read(json.dumps({"shelf number": n, "sms opted out": n % 2 == 1}))["sms"].state for n in range(50)]
    assert rows == ["granted", "withdrawn"] * 25
    assert asked.count("shelf number") <= 2 and len(asked) < 10
