"""A provider that records what it is given, and refuses numbers that it is told to refuse."""

from __future__ import annotations

from delivery.channels.base import Connection, Outcome, Result
from delivery.models import ProviderAccount
from delivery.providers.http_forms import KeyForm, key_field
from delivery.providers.provider import Provider
from tests.delivery.toy.content import ToyText

ACCEPTED = Outcome(Result.ACCEPTED)
DEAD = Outcome(Result.HARD, "user_unknown", "no such subscriber")


class ToyForm(KeyForm):
    secret_fields = ("api_key",)

    api_key = key_field("API key")


class ToyProvider(Provider):
    slug = "toy"
    channels = ("toy",)
    label = "Toy telecom"
    form = ToyForm

    def __init__(self) -> None:
        self.sent: list[ToyText] = []
        self.dead: set[str] = set()

    def connect(self, account: ProviderAccount) -> Connection:
        return _Connection(self)

    def check(self, account: ProviderAccount) -> str:
        return "Toy telecom answers."


class _Connection(Connection):
    def __init__(self, provider: ToyProvider):
        self._provider = provider

    def send(self, outgoing: ToyText) -> Outcome:
        if outgoing.recipient in self._provider.dead:
            return DEAD
        self._provider.sent.append(outgoing)
        return ACCEPTED
