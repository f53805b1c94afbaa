"""What happens to a person's log-in, in the audit log of each workspace that the person is a member of.

An account belongs to no workspace, but its owner's workspaces are what somebody gets into with it.
"""

from __future__ import annotations

from typing import Any

from allauth.account import signals as account
from allauth.mfa import signals as mfa
from django.http import HttpRequest

from accounts import actors, audit
from accounts.models import Membership, User
from kernel.http import client_address
from kernel.tenancy import scope


def note(user: User, verb: str, request: HttpRequest | None, **detail: Any) -> None:
    """Write the entry into the log of each workspace of this person."""
    actor = actors.person(user, client_address(request) if request is not None else None)
    for membership in Membership.objects.filter(user=user):
        with scope(membership.workspace_id):
            audit.record(actor, verb, membership, **detail)


def note_wrong_password(request: HttpRequest, email: str) -> None:
    """Who typed it is unknown: the entry names the account, and the address the request came from."""
    user = User.objects.filter(email=email.lower()).first()
    if user is not None:
        note(user, "login.failed", request)


def _log_in(sender: Any, request: HttpRequest, user: User, **kwargs: Any) -> None:
    note(user, "login.succeeded", request)


VERBS = (
    (account.password_changed, "login.password_changed"),
    (account.password_reset, "login.password_changed"),
    (account.password_set, "login.password_changed"),
    (account.email_changed, "login.address_changed"),
    (mfa.authenticator_added, "login.second_factor_added"),
    (mfa.authenticator_removed, "login.second_factor_removed"),
    (mfa.authenticator_reset, "login.second_factor_reset"),
    (mfa.authentication_failed, "login.second_factor_failed"),
)


def listen() -> None:
    account.user_logged_in.connect(_log_in)
    for signal, verb in VERBS:
        signal.connect(_writer(verb), weak=False)


def _writer(verb: str) -> Any:
    def write(sender: Any, request: HttpRequest, user: User, authenticator: Any = None, **kwargs: Any) -> None:
        note(user, verb, request, **({"type": authenticator.type} if authenticator is not None else {}))

    return write
