from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from django.db import models
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from delivery import registry
from kernel.rls import SameWorkspace
from kernel.secrets import EncryptedJSONField, Undecryptable
from kernel.tenancy import WorkspaceModel
from kernel.trash import Trashable, TrashableQuerySet

if TYPE_CHECKING:
    from delivery.providers.provider import Provider


def _first_channels() -> list[str]:
    return [registry.FIRST]


class ProviderAccount(Trashable):
    """An account with a provider, with the workspace's own settings. The secret part is encrypted."""

    name = models.CharField(_("name"), max_length=80)
    # Those it serves, of the provider's: one secret for all of them.
    channels = models.JSONField(default=_first_channels, db_default=models.Value([registry.FIRST], models.JSONField()))
    provider = models.CharField(max_length=20)
    options = models.JSONField(default=dict)
    secret: models.Field[dict | None, dict | None] = EncryptedJSONField(null=True)
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

    @classmethod
    def serving(cls, channel: str) -> TrashableQuerySet:
        """The accounts that serve the channel, its default account first."""
        is_default = models.Exists(DefaultAccount.objects.filter(account=models.OuterRef("pk"), channel=channel))
        return cls.objects.present().filter(channels__contains=[channel]).order_by(is_default.desc(), "name")

    @classmethod
    def default_of(cls, channel: str) -> ProviderAccount | None:
        """The account that sends this channel where nobody chose another one."""
        return cls.serving(channel).filter(defaults__channel=channel).first()

    @property
    def is_default(self) -> bool:
        """Whether it is the default account of one of its channels."""
        return bool(self.defaults.all())  # what a page has prefetched is not asked again

    def make_default(self, channels: Iterable[str] | None = None) -> None:
        """Make it the default account of these channels; of all that it serves if none are given."""
        for channel in self.channels if channels is None else channels:
            DefaultAccount.objects.update_or_create(channel=channel, defaults={"account": self})

    def become_default(self) -> None:
        """Make it the default account of those of its channels that have none."""
        taken = set(DefaultAccount.objects.values_list("channel", flat=True))
        self.make_default([channel for channel in self.channels if channel not in taken])

    def leave_channels(self) -> None:
        """Be the default account of no channel that it does not serve. Such a channel has none until somebody chooses:
        no other account sends what was meant for this one."""
        self.defaults.exclude(channel__in=self.channels).delete()


class DefaultAccount(WorkspaceModel):
    """The account that sends a workspace's messages of a channel where nobody chose another one."""

    channel = models.CharField(max_length=20)
    account = models.ForeignKey(
        ProviderAccount, on_delete=models.CASCADE, related_name="defaults", db_constraint=False, db_index=False
    )

    class Meta(WorkspaceModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["workspace", "channel"], name="one_default_a_channel"),
            SameWorkspace("account"),
        ]

    def __str__(self):
        return f"{self.channel} {self.account_id}"
