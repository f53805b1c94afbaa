from __future__ import annotations

from datetime import datetime

from django.db import models
from django.utils import formats, timezone
from django.utils.translation import gettext as _


class Deployment(models.Model):
    """Which installation this database belongs to: one row, compared with its environment before anything is sent.

    A database that was restored from a backup, or cloned to another machine, lists messages as open that have been
    sent."""

    identity = models.UUIDField()
    name = models.CharField(max_length=120, blank=True)  # DEPLOYMENT_ID
    system_identifier = models.CharField(max_length=40)
    timeline = models.IntegerField()
    database_oid = models.BigIntegerField()
    epoch = models.BigIntegerField(default=1)
    held_at = models.DateTimeField(null=True)
    held_because = models.CharField(max_length=300, blank=True)

    def __str__(self):
        return str(self.identity)

    @classmethod
    def banner(cls) -> str | None:
        """The sentence that pages show while sending is held."""
        held = cls.objects.exclude(held_at=None).first()
        return cls.sentence(held.held_at) if held and held.held_at else None

    @staticmethod
    def sentence(held_at: datetime) -> str:
        return _(
            "Nothing has been sent since %(when)s: this database looks restored or cloned. An operator must "
            "confirm it (manage.py confirm_restore)."
        ) % {"when": formats.date_format(timezone.localtime(held_at), "SHORT_DATETIME_FORMAT")}
