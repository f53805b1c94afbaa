"""What every page's frame needs: the workspaces one can switch to, the bell, the kill switch's notice."""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest

from accounts.models import Notification, Workspace
from kernel.extensions import Extensions
from kernel.tenancy import current_workspace_id

BANNERS: Extensions[Callable[[HttpRequest], str | None]] = Extensions(
    "banners", "Functions of the request that return a sentence to show on every page, or None."
)


def frame(request) -> dict:
    """Lazy: a fragment that shows none of it pays for none of it."""
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return {"google_login": bool(settings.GOOGLE_CLIENT_ID)}
    return {
        "google_login": bool(settings.GOOGLE_CLIENT_ID),
        "workspace": getattr(request, "workspace", None),
        "membership": getattr(request, "membership", None),
        "my_workspaces": lambda: Workspace.objects.of(user),
        "unread_notifications": lambda: _unread(user),
        "banners": lambda: [text for banner in BANNERS if (text := banner(request))],
    }


def _unread(user) -> int:
    """Capped at 100: the bell says "99+" then, and the count never grows with the table."""
    if current_workspace_id() is None:
        return 0
    return Notification.objects.of(user).unread()[:100].count()
