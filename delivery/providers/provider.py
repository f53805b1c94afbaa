"""What a provider is: how to check an account, and how to send through it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING

from delivery.channels.base import AccountProblem, Connection, Outbox, Transport
from delivery.providers.thread_transport import ThreadTransport

if TYPE_CHECKING:
    from django.utils.functional import Promise

    from delivery.forms.account import AccountForm
    from delivery.models import ProviderAccount


class Provider(ABC):
    """One provider. Subclasses set the first four attributes and implement check, and either connect or transport."""

    slug: str
    channels: tuple[str, ...]  # those that it can send
    label: str | Promise
    form: type[AccountForm]
    connections = 1  # with connect(): how many at once, each in its own thread
    #: messages arrive with our Message-ID; providers with an HTTP interface replace it by one of theirs
    keeps_message_id = False
    #: whether it takes recipients with other letters than ASCII before the @ (SMTPUTF8); None: depends on the server
    takes_utf8_addresses: bool | None = False

    def connect(self, account: ProviderAccount) -> Connection:
        """Open a connection. Raises AccountProblem."""
        raise AccountProblem(f"{self.slug} has neither a transport nor connections.")

    def transport(self, account: ProviderAccount, outbox: Outbox) -> Transport:
        """Create the transport for all batches that the account sends."""
        return ThreadTransport(outbox, lambda: self.connect(account), self.connections)

    @abstractmethod
    def check(self, account: ProviderAccount) -> str:
        """Try the settings without sending. Returns a sentence about what was found. Raises AccountProblem.

        Called in no transaction, because a server may be slow: who writes opens a scope when the answer is there."""
