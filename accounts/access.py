"""Who may do what: five roles, one table, and the decorators that every view carries."""

from functools import wraps

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.db import models
from django.http import Http404
from django.utils.translation import gettext_lazy as _


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

# permission: the roles that have it
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

# The same table in words, for the members page.
PERMISSION_WORDS = {
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


def may_grant(granter: str, role: str) -> bool:
    """Nobody hands out a role above their own."""
    return RANK.index(role) <= RANK.index(granter)


def access(permission: str):
    """The view needs a membership with this permission: 404 for a stranger, 403 for a member without it."""
    if permission not in PERMISSIONS:
        raise KeyError(permission)

    def decorate(view):
        @wraps(view)
        def guarded(request, *args, **kwargs):
            actor = getattr(request, "actor", None)
            if actor is None:
                raise Http404
            if not actor.may(permission):
                raise PermissionDenied(permission)
            return view(request, *args, **kwargs)

        guarded.access_rule = permission
        return guarded

    return decorate


def signed_in(view):
    """The view needs a person, not a workspace."""
    guarded = login_required(view)
    guarded.access_rule = "signed_in"
    return guarded


def operator(view):
    """The view is for platform staff; to everyone else it does not exist."""

    @wraps(view)
    def guarded(request, *args, **kwargs):
        if not (request.user.is_active and request.user.is_staff):
            raise Http404
        return view(request, *args, **kwargs)

    guarded.access_rule = "operator"
    return guarded
