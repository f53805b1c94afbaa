"""What a person wants to hear, how, how often, and in which language: read and changed by the person.

The address of the page is as good as a password: it stands in mails to the person, and nowhere else.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.conf import settings
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from contacts.consent import ledger
from contacts.models import Channel, Consent, Contact, Topic, TopicChoice
from kernel.links import BadToken, absolute, read_ids, sign_ids

LINK = "person"  # the purpose of a token that was mailed on request: workspace, contact
MESSAGE = "message"  # of the token that every message carries: workspace, batch, contact
RIGHTS = "rights"  # mailed on request and good for a day: workspace, contact, minute of the epoch
RIGHTS_MINUTES = 24 * 60
FIND = "find_preferences"  # of the page where one asks for the link: workspace
WRITABLE = (Channel.EMAIL, Channel.SMS, Channel.WHATSAPP)


def link(contact: Contact) -> str:
    return _page(sign_ids(LINK, contact.workspace_id, contact.pk))


def link_of_message(token: str) -> str:
    """The same page by the token of a message: for pages that whoever holds the message can open."""
    return _page(token)


def _page(token: str) -> str:
    return absolute(reverse("visitors:preferences", args=[token]))


def rights_link(contact: Contact) -> str:
    """The page with the person's data and their erasure. A forwarded message must not open it, so it is mailed anew."""
    return absolute(
        reverse("visitors:visitor_rights", args=[sign_ids(RIGHTS, contact.workspace_id, contact.pk, _minute())])
    )


def is_fresh(minute: int) -> bool:
    """Whether a link of this minute is still good."""
    return 0 <= _minute() - minute <= RIGHTS_MINUTES


def _minute() -> int:
    return int(timezone.now().timestamp() // 60)


def find_address(workspace) -> str:
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


def person(contact_id: int, *, even_deleted: bool = False) -> Contact | None:
    """The contact, locked; the one it was merged into, where it was; None where there is nobody any more. Who lies in
    the trash is somebody only with `even_deleted`: a no of theirs counts when they are restored."""
    contact = Contact.objects.select_for_update().filter(pk=contact_id).first()
    while contact is not None and contact.merged_into_id:
        contact = Contact.objects.select_for_update().filter(pk=contact.merged_into_id).first()
    if contact is None or contact.erased_at or (contact.deleted_at and not even_deleted):
        return None
    return contact


def language(contact: Contact | None, workspace) -> str:
    own = contact.language if contact is not None else ""
    return own if own in dict(settings.LANGUAGES) else workspace.language


def mask(email: str | None) -> str:
    """a•••@example.com: enough to know one's own address, no help to a stranger with the link."""
    local, _at, domain = (email or "").partition("@")
    return f"{local[:1]}•••@{domain}" if domain else ""


@dataclass(frozen=True)
class Way:
    """A channel, and what it says on the person's page: the wording that is kept with a yes."""

    channel: str
    wording: str
    status: str

    @property
    def name(self) -> str:
        return str(Channel(self.channel).label)

    @property
    def is_on(self) -> bool:
        return self.status == Contact.Status.SUBSCRIBED

    @property
    def is_dead(self) -> bool:
        return self.status in ledger.GONE


def ways(contact: Contact, workspace) -> list[Way]:
    """The channels that this person can be asked about."""
    name = {"workspace": workspace.name}
    wordings = {
        Channel.EMAIL: _("I want to receive news from %(workspace)s by e-mail.") % name,
        Channel.SMS: _("I want to receive news from %(workspace)s by SMS.") % name,
        Channel.WHATSAPP: _("I want to receive news from %(workspace)s by WhatsApp.") % name,
        Channel.TRACKING: _("%(workspace)s may see whether I open its messages.") % name,
    }
    there = {
        Channel.EMAIL: contact.email,
        Channel.SMS: contact.phone,
        Channel.WHATSAPP: contact.phone,
        Channel.TRACKING: True,
    }
    return [
        Way(channel, wording, ledger.status_of(contact, channel))
        for channel, wording in wordings.items()
        if there[channel]
    ]


def choices(contact: Contact) -> dict[tuple[int, str], bool]:
    """What the person gets now, by topic and channel."""
    said = TopicChoice.objects.filter(contact=contact).values_list("topic_id", "channel", "wanted")
    found = {(topic.pk, channel): not topic.needs_choice for topic in Topic.objects.present() for channel in WRITABLE}
    return found | {(topic_id, channel): wanted for topic_id, channel, wanted in said if (topic_id, channel) in found}


def set_ways(contact: Contact, workspace, wanted: dict[str, bool], proof: dict) -> list[Way]:
    """Turn channels on and off. Returns those that could not be turned on: a bounce, a do-not-contact entry."""
    refused = []
    for way in ways(contact, workspace):
        if way.channel not in wanted or wanted[way.channel] == way.is_on:
            continue
        if wanted[way.channel]:
            granted = ledger.grant(contact, channel=way.channel, wording=way.wording, **_source(proof))
            refused += [] if granted else [way]
        else:
            ledger.withdraw(contact, channel=way.channel, **_source(proof))
    return refused


def set_choices(contact: Contact, wanted: dict[tuple[int, str], bool], proof: dict) -> None:
    """Write down what differs from before. A yes to a topic on a channel that is off is not: it would turn the channel
    on."""
    now = choices(contact)
    topics = {topic.pk: topic for topic in Topic.objects.present()}
    for (topic_id, channel), yes in wanted.items():
        if now.get((topic_id, channel)) in (None, yes):
            continue
        topic = topics[topic_id]
        if not yes:
            ledger.withdraw(contact, channel=channel, topic=topic, **_source(proof))
        elif ledger.status_of(contact, channel) == Contact.Status.SUBSCRIBED:
            ledger.grant(contact, channel=channel, topic=topic, wording=topic.name, **_source(proof))


def say_no_to_everything(contact: Contact, proof: dict) -> None:
    for channel in WRITABLE:
        ledger.withdraw(contact, channel=channel, **_source(proof))
    if contact.tracking_status == Contact.Status.SUBSCRIBED:
        ledger.withdraw(contact, channel=Channel.TRACKING, **_source(proof))


def take_back_number(contact: Contact, proof: dict) -> None:
    """The person deleted their number, and with it their yes to what was written to it: the next one begins anew."""
    for channel in (Channel.SMS, Channel.WHATSAPP):
        if ledger.status_of(contact, channel) == Contact.Status.SUBSCRIBED:
            ledger.withdraw(contact, channel=channel, **_source(proof))


def _source(proof: dict) -> dict:
    return {"source": Consent.Source.PREFERENCES, **proof}
