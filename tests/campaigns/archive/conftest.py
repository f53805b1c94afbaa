from types import SimpleNamespace

import pytest
from django.utils import timezone

from campaigns.archive import filing
from delivery.sending import lease_runner
from kernel.tenancy import scope
from tests import factories
from tests.campaigns.archive.showing import open_archive, path, send


@pytest.fixture(autouse=True)
def _any_machine_is_in_time(monkeypatch):
    monkeypatch.setattr(lease_runner, "START_WITHIN", 60.0)


@pytest.fixture
def people(acme):
    with scope(acme):
        return factories.contacts(3, first_name="Zebulon")


@pytest.fixture
def news(acme, people):
    """An open archive with one message, and its addresses."""
    archive = open_archive(acme)
    campaign = send(acme)
    with scope(acme), timezone.override(acme.zone):  # of the day in an address
        entry = filing.shown(archive).get()
        archive.workspace = acme
        return SimpleNamespace(
            archive=archive,
            campaign=campaign,
            entry=entry,
            index=path(archive.address()),
            feed=path(archive.feed_address),
            page=path(archive.address("newsletters:show", message=entry.slug)),
            message=path(archive.address("newsletters:message", message=entry.slug)),
        )
