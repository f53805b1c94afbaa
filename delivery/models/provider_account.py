from django.db import models
from django.utils.translation import gettext_lazy as _

from kernel.secrets import EncryptedJSONField
from kernel.trash import Trashable


class ProviderAccount(Trashable):
    """The way messages leave: a provider with the workspace's own settings. The secret part is encrypted."""

    name = models.CharField(_("name"), max_length=80)
    channel = models.CharField(max_length=8, default="email")
    provider = models.CharField(max_length=20)
    options = models.JSONField(default=dict)
    secret = EncryptedJSONField(null=True)
    is_default = models.BooleanField(_("default"), default=False)
    # The circuit: after failures that are the account's and not a recipient's, no lane takes its work until retry_at.
    failures = models.IntegerField(default=0)
    retry_at = models.DateTimeField(null=True)
    # Its limit is used up until then; no trouble of anybody's.
    throttled_until = models.DateTimeField(null=True)
    last_problem = models.CharField(max_length=300, blank=True)

    class Meta(Trashable.Meta):
        verbose_name = _("provider account")
        verbose_name_plural = _("provider accounts")
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(
                fields=["workspace", "channel"],
                condition=models.Q(is_default=True, deleted_at=None),
                name="one_default_account_a_channel",
            )
        ]

    def __str__(self):
        return self.name

    @property
    def kind(self):
        from delivery.channels import registry

        return registry.find(self.provider)

    @property
    def is_sandbox(self) -> bool:
        return self.provider == "sandbox"

    def make_default(self) -> None:
        ProviderAccount.objects.filter(channel=self.channel, is_default=True).exclude(pk=self.pk).update(
            is_default=False
        )
        self.is_default = True
        self.save(update_fields=["is_default"])
