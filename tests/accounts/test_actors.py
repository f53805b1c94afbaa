"""Members, programs with a key and the system act under the same rules and leave the same traces."""

import pytest

from accounts import actors, audit, discarding, inviting
from accounts.access import PERMISSIONS, Role
from accounts.models import AuditEntry
from contacts.models import BulkAction, ContactList
from contacts.people import bulk_actions
from kernel.tenancy import scope
from tests.factories import contacts


@pytest.fixture
def key(alice):
    """A program that alice gave some of her permissions."""
    return actors.key(alice, frozenset({"contacts.view", "contacts.edit"}), "192.0.2.7")


def test_a_member_may_what_the_role_may(acme, rita):
    rita_at_acme = actors.member(acme.memberships.get(user=rita))
    assert rita_at_acme.may("contacts.view") and not rita_at_acme.may("contacts.edit")


def test_a_key_may_what_it_was_given(key):
    assert key.may("contacts.edit") and not key.may("contacts.delete")


def test_the_system_may_everything():
    assert all(actors.SYSTEM.may(permission) for permission in PERMISSIONS)


def test_a_permission_that_does_not_exist_is_a_mistake(key):
    with pytest.raises(KeyError):
        key.may("contacts.eat")


@pytest.mark.parametrize("role", Role.values)
def test_a_program_hands_out_no_role(acme, key, role):
    with scope(acme), pytest.raises(inviting.Refused):
        inviting.invite(key, "new@acme.example", role)


def test_a_program_deletes_as_a_page_does(acme, alice, key):
    with scope(acme):
        fair = ContactList.objects.create(name="Fair")
        discarding.discard(key, fair, "list.deleted")
        assert not ContactList.objects.present().exists()
        entry = AuditEntry.objects.get(verb="list.deleted")
    assert (entry.actor, entry.address, entry.record_id) == (alice, "192.0.2.7", fair.pk)


def test_a_program_acts_in_bulk_as_a_page_does(acme, alice, key):
    with scope(acme):
        ids = [contact.pk for contact in contacts(3)]
        done = bulk_actions.start(key, BulkAction.Verb.UNSUBSCRIBE, {"ids": ids})
        assert (done.asked_by, done.address, done.changed) == (alice, "192.0.2.7", 3)


def test_the_system_is_nobody_in_the_audit_log(acme):
    with scope(acme):
        audit.record(actors.SYSTEM, "contacts.retired", n=3)
        assert AuditEntry.objects.get().actor is None
