"""Senders: one of a name and address, whoever is quicker."""

import pytest

from campaigns.models import Campaign
from delivery.channels.email.sender_form import SenderForm
from delivery.models import Batch, CapturedMessage, Sender
from delivery.sending import lane
from kernel.links import workspace_url
from kernel.tenancy import scope
from tests.delivery.batches import hurry, start
from tests.markup import edit

DATA = {"name": "Acme", "email": "news@acme.example"}
BOUNCES = "bounces@mail.acme.example"


@pytest.fixture
def bouncing(acme, alice, as_user):
    """The workspace's sender, whose mails come back to an address of their own."""
    with scope(acme):
        sender = Sender.objects.get()
    edit(
        as_user(alice),
        workspace_url(acme, "delivery:sender", pk=sender.pk),
        {"name": sender.name, "email": sender.email, "envelope": BOUNCES},
    )
    return sender


def test_the_same_sender_twice_is_an_error_of_the_form(acme, alice, as_user):
    answer = as_user(alice).post("/w/acme/sending/senders/new/", DATA)
    assert answer.status_code == 200 and "There is already a sender" in answer.content.decode()


def test_somebody_else_was_quicker(acme):
    with scope(acme):
        form = SenderForm(DATA | {"name": "Shop"})
        assert form.is_valid()
        Sender.objects.create(name="Shop", email=DATA["email"])
        assert not form.saved() and "already" in str(form.errors)
        sender = Sender.objects.get(name="Acme")
        remembered = {"opened": SenderForm(instance=sender)["opened"].value()}
        assert SenderForm(DATA | remembered, instance=sender).saved()


def test_bounces_go_to_an_address_of_their_own(acme, bouncing, mail_server, send_all):
    mailbox, port = mail_server
    send_all(start(acme, n=2, port=port))
    assert mailbox.senders == [BOUNCES] * 2
    assert all(f"<{bouncing.email}>".encode() in source for _, source in mailbox.taken)
    assert all(BOUNCES.encode() not in source for _, source in mailbox.taken), "the last server writes Return-Path"


def test_without_one_they_go_to_the_from_address(acme, mail_server, send_all):
    mailbox, port = mail_server
    batch = send_all(start(acme, n=1, port=port))
    assert mailbox.senders == [batch.parameters["from_email"]]


def test_the_sandbox_shows_where_bounces_would_go(acme, bouncing, alice, as_user, send_all):
    send_all(start(acme, n=1))
    with scope(acme):
        captured = CapturedMessage.objects.get()
    assert bytes(captured.source).startswith(f"Return-Path: <{BOUNCES}>\r\nFrom: ".encode())
    page = as_user(alice).get(workspace_url(acme, "delivery:captured", pk=captured.pk)).content.decode()
    assert BOUNCES in page


def test_another_sender_has_another_bounce_address(acme, bouncing, alice, as_user, mail_server, send_all):
    mailbox, port = mail_server
    batch = start(acme, n=2, port=port)
    client = as_user(alice)
    with scope(acme):
        other = Sender.objects.create(name="Other", email="other@acme.example")
        campaign = Campaign.objects.get()
    client.post(f"/w/acme/campaigns/{campaign.pk}/pause/")
    client.post(f"/w/acme/campaigns/{campaign.pk}/sender/", {"sender": other.pk})
    client.post(f"/w/acme/campaigns/{campaign.pk}/resume/")
    hurry(batch)
    send_all(batch)
    assert mailbox.senders == [other.email] * 2


def test_a_batch_of_an_older_release_has_none_and_is_sent(acme, mail_server, send_all):
    mailbox, port = mail_server
    batch = start(acme, n=2, port=port)
    with scope(acme):
        parameters = {name: value for name, value in batch.parameters.items() if name != "envelope_sender"}
        Batch.objects.update(parameters=parameters)
    assert lane.BatchWork(batch.pk).is_current(), "its lanes read it once"
    send_all(batch)
    assert mailbox.senders == [parameters["from_email"]] * 2


def test_the_page_shows_it_and_it_can_be_emptied(acme, bouncing, alice, as_user):
    client = as_user(alice)
    where = workspace_url(acme, "delivery:sender", pk=bouncing.pk)
    assert BOUNCES in client.get(where).content.decode()
    assert f"bounces to {BOUNCES}" in client.get(workspace_url(acme, "delivery:senders")).content.decode()
    for wrong in ("no address", "é@acme.example"):
        answer = edit(client, where, {"name": "Acme", "email": bouncing.email, "envelope": wrong})
        assert answer.status_code == 200 and "errorlist" in answer.content.decode()
    edit(client, where, {"name": "Acme", "email": bouncing.email, "envelope": ""})
    with scope(acme):
        assert Sender.objects.get().identity == {}
