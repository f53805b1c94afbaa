"""Helpers: a campaign that reached people, and the archive that shows it."""

from __future__ import annotations

from django.test import Client

from campaigns import sending
from campaigns.archive import filing
from campaigns.models import Archive, Campaign
from contacts.models import SignupForm
from delivery import batching
from delivery.models import ProviderAccount
from delivery.sending import lane, recovering
from kernel.tenancy import scope
from tests import factories

HTML = (
    '<!DOCTYPE html><html><head></head><body><p>Hello {{ first_name | default: "reader" }}! {{ email }}</p>'
    '<a href="https://shop.example/?who={{ email }}&amp;n=1">Shop</a> <a href="{{ view_url }}">Web</a>'
    "<p>{{ postal_address }}</p>"
    '<p><a href="{{ unsubscribe_url }}">Unsubscribe</a> &middot; <a href="{{ preferences_url }}">Preferences</a> '
    '&middot; <a href="https://shop.example/about">About</a></p></body></html>'
)


def send(workspace, *, is_real: bool = True, **fields) -> Campaign:
    """A campaign of the workspace that was sent to its contacts. `is_real`: by an account that reaches people."""
    with scope(workspace):
        values = {"html": HTML, "subject": "Hi {{ first_name }}, good news", "preheader": "For {{ email }} only"}
        campaign = sending.start(factories.campaign(**values | fields).pk)
        batch = campaign.first_batch
    while not batching.fill(batch.pk):
        pass
    while lane.run(budget=10):
        pass
    recovering.finish_if_done(batch.pk)
    with scope(workspace):
        ProviderAccount.objects.update(provider="smtp" if is_real else "sandbox")
        Campaign.objects.filter(pk=campaign.pk).update(state=Campaign.State.SENT)
        filing.file_next()
        ProviderAccount.objects.update(provider="sandbox")
        campaign.refresh_from_db()
    return campaign


def open_archive(workspace, **fields) -> Archive:
    with scope(workspace):
        return Archive.objects.create(**{"title": "News", "is_open": True, "shows_all": True} | fields)


def path(address: str) -> str:
    assert address.startswith("http://localhost:8000/")
    return address.removeprefix("http://localhost:8000")


def text(address: str, status: int = 200) -> str:
    response = Client().get(address)
    assert response.status_code == status, address
    return response.content.decode()


def give_form(archive: Archive) -> SignupForm:
    """A sign-up form that the archive leads to."""
    with scope(archive.workspace_id):
        archive.signup_form = SignupForm.objects.create(name="Join", title="Join us", wording="I agree")
        archive.save()
        return archive.signup_form
