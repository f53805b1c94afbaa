from __future__ import annotations

import zoneinfo
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.utils.text import slugify
from django.utils.translation import gettext_lazy as _

from accounts import countries

if TYPE_CHECKING:
    from .user import User

RESERVED_SLUGS = {"new", "admin", "api", "static", "w", "u"}


class WorkspaceQuerySet(models.QuerySet):
    def of(self, user: User) -> WorkspaceQuerySet:
        """The workspaces that this person is a member of."""
        return self.using("engine").filter(memberships__user=user).order_by("name")


class Workspace(models.Model):
    """The tenant: one organisation's contacts, templates, campaigns and settings."""

    class Step(models.TextChoices):
        """The onboarding step that comes next."""

        LOCALE = "locale", _("Time zone and language")
        SENDER = "sender", _("First sender")
        DONE = "done", _("Done")

    name = models.CharField(_("organisation"), max_length=120)
    slug = models.SlugField(max_length=60, unique=True)
    country = models.CharField(_("country"), max_length=2)
    postal_address = models.TextField(_("postal address"), max_length=400)
    time_zone = models.CharField(_("time zone"), max_length=64, default="Europe/Paris")
    language = models.CharField(_("language"), max_length=8, default="en", choices=settings.LANGUAGES)
    onboarding = models.CharField(max_length=12, choices=Step, default=Step.LOCALE)
    tracks_opens = models.BooleanField(_("count opens"), default=True)
    inactive_months = models.PositiveSmallIntegerField(
        _("months without a click before a contact is inactive"), null=True, blank=True, default=12
    )
    retention_months = models.PositiveSmallIntegerField(
        _("months without activity before a contact is deleted"), null=True, blank=True
    )
    created_at = models.DateTimeField(auto_now_add=True)

    objects = WorkspaceQuerySet.as_manager()

    class Meta:
        verbose_name = _("workspace")
        verbose_name_plural = _("workspaces")

    def __str__(self):
        return self.name

    @property
    def zone(self) -> zoneinfo.ZoneInfo:
        return zoneinfo.ZoneInfo(self.time_zone)

    @property
    def country_name(self) -> str:
        return countries.name(self.country)

    @property
    def postal_line(self) -> str:
        """The postal address on one line, for the footer of every message. The country stands in it once, also where
        the address ends with it."""
        lines = [line.strip() for line in self.postal_address.splitlines() if line.strip()]
        if lines and countries.is_name_of(lines[-1], self.country):
            lines.pop()
        return ", ".join([self.name, *lines, self.country_name])

    @classmethod
    def free_slug(cls, name: str) -> str:
        base = slugify(name)[:50] or "workspace"
        if base in RESERVED_SLUGS:
            base = f"{base}-1"
        slug, n = base, 1
        while cls.objects.filter(slug=slug).exists():
            n += 1
            slug = f"{base}-{n}"
        return slug
