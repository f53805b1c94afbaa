"""Files of orders as shops export them."""

from __future__ import annotations

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from contacts.imports import uploading
from kernel.tenancy import scope
from tests.contacts.imports.events import shops


def proposed(workspace, data: str) -> dict[str, str]:
    """By meaning, the heading that is proposed for it."""
    with scope(workspace):
        done = uploading.upload(SimpleUploadedFile("orders.csv", data.encode()), None, target="events")
    return {meaning: name for name, meaning in zip(done.headings, done.mapping, strict=True) if meaning}


@pytest.mark.parametrize("shop", shops.FILES)
def test_who_when_and_how_much_are_proposed_for_each_shop(acme, shop):
    data, columns = shops.FILES[shop]
    found = proposed(acme, data)
    assert (found.get("event_time"), found.get("event_value"), found.get("event_number")) == columns
    assert found["email"] in shops.ADDRESSES


@pytest.mark.parametrize("shop", shops.FILES)
def test_the_currency_of_each_shop_is_proposed_where_its_file_has_one(acme, shop):
    data, _columns = shops.FILES[shop]
    head = data.split("\n", 1)[0].lower()
    says = any(word in head for word in ("currency", "devise", "währung", "iso_code"))
    assert ("event_currency" in proposed(acme, data)) == says


def test_the_status_of_an_order_is_found_under_the_names_of_shops(acme):
    for name in ("order_state", "Zahlungsstatus", "État du paiement"):
        assert proposed(acme, f"Email,Date,{name}\nana@example.com,2021-03-01,x\n")["event_status"] == name
