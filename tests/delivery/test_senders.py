"""Senders: one of a name and address, whoever is quicker."""

from delivery.channels.email.sender_form import SenderForm
from delivery.models import Sender
from kernel.tenancy import scope

DATA = {"name": "Acme", "email": "news@acme.example"}


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
        assert SenderForm(DATA, instance=sender).saved()
