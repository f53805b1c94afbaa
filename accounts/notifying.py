"""Notify members: in the product, and also by e-mail where it is urgent."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from django.conf import settings
from django.utils import translation

from accounts import emails
from accounts.models import Membership, Notification, User
from kernel.tenancy import require_workspace_id


@dataclass(frozen=True)
class Notice:
    """The content of a notification. It is built once per reader, in the reader's language."""

    title: str
    body: str = ""
    path: str = ""
    level: str = Notification.Level.INFO


def notify(users: Iterable[User], build: Callable[[], Notice], *, email: bool = False) -> None:
    """Notify each of these people. `build()` is called once per person, with their language active."""
    for user in users:
        with translation.override(user.language or settings.LANGUAGE_CODE):
            notice = build()
            Notification.objects.create(user=user, **vars(notice))
            if email:
                emails.notice(user, notice)


def members_who_may(permission: str) -> list[User]:
    """The active workspace's members with this permission."""
    rows = Membership.objects.filter(workspace_id=require_workspace_id(), user__is_active=True).select_related("user")
    return [membership.user for membership in rows if membership.may(permission)]
