"""The consent in Fanfare's own exports, imported again."""

import datetime as dt
import io
import zipfile

import pytest

from contacts.consent import ledger
from contacts.imports.consent_answers import CHANNELS
from contacts.models import Consent, Contact, ContactField, Suppression
from kernel.tenancy import scope
from tests.contacts.exports.test_exporting import content, export
from tests.contacts.imports.running import import_file, statuses


@pytest.mark.parametrize("kind", ["csv", "xlsx", "zip"])
def test_importing_ones_own_export_changes_nothing(acme, kind):
    everyone(acme)
    before, file = everything(acme), own_export(acme, kind)
    done = import_file(acme, file, name=f"contacts.{'csv' if kind == 'zip' else kind}", channels=list(CHANNELS))
    assert (done.created, done.rejected, done.noted) == (0, 0, 0)
    assert everything(acme) == before


@pytest.mark.parametrize("kind", ["csv", "xlsx", "zip"])
def test_ones_own_export_in_another_workspace(acme, beta, kind):
    everyone(acme)
    done = import_file(beta, own_export(acme, kind), name=f"contacts.{'csv' if kind == 'zip' else kind}")
    assert done.rejected == 0
    assert statuses(beta) == statuses(acme)
    # Nobody claimed consent to text messages for this file; but who refused them stays out.
    assert statuses(beta, "sms_status") == statuses(acme, "sms_status") | {"subscribed": "pending"}
    with scope(acme):
        original = Contact.objects.get(email="subscribed@shop.example")
        given = Consent.objects.get(contact=original, channel="email")
    with scope(beta):
        copy = Contact.objects.get(email="subscribed@shop.example")
        row = Consent.objects.get(contact=copy, channel="email")
        assert copy.created_at == original.created_at.replace(microsecond=0)
        assert (row.at, row.wording, row.page) == (given.at.replace(microsecond=0), "yes please", "form")
        reasons = set(Suppression.objects.filter(channel="email").values_list("recipient", "reason"))
    assert reasons == {(f"{name}@shop.example", name) for name in ("unsubscribed", "bounced", "complained")}


def everyone(workspace) -> None:
    """A contact in each status, each with the same status for SMS."""
    with scope(workspace):
        ContactField.objects.create(name="newsletter", label="Newsletter")
        for n, status in enumerate(Contact.Status.values):
            person = Contact.objects.create(
                email=f"{status}@shop.example", phone=f"+3361234560{n}", attributes={"newsletter": "non"}
            )
            Contact.objects.filter(pk=person.pk).update(created_at=dt.datetime(2023, 1, 2, 3, 4, 5, 6, tzinfo=dt.UTC))
            if status != "pending":
                for channel in ("email", "sms"):
                    ledger.grant(person, source="form", wording="yes please", channel=channel)
            if status == "unsubscribed":
                for channel in ("email", "sms"):
                    ledger.withdraw(person, source="page", channel=channel)
            Contact.objects.filter(pk=person.pk).update(status=status, sms_status=status)


def own_export(workspace, kind: str) -> bytes:
    if kind != "zip":
        return content(export(workspace, file_format=kind))
    archive = zipfile.ZipFile(io.BytesIO(content(export(workspace, file_format="zip", kind="workspace"))))
    return archive.read("contacts.csv")


def everything(workspace) -> dict:
    with scope(workspace):
        fields = ("status", "sms_status", "whatsapp_status", "tracking_status", "attributes", "created_at", "phone")
        return {
            "people": sorted(map(repr, Contact.objects.values_list("email", *fields))),
            "ledger": sorted(Consent.objects.values_list("contact_id", "channel", "state", "at")),
            "suppressions": sorted(Suppression.objects.values_list("channel", "recipient", "reason")),
            "fields": sorted(ContactField.objects.values_list("name", flat=True)),
        }
