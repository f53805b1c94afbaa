from __future__ import annotations

from typing import Any

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from kernel.rls import SameWorkspace
from kernel.tenancy import WorkspaceModel
from templates_app.brand import fonts


class Brand(WorkspaceModel):
    """How a workspace looks: its messages made of blocks, the pages for its visitors, the mails that these cause.

    A workspace has one at most; without one it looks like an unsaved row. Colours are "#rrggbb"."""

    class Corners(models.IntegerChoices):
        """In pixels."""

        SQUARE = 0, pgettext_lazy("corners", "Square")
        SOFT = 6, pgettext_lazy("corners", "Soft")
        ROUNDER = 12, pgettext_lazy("corners", "Rounder")
        ROUND = 24, pgettext_lazy("corners", "Round")

    class ButtonStyle(models.TextChoices):
        FILLED = "filled", pgettext_lazy("button style", "Filled")
        OUTLINE = "outline", pgettext_lazy("button style", "Outline")

    name = models.CharField(_("name"), max_length=120, blank=True)  # empty: the workspace's
    logo = models.ForeignKey(
        "templates_app.Picture",
        verbose_name=_("logo"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        db_constraint=False,
        db_index=False,
    )
    dark_logo = models.ForeignKey(
        "templates_app.Picture",
        verbose_name=_("logo for dark"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        db_constraint=False,
        db_index=False,
    )
    main = models.CharField(pgettext_lazy("a brand's colour", "Main"), max_length=7, default="#1d5fd1")
    second = models.CharField(pgettext_lazy("a brand's colour", "Second"), max_length=7, default="#1d5fd1")
    tint = models.CharField(pgettext_lazy("a brand's colour", "Tint"), max_length=7, default="#f4f6f9")
    page = models.CharField(pgettext_lazy("a brand's colour", "Around"), max_length=7, default="#eef1f5")
    text = models.CharField(pgettext_lazy("a brand's colour", "Text"), max_length=7, default="#1d2733")
    quiet = models.CharField(pgettext_lazy("a brand's colour", "Quiet text"), max_length=7, default="#5b6675")
    heading_font = models.CharField(_("headings"), max_length=12, choices=fonts.CHOICES, default=fonts.SYSTEM)
    body_font = models.CharField(
        pgettext_lazy("a brand's font", "text"), max_length=12, choices=fonts.CHOICES, default=fonts.SYSTEM
    )
    radius = models.PositiveSmallIntegerField(_("corners"), choices=Corners, default=Corners.SOFT)
    button_style = models.CharField(_("buttons"), max_length=8, choices=ButtonStyle, default=ButtonStyle.FILLED)
    reason = models.CharField(_("why people get your messages"), max_length=500, blank=True)
    social_links = models.JSONField(default=dict, db_default={})  # {name of the network: address}
    # Rises with each change: templates know with which one their HTML was made.
    revision = models.IntegerField(default=0, db_default=0)
    edited_by = models.ForeignKey("accounts.User", on_delete=models.SET_NULL, null=True, related_name="+")
    updated_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta(WorkspaceModel.Meta):
        verbose_name = _("brand")
        constraints = [
            models.UniqueConstraint(fields=["workspace"], name="one_brand_a_workspace"),
            SameWorkspace("logo"),
            SameWorkspace("dark_logo"),
        ]

    def __str__(self):
        return str(_("Brand"))

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.revision += 1
        self.updated_at = timezone.now()
        super().save(*args, **kwargs)

    @classmethod
    def of_workspace(cls) -> Brand:
        """The brand of the active workspace; an unsaved one where nobody has chosen anything."""
        return cls.objects.select_related("logo", "dark_logo").first() or cls()
