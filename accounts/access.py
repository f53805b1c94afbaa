"""Roles and permissions: five roles, one table of permissions, and the decorators that guard every view."""

from collections.abc import Callable
from functools import wraps

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.db import models
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.utils.translation import gettext_lazy as _

from kernel.http import View, with_rule


class Role(models.TextChoices):
    OWNER = "owner", _("Owner")
    ADMIN = "admin", _("Admin")
    MANAGER = "manager", _("Manager")
    OPERATOR = "operator", _("Operator")
    VIEWER = "viewer", _("Viewer")


RANK = [Role.VIEWER, Role.OPERATOR, Role.MANAGER, Role.ADMIN, Role.OWNER]

_EVERYONE = frozenset(RANK)
_OPERATORS = frozenset(RANK[1:])
_MANAGERS = frozenset(RANK[2:])
_ADMINS = frozenset(RANK[3:])
_OWNERS = frozenset(RANK[4:])

# permission -> the roles that have it
PERMISSIONS = {
    "workspace.view": _EVERYONE,
    "contacts.view": _EVERYONE,
    "contacts.edit": _OPERATORS,
    "contacts.import": _OPERATORS,
    "contacts.delete": _MANAGERS,
    "contacts.export": _MANAGERS,
    "templates.view": _EVERYONE,
    "templates.edit": _OPERATORS,
    "campaigns.view": _EVERYONE,
    "campaigns.edit": _OPERATORS,
    "campaigns.send": _MANAGERS,
    "reports.view": _EVERYONE,
    "reports.export": _MANAGERS,
    "sending.manage": _ADMINS,
    "members.manage": _ADMINS,
    "workspace.manage": _ADMINS,
    "audit.view": _ADMINS,
    "owners.manage": _OWNERS,
}

# The same table as text, for the members page.
PERMISSION_LABELS = {
    "contacts.view": _("View contacts, templates, campaigns and reports"),
    "contacts.edit": _("Add, edit, tag and import contacts; create templates and campaigns"),
    "contacts.delete": _("Delete, restore, erase, merge and export contacts"),
    "campaigns.send": _("Send, schedule, pause and cancel campaigns"),
    "reports.export": _("Export recipients and reports"),
    "sending.manage": _("Set up senders and provider accounts"),
    "members.manage": _("Invite members, change roles, edit the workspace"),
    "audit.view": _("View the audit log"),
    "owners.manage": _("Add and remove owners"),
}


def may_grant(granter: str | None, role: str) -> bool:
    """Whether somebody with the role `granter` may give `role` to others: never one above their own. A program has no
    role (None) and can give none."""
    return granter is not None and RANK.index(Role(role)) <= RANK.index(Role(granter))


def access(permission: str) -> Callable[[View], View]:
    """Guard a view: 404 for people who are not members, 403 for members without this permission."""
    if permission not in PERMISSIONS:
        raise KeyError(permission)

    def decorate(view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, *args, **kwargs) -> HttpResponseBase:
            actor = getattr(request, "actor", None)
            if actor is None:
                raise Http404
            if not actor.may(permission):
                raise PermissionDenied(permission)
            return view(request, *args, **kwargs)

        return with_rule(guarded, permission)

    return decorate


def signed_in(view: View) -> View:
    """Guard a view that needs a signed-in person but no workspace."""
    return with_rule(login_required(view), "signed_in")


def operator(view: View) -> View:
    """Guard a view for platform staff; everyone else gets 404."""

    @wraps(view)
    def guarded(request: HttpRequest, *args, **kwargs) -> HttpResponseBase:
        if not (request.user.is_active and request.user.is_staff):
            raise Http404
        return view(request, *args, **kwargs)

    return with_rule(guarded, "operator")
