"""What the pages of an import say about columns of consent."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from contacts.models import Contact, ContactImport
from kernel.tenancy import scope

FILE = b"email,status\nann@shop.example,subscribed\nbob@shop.example,unsubscribed\ncy@shop.example,gold\n"
ANSWERS = {"column_0": "email", "consent_source": "form", "confirmed": "on", "channels": "email"}


@pytest.fixture
def page(acme, bob, as_user):
    client = as_user(bob)
    answer = client.post("/w/acme/contacts/imports/new/", {"file": SimpleUploadedFile("people.csv", FILE)})
    return client, answer["Location"]


def statuses(workspace) -> dict[str, str]:
    with scope(workspace):
        return {person.email[:3]: person.status for person in Contact.objects.all()}


def test_each_value_is_asked_about_and_counted(acme, page, run_jobs):
    client, address = page
    text = client.get(address).content.decode()
    assert "What each value means" in text and "Not understood: please check." in text
    assert "Everyone whom the file doesn&#x27;t mark as refusing agreed" in text
    with scope(acme):
        asked = ContactImport.objects.get().reading[1]["consent"]
    assert asked == {"subscribed": "granted", "unsubscribed": "withdrawn", "gold": "pending"}
    said = {"column_1": "email_consent", "value0_1": "granted", "value1_1": "withdrawn", "value2_1": "granted"}
    client.post(address + "forecast/new/", ANSWERS | said)
    run_jobs()
    text = client.get(address).content.decode()
    assert "Will not be subscribed, because the file says so" in text and "status: unsubscribed" in text
    client.post(address + "start/")
    run_jobs()
    assert "Not subscribed, because the file says so" in client.get(address).content.decode()
    assert statuses(acme) == {"ann": "subscribed", "bob": "unsubscribed", "cy@": "subscribed"}


def test_a_column_that_is_left_out_is_warned_of(acme, page, run_jobs):
    client, address = page
    assert "This column looks like consent." in client.get(address).content.decode()
    client.post(address + "forecast/new/", ANSWERS | {"column_1": ""})
    run_jobs()
    text = client.get(address).content.decode()
    assert "The column “status” looks like consent" in text and "In 2 rows it" in text


def test_a_column_made_one_of_consent_is_asked_about_before_it_is_read(acme, bob, as_user):
    client = as_user(bob)
    file = SimpleUploadedFile("people.csv", b"email,club\nann@shop.example,gold\n")
    address = client.post("/w/acme/contacts/imports/new/", {"file": file})["Location"]
    answer = client.post(address + "forecast/new/", ANSWERS | {"column_1": "email_consent"})
    assert answer.status_code == 200 and "Check what each value means" in answer.content.decode()
