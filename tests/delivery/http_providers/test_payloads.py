"""What arrives at the provider."""

import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from delivery.channels.base import Outcome, Result
from delivery.channels.email import http_pieces
from delivery.channels.email.composing import Composer
from delivery.providers.ses.signing import signed_headers
from tests.delivery import http
from tests.delivery.http_providers.sending import CONTENT, SECRET, deliver, message, send


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
    deliver(slug, [message("who", contact_id=34)])
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
