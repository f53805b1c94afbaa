"""The preference centre: what a person wants to get, on which channels, how often and in which language.

The address of the page works like a password: it appears in mails to the person and nowhere else.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.conf import settings
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Workspace
from contacts.consent import ledger
from contacts.identity import merge_values
from contacts.models import Channel, Consent, Contact, Topic, TopicChoice
from kernel.links import BadToken, absolute, read_ids, sign_ids

LINK = "person"  # the purpose of a token that was mailed on request: workspace, contact
MESSAGE = "message"  # the purpose of the token in every message: workspace, batch, contact
TEST = "test"  # the same of a test's links, which show what they would do: workspace, batch, 0
RIGHTS = "rights"  # mailed on request, valid for a day: workspace, contact, minutes since 1970
RIGHTS_MINUTES = 24 * 60
FIND = "find_preferences"  # of the page where a person asks for the link: workspace
#: The channels that messages are written on (open tracking is not one).
WRITABLE = (Channel.EMAIL, Channel.SMS, Channel.WHATSAPP)
#: Whether a topic is wanted on a channel, by (topic id, channel).
Choices = dict[tuple[int, str], bool]


def link(contact: Contact) -> str:
    """The address of the person's page, for a mail to the person."""
    return _page(sign_ids(LINK, contact.workspace_id, contact.pk))


def link_of_message(token: str) -> str:
    """The same page by the token of a message, for pages that anyone who has the message can open."""
    return _page(token)


def _page(token: str) -> str:
    return absolute(reverse("visitors:preferences", args=[token]))


def rights_link(contact: Contact) -> str:
    """The page with the person's data and their erasure.

    Mailed on request only, because a forwarded message must not open it.
    """
    return absolute(
        reverse("visitors:visitor_rights", args=[sign_ids(RIGHTS, contact.workspace_id, contact.pk, _minute())])
    )


def is_fresh(minute: int) -> bool:
    """Whether a link made in this minute is still valid."""
    return 0 <= _minute() - minute <= RIGHTS_MINUTES


def _minute() -> int:
    return int(timezone.now().timestamp() // 60)


def find_address(workspace: Workspace) -> str:
    """The address of the page where a person asks for the link to their preferences."""
    return absolute(reverse("visitors:find_preferences", args=[sign_ids(FIND, workspace.pk)]))


def read_link(token: str) -> tuple[int, int]:
    """(workspace, contact) of a mailed link or of a message's token. Raises BadToken."""
    for purpose, size in ((MESSAGE, 3), (LINK, 2)):
        try:
            ids = read_ids(purpose, token)
        except BadToken:
            continue
        if len(ids) == size:
            return ids[0], ids[-1]
    raise BadToken


def workspace_of_test(token: str) -> int | None:
    """The workspace of a test's link; None for any other token."""
    try:
        ids = read_ids(TEST, token)
    except BadToken:
        return None
    return ids[0] if len(ids) == 3 else None


def invented_person(workspace: Workspace) -> Contact:
    """Whom the pages behind a test's links are shown for. No row: there is nothing to change."""
    names = {name: merge_values.EXAMPLE[name] for name in ("email", "first_name", "last_name")}
    return Contact(pk=0, workspace=workspace, status=Contact.Status.SUBSCRIBED, **names)


def person(contact_id: int, *, even_deleted: bool = False) -> Contact | None:
    """The contact, locked, or the contact it was merged into; None where it is erased or deleted.

    With `even_deleted` a contact in the trash is returned too: an opt-out of theirs counts when they are restored.
    """
    contact = Contact.objects.select_for_update().filter(pk=contact_id).first()
    while contact is not None and contact.merged_into_id:
        contact = Contact.objects.select_for_update().filter(pk=contact.merged_into_id).first()
    if contact is None or contact.erased_at or (contact.deleted_at and not even_deleted):
        return None
    return contact


def language(contact: Contact | None, workspace: Workspace) -> str:
    """The person's language where Fanfare has it, otherwise the workspace's."""
    own = contact.language if contact is not None else ""
    return own if own in dict(settings.LANGUAGES) else workspace.language


@dataclass(frozen=True)
class ChannelChoice:
    """A channel on the person's page, with its status and the wording that is kept as proof of a consent."""

    channel: str
    wording: str
    status: str

    @property
    def name(self) -> str:
        return str(Channel(self.channel).label)

    @property
    def is_on(self) -> bool:
        """Whether it is used: opens are seen until somebody refuses it."""
        if self.channel == Channel.TRACKING:
            return self.status in (Contact.Status.PENDING, Contact.Status.SUBSCRIBED)
        return self.status == Contact.Status.SUBSCRIBED

    @property
    def is_dead(self) -> bool:
        """Whether a bounce or a complaint forbids it."""
        return self.status in ledger.GONE


def channel_choices(contact: Contact, workspace: Workspace) -> list[ChannelChoice]:
    """The channels that this person can be asked about: those they have an address for, and open tracking where the
    workspace counts opens."""
    name = {"workspace": workspace.name}
    wordings = {
        Channel.EMAIL: _("I want to receive news from %(workspace)s by e-mail.") % name,
        Channel.SMS: _("I want to receive news from %(workspace)s by SMS.") % name,
        Channel.WHATSAPP: _("I want to receive news from %(workspace)s by WhatsApp.") % name,
        Channel.TRACKING: _("%(workspace)s may see whether I open its messages.") % name,
    }
    address = {
        Channel.EMAIL: contact.email,
        Channel.SMS: contact.phone,
        Channel.WHATSAPP: contact.phone,
        Channel.TRACKING: workspace.tracks_opens,
    }
    return [
        ChannelChoice(channel, wording, ledger.status_of(contact, channel))
        for channel, wording in wordings.items()
        if address[channel]
    ]


def choices(contact: Contact) -> Choices:
    """What the person gets now."""
    chosen = TopicChoice.objects.filter(contact=contact).values_list("topic_id", "channel", "wanted")
    found = {(topic.pk, channel): not topic.needs_choice for topic in Topic.objects.present() for channel in WRITABLE}
    return found | {(topic_id, channel): wanted for topic_id, channel, wanted in chosen if (topic_id, channel) in found}


def set_channels(contact: Contact, workspace: Workspace, wanted: dict[str, bool], proof: dict) -> list[ChannelChoice]:
    """Turn channels on and off. Returns those that could not be turned on, because of a bounce, a do-not-contact entry,
    or a change a moment ago."""
    refused = []
    for choice in channel_choices(contact, workspace):
        if choice.channel not in wanted or wanted[choice.channel] == choice.is_on:
            continue
        if wanted[choice.channel]:
            granted = ledger.grant(contact, channel=choice.channel, wording=choice.wording, **_source(proof))
            refused += [] if granted else [choice]
        else:
            ledger.withdraw(contact, channel=choice.channel, **_source(proof))
    return refused


def set_choices(contact: Contact, now: Choices, wanted: Choices, proof: dict) -> bool:
    """Save the choices that differ from `now`. False where one could not be saved, because it changed a moment ago.

    A topic that is wanted on a channel that is off is not saved: that would turn the channel on.
    """
    all_saved = True
    topics = {topic.pk: topic for topic in Topic.objects.present()}
    for (topic_id, channel), is_wanted in wanted.items():
        if now.get((topic_id, channel)) in (None, is_wanted):
            continue
        topic = topics[topic_id]
        if not is_wanted:
            ledger.withdraw(contact, channel=channel, topic=topic, **_source(proof))
        elif ledger.status_of(contact, channel) == Contact.Status.SUBSCRIBED:
            all_saved &= ledger.grant(contact, channel=channel, topic=topic, wording=topic.name, **_source(proof))
    return all_saved


def opt_out_of_everything(contact: Contact, proof: dict) -> None:
    for channel in WRITABLE:
        ledger.withdraw(contact, channel=channel, **_source(proof))
    if contact.tracking_status == Contact.Status.SUBSCRIBED:
        ledger.withdraw(contact, channel=Channel.TRACKING, **_source(proof))


def withdraw_phone_channels(contact: Contact, proof: dict) -> None:
    """The person deleted their number: withdraw the consents given for it. A new number starts without consent."""
    for channel in (Channel.SMS, Channel.WHATSAPP):
        if ledger.status_of(contact, channel) == Contact.Status.SUBSCRIBED:
            ledger.withdraw(contact, channel=channel, **_source(proof))


def _source(proof: dict) -> dict:
    return {"source": Consent.Source.PREFERENCES, **proof}
