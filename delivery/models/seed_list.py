from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from kernel.trash import Trashable


class SeedList(Trashable):
    """Addresses under a name, to which tests go together: mailboxes at several providers, colleagues. An address gets
    tests only while it may (delivery.testers), whatever stands here."""

    name = models.CharField(_("name"), max_length=120)
    addresses = models.JSONField(default=list)  # e-mail addresses in small letters
    updated_at = models.DateTimeField(auto_now=True)

    class Meta(Trashable.Meta):
        verbose_name = _("seed list")
        verbose_name_plural = _("seed lists")
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(
                fields=["workspace", "name"], condition=models.Q(deleted_at=None), name="one_seed_list_a_name"
            )
        ]

    def __str__(self):
        return self.name
