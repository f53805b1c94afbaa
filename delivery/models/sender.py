from email.headerregistry import Address

from django.db import models
from django.utils.translation import gettext_lazy as _

from kernel.trash import Trashable


class Sender(Trashable):
    """The From name and address of messages."""

    name = models.CharField(_("name"), max_length=120, help_text=_("The name readers see, such as “Ana from Acme”."))
    email = models.EmailField(_("e-mail"))
    reply_to = models.EmailField(
        _("reply-to address"), blank=True, help_text=_("Leave empty to use the address above.")
    )

    class Meta(Trashable.Meta):
        verbose_name = _("sender")
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(
                fields=["workspace", "email", "name"], condition=models.Q(deleted_at=None), name="one_sender_a_name"
            )
        ]

    def __str__(self):
        return f"{self.name} <{self.email}>"

    @property
    def header(self) -> str:
        """The value of the From header, quoted and checked by the standard library."""
        return str(Address(display_name=self.name, addr_spec=self.email))
