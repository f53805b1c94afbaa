"""What we send to SendGrid and Brevo, validated against their own specifications."""

import json
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from delivery.channels.email.bulk_compiler import BulkCompiler
from delivery.channels.email.composing import Composer, Content
from delivery.providers.brevo.payload import BrevoApi
from delivery.providers.sendgrid.payload import SendGridApi
from tests.contract.schemas import faults, resolve

SPECS = Path(__file__).resolve().parent / "specs"
CONTENT = Content(
    subject="Voilà {{ first_name }}",
    html="<p>Été {{ first_name }}</p>",
    text="Été",
    from_name="Zoë’s Boutique",
    from_email="news@shop.example",
    reply_to="hello@shop.example",
    list_name="L’été",
)
LETTERS = {
    "full": Composer(7, 12, CONTENT),
    "no text, no reply-to": Composer(7, 12, replace(CONTENT, text="", reply_to="")),
    "no way to unsubscribe": Composer(7, 12, CONTENT, unsubscribable=False),
}


@pytest.fixture(params=LETTERS)
def message(request):
    values = {"first_name": "Zoé", "full_name": "Zoé " + "Müller-" * 20}
    return LETTERS[request.param].compose(34, "zoe@x.example", values)


def spec(name: str) -> dict:
    """The part of the provider's specification that is needed here, without its descriptions."""
    return json.loads((SPECS / name).read_text())


def test_sendgrid_takes_our_requests(message):
    root = spec("sendgrid_mail.json")
    call = SendGridApi({}, {"api_key": "k"}).send_request(message)
    where = urlsplit(call.url)
    assert f"{where.scheme}://{where.netloc}" in [server["url"] for server in root["servers"]]
    operation = root["paths"][where.path][call.method.lower()]
    schema = resolve(operation["requestBody"], root)["content"]["application/json"]["schema"]
    assert faults(json.loads(call.body), schema, root) == []


def parts(composer: Composer, n: int) -> list:
    bulk_compiler = BulkCompiler(composer)
    names = {"first_name": "Zoé", "full_name": "Zoé " + "Müller-" * 20}
    return [bulk_compiler.recipient_part(contact_id, f"p{contact_id}@x.example", names) for contact_id in range(n)]


@pytest.mark.parametrize("letter", LETTERS)
def test_sendgrid_takes_our_calls_for_many(letter):
    root = spec("sendgrid_mail.json")
    sent = json.loads(
        SendGridApi({}, {"api_key": "k"}).bulk_request(parts(LETTERS[letter], SendGridApi.messages_per_call)).body
    )
    schema = root["components"]["requestBodies"]["PostMailSend"]["content"]["application/json"]["schema"]
    assert faults(sent, schema, root) == []


@pytest.mark.parametrize("letter", LETTERS)
def test_brevo_takes_our_calls_for_many(letter):
    root = spec("brevo.json")
    call = BrevoApi({}, {"api_key": "k"}).bulk_request(parts(LETTERS[letter], BrevoApi.messages_per_call))
    operation = root["paths"][urlsplit(call.url).path.removeprefix(root["basePath"])]["post"]
    (schema,) = (parameter["schema"] for parameter in operation["parameters"] if parameter["in"] == "body")
    sent = json.loads(call.body)
    assert faults(sent, schema, root) == []
    assert all(len(version["to"][0]["name"]) <= 70 for version in sent["messageVersions"])


def test_sendgrid_gets_no_header_that_it_reserves(message):
    """SendGrid refuses these with 400 (Mail Send reference, `headers`)."""
    call = SendGridApi({}, {"api_key": "k"}).send_request(message)
    reserved = {"x-sg-id", "x-sg-eid", "received", "dkim-signature", "content-type", "content-transfer-encoding"}
    reserved |= {"to", "from", "subject", "reply-to", "cc", "bcc"}
    headers = json.loads(call.body)["headers"]
    assert not reserved & {name.lower() for name in headers}
    assert all(value.isascii() and "\n" not in value for value in headers.values())


def test_brevo_takes_our_requests(message):
    root = spec("brevo.json")
    call = BrevoApi({}, {"api_key": "k"}).send_request(message)
    operation = root["paths"][urlsplit(call.url).path.removeprefix(root["basePath"])][call.method.lower()]
    (schema,) = (parameter["schema"] for parameter in operation["parameters"] if parameter["in"] == "body")
    sent = json.loads(call.body)
    assert faults(sent, schema, root) == []
    assert len(sent["to"][0]["name"]) <= 70  # its description says so


def test_brevo_can_be_asked_for_the_account():
    root = spec("brevo.json")
    call = BrevoApi({}, {"api_key": "k"}).check_request()
    assert call.method.lower() in root["paths"][urlsplit(call.url).path.removeprefix(root["basePath"])]


@pytest.mark.parametrize(
    "change, fault",
    [
        (lambda sent: sent.pop("from"), "$: from is missing"),
        (lambda sent: sent.update(subject=1), "$.subject: 1 is no string"),
        (lambda sent: sent.update(nonsense=1), "$: nonsense is not known"),
        (lambda sent: sent["from"].update(email="x"), "$.from.email: 'x' is no address"),
        (lambda sent: sent["content"][0].update(value=""), "$.content[0].value: 0 characters"),
        (lambda sent: sent.update(categories=["a"] * 11), "$.categories: more than 10"),
        (lambda sent: sent["personalizations"][0].update(substitutions={"a": 1}), "1 is no string"),
        (lambda sent: sent.update(personalizations=sent["personalizations"] * 1001), "more than 1000"),
        (lambda sent: sent["tracking_settings"]["open_tracking"].update(enable="no"), "is no boolean"),
    ],
)
def test_the_comparison_finds_faults(change, fault):
    root = spec("sendgrid_mail.json")
    message = LETTERS["full"].compose(34, "zoe@x.example", {})
    sent = json.loads(SendGridApi({}, {"api_key": "k"}).send_request(message).body)
    change(sent)
    schema = root["components"]["requestBodies"]["PostMailSend"]["content"]["application/json"]["schema"]
    assert any(fault in found for found in faults(sent, schema, root))
