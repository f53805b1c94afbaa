from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from django.db import models

from kernel.tenancy import ScopedManager, ScopedQuerySet, WorkspaceModel

if TYPE_CHECKING:
    from .user import User


class NotificationQuerySet(ScopedQuerySet):
    def of(self, user: User) -> NotificationQuerySet:
        return self.filter(user=user)

    def unread(self) -> NotificationQuerySet:
        return self.filter(read_at=None)


NotificationManager = ScopedManager.from_queryset(NotificationQuerySet)


class Notification(WorkspaceModel):
    """Something a member should know, in that member's language. Written by `accounts.notifying`."""

    class Level(models.TextChoices):
        INFO = "info"
        SUCCESS = "success"
        WARNING = "warning"
        DANGER = "danger"

    user = models.ForeignKey("accounts.User", on_delete=models.CASCADE, related_name="+")
    level = models.CharField(max_length=8, choices=Level, default=Level.INFO)
    title = models.CharField(max_length=200)
    body = models.TextField(blank=True)
    path = models.CharField(max_length=300, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    read_at = models.DateTimeField(null=True)

    objects: ClassVar = NotificationManager()

    class Meta(WorkspaceModel.Meta):
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["workspace", "user", "read_at", "id"], name="notification_bell"),
            models.Index(fields=["workspace", "user", "id"], name="notification_newest"),
        ]

    def __str__(self):
        return self.title
