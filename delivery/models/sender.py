from email.headerregistry import Address

from django.db import models
from django.utils.translation import gettext_lazy as _

from delivery.registry import FIRST
from kernel.trash import Trashable


class Sender(Trashable):
    """Who messages of a channel are from: the From name and address of mails; on other channels a name and what the
    channel needs (`identity`), such as a number. Of mails, `identity` has the address of the envelope."""

    channel = models.CharField(max_length=20, default=FIRST, db_default=FIRST)
    name = models.CharField(_("name"), max_length=120, help_text=_("The name readers see, such as “Ana from Acme”."))
    email = models.EmailField(_("e-mail"))
    identity = models.JSONField(default=dict, db_default=models.Value({}, models.JSONField()))
    reply_to = models.EmailField(
        _("reply-to address"), blank=True, help_text=_("Leave empty to use the address above.")
    )

    class Meta(Trashable.Meta):
        verbose_name = _("sender")
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(
                fields=["workspace", "channel", "email", "name"],
                condition=models.Q(deleted_at=None),
                name="one_sender_a_name_and_channel",
            )
        ]

    def __str__(self):
        return f"{self.name} <{self.email}>" if self.email else self.name

    @property
    def envelope(self) -> str:
        """Where bounces of its mails go; empty: to the From address."""
        return self.identity.get("envelope", "")

    @property
    def header(self) -> str:
        """The value of the From header, quoted and checked by the standard library."""
        return str(Address(display_name=self.name, addr_spec=self.email))
