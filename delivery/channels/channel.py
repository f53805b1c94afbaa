"""What a channel is: everything in which one way to reach a person differs from another.

A channel is a folder of delivery/channels with a channel.py that has CHANNEL. Nothing outside the folders asks which
channel it is: it asks the channel (docs/guides/add-a-channel.md).
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, ClassVar, Protocol, TypeVar

from contacts.consent import bulk_opt_out, consent_rules, ledger
from delivery.channels.base import Outgoing, RecipientPart, SharedPart

if TYPE_CHECKING:
    from django.db.backends.utils import CursorWrapper
    from django.utils.functional import Promise

    from accounts.models import User, Workspace
    from contacts.models import Contact
    from delivery.checklist import Check
    from delivery.models import Batch, CapturedMessage, Sender
    from templates_app.message_links import Link
    from templates_app.models import MessageTemplate

L = TypeVar("L")


class SenderForm(Protocol):
    """A form for a Sender of one channel."""

    instance: Sender

    def saved(self) -> bool:
        """Save the form if it is valid. False if it isn't, or if somebody else has just saved the same sender."""


class Content(Protocol):
    """What a batch sends: its content row and its parameters, frozen when it is opened. A frozen dataclass."""

    channel: ClassVar[str]
    kind: ClassVar[str]  # of the content row

    @property
    def to(self) -> str:
        """A test's recipient in place of the contact's address; else empty."""

    @property
    def as_contact(self) -> int | None:
        """A test's merge values come from this contact."""

    def body(self) -> dict:
        """What the content row holds (JSON): the same for everybody and for every sender."""

    def parameters(self) -> dict:
        """What the batch holds beside its content (JSON)."""

    def prepared(self, *, is_tracked: bool) -> Content:
        """As the composer wants it: what is done once for all of a batch's people, such as numbering the links."""


class Composer(Protocol):
    """Makes the messages of one batch. For use by one thread."""

    def compose(self, contact_id: int, recipient: str, merge_values: dict) -> Outgoing:
        """One person's message. Raises MergeError, and BadAddress for an address that can't be written to."""


class BulkCompiler(Protocol):
    """Makes the parts of bulk calls for one batch. For use by one thread."""

    @property
    def shared_part(self) -> SharedPart: ...

    @property
    def is_worthwhile(self) -> bool:
        """False if most messages turned out not to fit."""

    def recipient_part(self, contact_id: int, recipient: str, merge_values: dict) -> RecipientPart: ...


@dataclass(frozen=True)
class Translation:
    """What a draft says in another language. Without a subject of its own it has the draft's; without a preview text
    none, because mail programs then show the first words of the message, in the right language."""

    template: MessageTemplate
    subject: str = ""
    preheader: str = ""


@dataclass(frozen=True)
class Draft:
    """Content that a person still works on: a campaign's, or a test's. It may lack anything."""

    workspace: Workspace
    template: MessageTemplate | None
    sender: Sender | None
    subject: str = ""
    preheader: str = ""
    translations: Mapping[str, Translation] = field(default_factory=dict)  # by the language's code

    def in_language(self, language: str) -> Draft:
        """The draft in one language alone; as everybody else gets it where there is no such translation."""
        found = self.translations.get(language)
        if found is None:
            return replace(self, translations={})
        return replace(
            self,
            template=found.template,
            subject=found.subject or self.subject,
            preheader=found.preheader,
            translations={},
        )


@dataclass(frozen=True)
class Shown:
    """A message that the sandbox kept, as its page shows it."""

    headers: Sequence[tuple[str, str]] = ()
    text: str = ""
    html: str | None = None  # shown in a frame without scripts
    source_type: str = "text/plain; charset=utf-8"
    source_name: str = field(default="message.txt")


class Channel(ABC):
    """One channel. The part about consent (address, status, suppression) is the same for all, by the slug, which is
    the channel's name in contacts.consent, too."""

    slug: str
    label: str | Promise
    #: what the page says to somebody who has left the channel; %(name)s is the workspace
    left_text: str | Promise
    #: what the page asks before that; %(masked)s is the address
    leave_text: str | Promise
    #: fields of a campaign and of a test that this channel's content has, besides the template
    draft_fields: tuple[str, ...] = ()
    #: reasons of failures that, repeated on several days, mean that the address is dead
    soft_reasons: tuple[str, ...] = ()
    #: an SQL expression over `c`: why an address can't be reached by the account; NULL if it can. Its parameter is
    #: ascii_only (the account takes no recipients with other letters than ASCII)
    unreachable: str = "NULL"
    #: the form of its senders, a ModelForm of Sender
    sender_form: Callable[..., SenderForm]
    #: the parameters of a content that say who it is from: what a change of sender changes
    identity: tuple[str, ...] = ()

    # --- the person

    @property
    def address_column(self) -> str:
        """The column of a contact with the address."""
        return consent_rules.ADDRESS[self.slug]

    @property
    def status_column(self) -> str:
        """The column of a contact with the person's word on this channel."""
        return consent_rules.STATUS[self.slug]

    def address_of(self, contact: Contact) -> str:
        """The contact's address; empty if there is none."""
        return getattr(contact, self.address_column) or ""

    def status_of(self, contact: Contact) -> str:
        return ledger.status_of(contact, self.slug)

    @abstractmethod
    def test_recipients(self, person: User) -> list[str]:
        """Where this member may send tests: addresses whose owners agreed."""

    def mask(self, address: str) -> str:
        """The address for a page that anybody with the link can open: recognisable for its owner only."""
        return f"…{address[-2:]}"

    # --- what outcomes mean for the person

    def mark_dead(self, cursor: CursorWrapper, workspace_id: int, contact_ids: list[int]) -> None:
        """A provider said that these people's addresses are dead: touch the status of this channel alone, and put the
        addresses on the suppression list of this channel. On the engine's connection, in the caller's transaction."""
        bulk_opt_out.mark_bounced(cursor, workspace_id, contact_ids, channel=self.slug)

    def opt_out(self, contact: Contact, *, source: str, **proof: Any) -> None:
        """The person opts out of this channel, and of no other one."""
        ledger.withdraw(contact, channel=self.slug, source=source, **proof)

    # --- content

    @abstractmethod
    def freeze(self, draft: Draft, *, to: str = "", as_contact: int | None = None) -> Content:
        """The content of a batch. `to` and `as_contact` are for tests."""

    @abstractmethod
    def read(self, batch: Batch) -> Content:
        """The content of a batch. Raises TypeError for a batch whose content is gone."""

    def links(self, content: Any) -> Sequence[Link]:
        """The links that are counted, by position."""
        return []

    def languages(self, content: Any) -> list[str]:
        """The codes of the languages into which the content is translated. A person who reads none of them gets what
        it says for everybody else."""
        return []

    def in_language(self, content: Any, language: str) -> Any:
        """The content with the one body that readers of this language get; "" is everybody else."""
        return content

    @abstractmethod
    def composer(
        self, workspace_id: int, batch_id: int, content: Any, *, unsubscribable: bool = True, is_test: bool = False
    ) -> Composer:
        """Raises MergeError for broken content."""

    def bulk_compiler(self, composer: Any) -> BulkCompiler | None:
        """For bulk calls, with what `composer` returned. None if messages of this content go one by one."""
        return None

    def preview(self, composer: Any, contact_id: int, merge_values: dict) -> str:
        """One person's message as HTML, for a browser. Empty on a channel without such pages."""
        return ""

    # --- the sender

    @abstractmethod
    def identity_of(self, sender: Sender) -> dict[str, str]:
        """The values of `identity` for this sender."""

    @abstractmethod
    def sender_text(self, content: Any) -> str:
        """Who the messages are from, for sentences on pages."""

    def sender_details(self, sender: Sender) -> str:
        """What a list of senders says beside the name."""
        return " · ".join(str(value) for value in sender.identity.values() if value)

    # --- limits

    def limit_of(self, recipient: str, limits: Mapping[str, L]) -> L | None:
        """Which of the limits a recipient falls under, by key: who delivers to it, or where it is."""
        return None

    # --- checks

    @abstractmethod
    def checks(self, draft: Draft, recipients: Callable[[], list[Contact] | None]) -> list[Check]:
        """What there is to say about the content before it is sent. `recipients` finds some of the people who will get
        it; None if that takes too long."""

    # --- the sandbox

    @abstractmethod
    def show(self, captured: CapturedMessage) -> Shown:
        """How the sandbox's page shows what it kept (Outgoing.source)."""
