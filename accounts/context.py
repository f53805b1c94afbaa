"""Template context of the frame around every page: workspaces to switch to, the bell, banners."""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest

from accounts import switching
from accounts.models import Notification, User
from kernel.extensions import Extensions
from kernel.tenancy import current_workspace_id

BANNERS: Extensions[Callable[[HttpRequest], list[str]]] = Extensions(
    "banners", "Functions of the request that return the sentences to show on every page."
)


def frame(request: HttpRequest) -> dict:
    """The expensive values are functions: a fragment that does not show them runs no query for them."""
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return {"google_login": bool(settings.GOOGLE_CLIENT_ID)}
    return {
        "google_login": bool(settings.GOOGLE_CLIENT_ID),
        "workspace": getattr(request, "workspace", None),
        "membership": getattr(request, "membership", None),
        "switcher": lambda: switching.offered(request, user),
        "unread_notifications": lambda: _unread(user),
        "banners": lambda: [text for banner in BANNERS for text in banner(request)],
    }


def _unread(user: User) -> int:
    """At most 100, for which the bell shows "99+": the query stays cheap however many there are."""
    if current_workspace_id() is None:
        return 0
    return Notification.objects.of(user).unread()[:100].count()
