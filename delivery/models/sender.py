from email.headerregistry import Address

from django.db import models
from django.utils.translation import gettext_lazy as _

from kernel.tenancy import ScopedManager, ScopedQuerySet, WorkspaceModel


class SenderQuerySet(ScopedQuerySet):
    def present(self):
        return self.filter(deleted_at=None)


class Sender(WorkspaceModel):
    """Who a message comes from."""

    name = models.CharField(_("name"), max_length=120, help_text=_("What readers see, such as “Ana from Acme”."))
    email = models.EmailField(_("e-mail"))
    reply_to = models.EmailField(_("replies go to"), blank=True, help_text=_("Left empty, to the address above."))
    deleted_at = models.DateTimeField(null=True, editable=False)

    objects = ScopedManager.from_queryset(SenderQuerySet)()

    class Meta(WorkspaceModel.Meta):
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
        """The From header's value, quoted and checked by the standard library."""
        return str(Address(display_name=self.name, addr_spec=self.email))
