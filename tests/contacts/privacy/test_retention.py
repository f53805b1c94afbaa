"""Contacts without activity for years go to the trash, where the workspace has set a retention period."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import AuditEntry, Workspace
from contacts import jobs
from contacts.models import Contact
from contacts.privacy import retention
from kernel.tenancy import scope
from tests.factories import contacts
from tests.markup import edit

YEARS = timedelta(days=4 * 365)


def aged(workspace, n: int, **activity) -> list[Contact]:
    """Contacts without any activity for four years, except for the given values."""
    long_ago = timezone.now() - YEARS
    with scope(workspace):
        people = contacts(n)
        Contact.objects.update(**{"created_at": long_ago, "updated_at": long_ago, "engaged_at": None} | activity)
    return people


def keep_for(workspace, months: int | None) -> None:
    Workspace.objects.filter(pk=workspace.pk).update(retention_months=months)


def present(workspace) -> int:
    with scope(workspace):
        return Contact.objects.present().count()


@pytest.mark.parametrize(
    "months, activity, kept",
    [
        (36, {}, 0),
        (60, {}, 2),
        (None, {}, 2),
        (36, {"engaged_at": timezone.now()}, 2),
        (36, {"updated_at": timezone.now()}, 2),
        (36, {"engaged_at": timezone.now() - YEARS}, 0),
    ],
    ids=["silent", "not long enough", "kept for ever", "clicked", "edited", "clicked long ago"],
)
def test_inactive_contacts_go_to_the_trash(acme, beta, run_jobs, months, activity, kept):
    aged(acme, 2, **activity)
    aged(beta, 1)
    keep_for(acme, months)
    jobs.retire_contacts()
    run_jobs()
    assert present(acme) == kept and present(beta) == 1
    with scope(acme):
        assert Contact.objects.deleted().count() == 2 - kept, "they can be restored"
        assert AuditEntry.objects.filter(verb="contacts.retired").count() == (kept == 0)


def test_a_run_continues_where_the_last_one_ended(acme, monkeypatch):
    people = aged(acme, 5)
    keep_for(acme, 36)
    monkeypatch.setattr(retention, "CHUNK", 2)
    assert retention.retire(acme.pk, people[1].pk) is None
    assert present(acme) == 2
    assert retention.retire(acme.pk, 0, budget=-1) == 0
    assert retention.retire(acme.pk) is None and present(acme) == 0


def test_the_setting(acme, alice, as_user):
    page = as_user(alice).get("/w/acme/settings/workspace/")
    values = {name: value for name, value in page.context["form"].initial.items() if value is not None}
    bad = edit(as_user(alice), "/w/acme/settings/workspace/", values | {"retention_months": "3"})
    assert bad.status_code == 200 and "retention_months" in bad.context["form"].errors
    assert edit(as_user(alice), "/w/acme/settings/workspace/", values | {"retention_months": "36"}).status_code == 302
    acme.refresh_from_db()
    assert acme.retention_months == 36
