"""Limits of mails that somebody causes to an address: per address, per person who causes them, and per workspace.

Without them, anybody with an account could make Fanfare write to strangers without end, in its own name. Counts are
kept over all workspaces: an address or a person in many of them has one limit.
"""

from __future__ import annotations

from django.conf import settings

from accounts.models import User
from kernel import throttle
from kernel.mailboxes import mailbox
from kernel.tenancy import require_workspace_id

HOUR = 3600


def may_write_to(address: str) -> bool:
    """Count one more mail that somebody else causes to this address. False above FORM_MAILS_PER_HOUR."""
    return throttle.take("mail", mailbox(address.lower()), most=settings.FORM_MAILS_PER_HOUR, seconds=HOUR)


def may_write_about_account(address: str) -> bool:
    """Count one more mail about an account: to confirm, to reset the password. Counted apart from `may_write_to`, so
    that strangers who use that limit up keep nobody from a new password. False above ACCOUNT_MAILS_PER_HOUR."""
    return throttle.take("account mail", mailbox(address.lower()), most=settings.ACCOUNT_MAILS_PER_HOUR, seconds=HOUR)


def may_invite(person: User | None, address: str) -> bool:
    """Count one more invitation, or question whether tests may go there, that this person sends to this address from
    the active workspace. False above a limit."""
    most = settings.INVITATIONS_PER_HOUR
    return _may_cause("invitations", person, by_person=most, by_workspace=most) and may_write_to(address)


def may_test(person: User | None, address: str) -> bool:
    """Count one more test that this person sends to this address, whose owner agreed. False above a limit."""
    most = settings.TESTS_PER_HOUR
    allowed = _may_cause("tests", person, by_person=2 * most, by_workspace=5 * most)
    return allowed and throttle.take("test", mailbox(address.lower()), most=most, seconds=HOUR)


def _may_cause(what: str, person: User | None, *, by_person: int, by_workspace: int) -> bool:
    if person is not None and not throttle.take(f"{what} of person", str(person.pk), most=by_person, seconds=HOUR):
        return False
    return throttle.take(f"{what} of workspace", str(require_workspace_id()), most=by_workspace, seconds=HOUR)
