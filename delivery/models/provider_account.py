from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import models
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from delivery import registry
from kernel.secrets import EncryptedJSONField, Undecryptable
from kernel.trash import Trashable

if TYPE_CHECKING:
    from delivery.providers.provider import Provider


class ProviderAccount(Trashable):
    """An account with a provider, with the workspace's own settings. The secret part is encrypted."""

    name = models.CharField(_("name"), max_length=80)
    channel = models.CharField(max_length=8, default="email")
    provider = models.CharField(max_length=20)
    options = models.JSONField(default=dict)
    secret: models.Field[dict | None, dict | None] = EncryptedJSONField(null=True)
    is_default = models.BooleanField(_("default"), default=False)
    # The circuit breaker: after failures of the account, not of a recipient, no lane takes its work until retry_at.
    failures = models.IntegerField(default=0)
    retry_at = models.DateTimeField(null=True)
    # Its rate limit is used up until then; this is no failure.
    throttled_until = models.DateTimeField(null=True)
    last_problem = models.CharField(max_length=300, blank=True)
    # The provider's own sending limit (per day or hour) is used up, until then at the latest. Tried again at retry_at.
    limit_ends_at = models.DateTimeField(null=True)
    # What the server offered at the last connection: {"smtputf8": does it take such addresses, "size": bytes}.
    offers = models.JSONField(default=dict, db_default=models.Value({}, models.JSONField()))
    # The currency (ISO 4217) of what its messages cost; empty where nothing is counted.
    currency = models.CharField(max_length=3, blank=True, default="", db_default="")

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
    def kind(self) -> Provider:
        return registry.find(self.provider)

    @property
    def is_sandbox(self) -> bool:
        return self.provider == "sandbox"

    @property
    def takes_utf8_addresses(self) -> bool:
        """Whether it takes recipients with other letters than ASCII before the @. Yes, where nobody has asked yet."""
        of_kind = self.kind.takes_utf8_addresses
        return bool(self.offers.get("smtputf8", True)) if of_kind is None else of_kind

    def record_offers(self, offers: dict) -> None:
        """Keep what the server offers."""
        if offers != self.offers:
            self.offers = offers
            ProviderAccount.objects.filter(pk=self.pk).update(offers=offers)

    @property
    def has_lost_secret(self) -> bool:
        """Whether its password or keys were stored with a key that the installation no longer has."""
        try:
            self.secret  # noqa: B018  (reading it decrypts it)
        except Undecryptable:
            return True
        return False

    def lost_secret_problem(self) -> str:
        text = gettext(
            "The stored password or key of “%(account)s” can't be read any more. Enter it again in its settings."
        )
        return text % {"account": self.name}

    @property
    def readable_secret(self) -> dict:
        """The secret, or nothing where there is none or it is lost: it has to be entered again."""
        return {} if self.has_lost_secret else self.secret or {}

    def make_default(self) -> None:
        ProviderAccount.objects.filter(channel=self.channel, is_default=True).exclude(pk=self.pk).update(
            is_default=False
        )
        self.is_default = True
        self.save(update_fields=["is_default"])
