"""Somebody sends a form for something that was deleted meanwhile: what was typed is not lost."""

import pytest
from django.test import Client

from delivery.models import ProviderAccount
from kernel.links import workspace_url
from kernel.tenancy import scope
from tests import factories
from tests.markup import fields_of

W = "/w/acme/"
SECRETS = {"api_key": "SG.very-secret", "password": "hunter22", "password1": "hunter23", "auth_token": "tok-1"}
TYPED = "Our <b>summer</b> letter"


@pytest.fixture
def address(acme) -> str:
    with scope(acme):
        return f"{W}campaigns/{factories.campaign().pk}/edit/"


def test_the_page_shows_what_was_typed(acme, alice, as_user, address):
    client = as_user(alice)
    values = fields_of(client.get(address))
    client.post(address.replace("/edit/", "/delete/"))
    answer = client.post(address, values | {"subject": TYPED})
    page = answer.content.decode()
    assert answer.status_code == 404
    assert "Our &lt;b&gt;summer&lt;/b&gt; letter" in page and "deleted meanwhile" in page
    assert values["csrfmiddlewaretoken"] not in page and ">{&quot;" not in page


def test_secrets_are_not_shown(acme, alice, as_user):
    with scope(acme):
        address = workspace_url(acme, "delivery:account", pk=ProviderAccount.objects.get().pk + 1000)
    answer = as_user(alice).post(address, SECRETS | {"name": "Our account", "own_postcode": "44000 Nantes"})
    page = answer.content.decode()
    assert "Our account" in page and "44000 Nantes" in page
    assert not [secret for secret in SECRETS.values() if secret in page]


@pytest.mark.parametrize("path", ["/no/such/page/", f"{W}no/such/page/"])
def test_an_address_without_a_view_shows_nothing_of_what_was_sent(acme, alice, as_user, path):
    answer = as_user(alice).post(path, {"text": TYPED})
    assert answer.status_code == 404 and "summer" not in answer.content.decode()


def test_strangers_are_shown_nothing(address):
    assert b"summer" not in Client().post(address, {"subject": TYPED}).content


@pytest.mark.parametrize("kind", ["multipart/form-data", "multipart/form-data; boundary=x"])
@pytest.mark.parametrize(
    "body", [b"\x80" * 40, b'--x\r\nContent-Disposition: form-data; name="' + b"x" * 5000 + b'"\r\n']
)
def test_a_form_that_cant_be_read_gets_the_page_all_the_same(acme, alice, as_user, kind, body):
    """The view has not read it when it says that there is no such record."""
    address = f"{W}contacts/lists/12/members/126/delete/"
    assert as_user(alice).generic("POST", address, body, content_type=kind).status_code == 404
