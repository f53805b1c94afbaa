"""An address that acts for a person is a key. It stands in mails to that person and nowhere else: what is logged, quoted,
shown to others or kept as proof is a name that opens nothing."""

import email
import email.policy
import logging
import re

import pytest
from django.test import Client

from campaigns import sending
from contacts.consent import preferences
from contacts.models import Consent, Contact
from delivery import tracking
from delivery.models import Batch, CapturedMessage, Message
from kernel.links import KEYED, BadToken, read_ids
from kernel.logs import LineFormatter
from kernel.tenancy import scope
from tests import factories
from tests.architecture.test_urls import patterns

TOKEN = re.compile(r"[\w-]{20,}")


@pytest.fixture
def captured(acme, send_all):
    """A newsletter to p0 in the sandbox: (the row, the parsed message)."""
    with scope(acme):
        factories.contacts(1)
        batch = sending.start(factories.campaign().pk).first_batch
    send_all(batch)
    with scope(acme):
        row = CapturedMessage.objects.get()
    return row, parsed(row)


@pytest.fixture
def rights_mail(acme, run_jobs):
    """A service mail to ana, with the link by which she downloads or erases her data: (the row, the parsed message)."""
    with scope(acme):
        ana = Contact.objects.create(email="ana@example.com", first_name="Ana")
    Client().post(preferences.link(ana).removeprefix("http://localhost:8000"), {"action": "rights"})
    run_jobs()
    with scope(acme):
        row = CapturedMessage.objects.get()
    return row, parsed(row)


def parsed(row):
    return email.message_from_bytes(bytes(row.source), policy=email.policy.default)


def opened_by(token: str) -> list[str]:
    """The pages for visitors that this text opens."""
    client = Client(headers={"user-agent": "Mozilla/5.0 Firefox/140.0"})
    pages = [f"/u/{token}/", f"/p/{token}/", f"/v/{token}/", f"/o/{token}.gif", f"/c/{token}/0/"]
    pages += [f"/f/{token}/", f"/f/confirm/{token}/", f"/p/rights/{token}/"]
    return [page for page in pages if client.get(page).status_code != 404]


def test_a_message_id_names_its_message_and_opens_no_page(acme, captured):
    _row, message = captured
    name = message["Message-ID"]
    ids = tracking.read_message_id(name)
    with scope(acme):
        found = Message.objects.get()
        assert ids == (acme.pk, found.batch_id, found.contact_id)
    for token in TOKEN.findall(name):
        assert opened_by(token) == []
    key = message["List-Unsubscribe"].strip("<>").rstrip("/").rpartition("/")[2]
    assert opened_by(key) and key not in name
    for forged in ("", "<>", "<x@y>", f"<{key}@acme.example>", name.replace("<", "<A")):
        with pytest.raises(BadToken):
            tracking.read_message_id(forged)


def test_nothing_in_the_headers_but_the_links_for_the_reader_is_a_key(captured):
    _row, message = captured
    for name, value in message.items():
        if name != "List-Unsubscribe":
            assert not [token for token in TOKEN.findall(str(value)) if opened_by(token)], name


@pytest.mark.parametrize("purpose", ["service", "test"])
def test_the_web_copy_shows_campaigns_only(acme, captured, purpose):
    row, _message = captured
    address = f"/v/{tracking.sign('message', acme.pk, row.batch_id, row.contact_id)}/"
    assert Client().get(address).status_code == 200
    with scope(acme):
        Batch.objects.filter(pk=row.batch_id).update(purpose=purpose)
    assert Client().get(address).status_code == 404


def test_a_captured_service_mail_is_for_those_who_may_do_what_it_contains(acme, rights_mail, bob, rita, as_user):
    row, message = rights_mail
    assert "/p/rights/" in message.get_body(("plain",)).get_content()
    pages = [f"/w/acme/sending/sandbox/{row.pk}/{part}" for part in ("", "html/", "source/")]
    viewer, manager = as_user(rita), as_user(bob)
    assert [viewer.get(page).status_code for page in pages] == [404, 404, 403]
    assert [manager.get(page).status_code for page in pages] == [200, 200, 200]
    for where in ("", "?q=ana", f"?batch={row.batch_id}"):
        assert "ana@example.com" not in viewer.get(f"/w/acme/sending/sandbox/{where}").content.decode()
        assert "ana@example.com" in manager.get(f"/w/acme/sending/sandbox/{where}").content.decode()


def test_a_captured_newsletter_has_no_keys_for_those_who_may_not_act(acme, captured, bob, rita, as_user):
    row, message = captured
    key = message["List-Unsubscribe"].strip("<>").rstrip("/").rpartition("/")[2]
    pages = [f"/w/acme/sending/sandbox/{row.pk}/{part}" for part in ("", "html/")]
    for page in pages:
        assert "Hello P0" in as_user(rita).get(page).content.decode()
        assert key not in as_user(rita).get(page).content.decode()
        assert key in as_user(bob).get(page).content.decode()
    assert as_user(rita).get(f"/w/acme/sending/sandbox/{row.pk}/source/").status_code == 403
    assert as_user(bob).get(f"/w/acme/sending/sandbox/{row.pk}/source/").status_code == 200


def test_a_receipt_has_identifiers_only(acme, rights_mail, rita, as_user):
    _row, message = rights_mail
    with scope(acme):
        contact = Contact.objects.get()
        Consent.objects.create(
            contact=contact, state="granted", source="confirmed", wording="News", message_id=message["Message-ID"]
        )
    client = as_user(rita)
    receipt = client.get(f"/w/acme/contacts/{contact.pk}/receipt.json").content.decode()
    assert message["Message-ID"].strip("<>") in receipt
    assert not [token for token in TOKEN.findall(receipt) if opened_by(token)]
    assert client.get(f"/w/acme/contacts/{contact.pk}/receipt.pdf").status_code == 200


def test_no_log_line_has_a_key(captured):
    _row, message = captured
    key = message["List-Unsubscribe"].strip("<>")
    formatter = LineFormatter("{levelname} {message}", style="{")
    record = logging.LogRecord("django.request", logging.ERROR, "", 0, "Internal Server Error: %s", (key,), None)
    assert formatter.format(record) == "ERROR Internal Server Error: http://localhost:8000/u/…/"


def test_every_page_that_a_key_opens_is_known_to_logs_and_sandbox():
    """Forms are public: their tokens only name them."""
    keyed = {
        route.replace("^", "").partition("<")[0].partition("(")[0].rstrip("/")
        for route, _entry in patterns()
        if re.search(r"<(str:)?(token|key)>|\(\?P<(token|key|uidb36)>", route)
    }
    assert keyed - {"f", "p/find"} == set(KEYED)


def test_a_form_keeps_no_page_of_ours_as_proof(acme, captured):
    _row, message = captured
    key = message["List-Unsubscribe"].strip("<>").rstrip("/").rpartition("/")[2]
    assert read_ids("message", key)
    from django.test import RequestFactory

    from contacts.views.public.visiting import page_of

    for page in (f"http://localhost:8000/p/{key}/", "http://localhost:8000/"):
        assert page_of(RequestFactory().post("/", {"page": page}, headers={"referer": page})) == ""
    assert page_of(RequestFactory().post("/", {"page": "https://shop.example/"})) == "https://shop.example/"
