"""Types of requests: the attributes that a request has after the middleware."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.http import HttpRequest

if TYPE_CHECKING:
    from django_htmx.middleware import HtmxDetails

    from accounts.actors import Actor
    from accounts.models import Membership, User, Workspace


class MemberRequest(HttpRequest):
    """A request of somebody who is signed in. For type annotations only; Django makes the objects."""

    user: User  # never AnonymousUser: EnterWorkspace and @signed_in turn visitors away
    htmx: HtmxDetails


class WorkspaceRequest(MemberRequest):
    """A request below /w/<slug>/ by a member of that workspace. For type annotations only."""

    workspace: Workspace
    membership: Membership
    actor: Actor
