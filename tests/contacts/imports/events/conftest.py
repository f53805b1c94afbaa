"""People whom files of events are about."""

from __future__ import annotations

import pytest
from django.utils import timezone

from contacts.models import Contact
from kernel.tenancy import scope


@pytest.fixture(autouse=True)
def _events_are_kept(settings):
    settings.EVENT_DAYS = 0


@pytest.fixture
def people(acme):
    with scope(acme):
        return Contact.objects.bulk_create(
            [
                Contact(email="ana@example.com", external_id="K1"),
                Contact(email="ben@example.com"),
                Contact(email="gone@example.com", deleted_at=timezone.now()),
            ]
        )
