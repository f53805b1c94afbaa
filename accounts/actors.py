"""Who acts: a member on a page, a program with an API key, or Fanfare itself.

What changes a workspace takes an actor and not a request: the same function serves a page, the API, a connector, an
automation and `manage.py`, under the same rules and with the same audit entry.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.access import PERMISSIONS, Role
from kernel.http import client_address

if TYPE_CHECKING:
    from django.http import HttpRequest

    from accounts.models import Membership, User


class Kind(models.TextChoices):
    MEMBER = "member", _("Member")
    KEY = "key", _("API key")
    SYSTEM = "system", "Fanfare"


@dataclass(frozen=True)
class Actor:
    """Who acts in the active workspace, and what they may do there.

    `user` is the person behind it: the member, or the maker of the API key; None for the system. `address` is the IP
    address the request came from, where there was one: it goes into audit entries and consent proofs.
    """

    kind: Kind
    user: User | None = None
    role: Role | None = None
    permissions: frozenset[str] = frozenset()
    address: str | None = None

    def proof(self) -> dict[str, Any]:
        """What a consent ledger row and an import keep of the actor: the person and the IP address."""
        return {"actor": self.user, "address": self.address}

    def may(self, permission: str) -> bool:
        """Raises KeyError for a permission that does not exist."""
        if permission not in PERMISSIONS:
            raise KeyError(permission)
        return permission in self.permissions


#: Fanfare itself: recurring jobs, automations, and commands of an operator who may do everything anyway.
SYSTEM = Actor(Kind.SYSTEM, permissions=frozenset(PERMISSIONS))


def member(membership: Membership, address: str | None = None) -> Actor:
    """A person with a role in the workspace."""
    role = Role(membership.role)
    return Actor(Kind.MEMBER, membership.user, role, permissions_of(role), address)


def key(user: User, permissions: frozenset[str], address: str | None = None) -> Actor:
    """A program that was given some of a member's permissions. It has no role, so it can hand out none."""
    return Actor(Kind.KEY, user, None, permissions, address)


def person(user: User, address: str | None = None) -> Actor:
    """Somebody who is signed in and is no member here yet: accepts an invitation, opens a workspace."""
    return Actor(Kind.MEMBER, user, address=address)


def of_request(request: HttpRequest) -> Actor:
    """The signed-in person behind a request, with the membership of the workspace it is for."""
    address = client_address(request)
    membership = getattr(request, "membership", None)
    if membership is None:
        return person(request.user, address)  # type: ignore[arg-type]  # views that ask are for people who are signed in
    return member(membership, address)


def permissions_of(role: Role) -> frozenset[str]:
    return frozenset(name for name, roles in PERMISSIONS.items() if role in roles)
