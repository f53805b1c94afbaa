from __future__ import annotations

import secrets

from django.db import models
from django.urls import reverse
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import gettext_lazy as _

from kernel.links import absolute
from kernel.rls import SameWorkspace
from kernel.tenancy import WorkspaceModel

LETTERS = "23456789abcdefghjkmnpqrstuvwxyz"  # none that is taken for another one
MAX_SLUG = 60


def new_key() -> str:
    """Ten characters that nobody guesses: 49 bits, and no number of ours."""
    return "".join(secrets.choice(LETTERS) for _ in range(10))


class Archive(WorkspaceModel):
    """The public page of a workspace's past newsletters. There is one at most."""

    key = models.CharField(max_length=16, default=new_key, editable=False)
    is_open = models.BooleanField(_("show the archive to everybody"), default=False)
    title = models.CharField(_("title"), max_length=120)
    intro = models.TextField(_("introduction"), max_length=1000, blank=True)
    # What holds for campaigns about which nobody has decided.
    shows_all = models.BooleanField(_("show every campaign unless it is left out"), default=False)
    is_indexed = models.BooleanField(_("let search engines list it"), default=False)
    # Where "unsubscribe" and the like lead in a message that is shown to nobody in particular.
    signup_form = models.ForeignKey(
        "contacts.SignupForm",
        verbose_name=_("sign-up form"),
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        db_constraint=False,
    )
    # When it, or anything on it, changed last: what the feed says to programs that ask for news.
    changed_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta(WorkspaceModel.Meta):
        verbose_name = _("archive")
        verbose_name_plural = _("archives")
        constraints = [
            models.UniqueConstraint(fields=["workspace"], name="one_archive_a_workspace"),
            SameWorkspace("signup_form"),
        ]

    def __str__(self):
        return self.title

    def address(self, page: str = "newsletters:index", **more: str) -> str:
        """The full address of one of its pages."""
        return absolute(reverse(page, kwargs={"slug": self.workspace.slug, "archive": self.key, **more}))

    @property
    def feed_address(self) -> str:
        return self.address("newsletters:feed")

    def touch(self) -> None:
        """Note that what it shows has changed."""
        self.changed_at = timezone.now()
        self.save(update_fields=["changed_at"])


class ArchiveEntry(WorkspaceModel):
    """A campaign in the archive: what somebody decided about it, and how it is listed once it has been sent.

    Subject and preheader are those that nobody in particular gets."""

    campaign = models.ForeignKey(
        "campaigns.Campaign", on_delete=models.CASCADE, related_name="+", db_constraint=False, db_index=False
    )
    key = models.CharField(max_length=16, default=new_key, editable=False)
    # None: as the archive says.
    is_shown = models.BooleanField(_("show in the archive"), null=True, blank=True)
    # Whose content is shown. Empty until the campaign has been sent to somebody.
    batch = models.ForeignKey(
        "delivery.Batch", on_delete=models.CASCADE, null=True, related_name="+", db_constraint=False, db_index=False
    )
    sent_at = models.DateTimeField(null=True, editable=False)
    subject = models.CharField(max_length=250, blank=True, editable=False)
    preheader = models.CharField(max_length=250, blank=True, editable=False)

    class Meta(WorkspaceModel.Meta):
        verbose_name = _("archived campaign")
        verbose_name_plural = _("archived campaigns")
        constraints = [
            models.UniqueConstraint(fields=["workspace", "campaign"], name="one_entry_a_campaign"),
            models.UniqueConstraint(fields=["workspace", "key"], name="one_entry_a_key"),
            SameWorkspace("campaign"),
            SameWorkspace("batch"),
        ]
        indexes = [models.Index(fields=["workspace", "-sent_at", "-id"], name="archive_newest")]

    def __str__(self):
        return self.subject

    @property
    def slug(self) -> str:
        """The last part of its address: "2026-11-20-spring-sale-k3v9x2m7qa". Only the key at the end counts."""
        words = slugify(self.subject)[:MAX_SLUG].strip("-")
        day = f"{timezone.localtime(self.sent_at):%Y-%m-%d}" if self.sent_at else ""
        return "-".join(filter(None, [day, words, self.key]))
