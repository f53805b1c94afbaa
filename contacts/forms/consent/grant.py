import datetime as dt
from typing import Any, NamedTuple, cast

from django import forms
from django.db import models
from django.utils import timezone, translation
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from contacts.consent import consent_rules, ledger, preferences
from contacts.models import Channel, Consent, Contact, Topic
from kernel.forms import model_choice_field
from kernel.templatetags.ui import colon

EARLIEST = dt.date(1970, 1, 1)


class Way(models.TextChoices):
    """How a yes reached the merchant."""

    PHONE = "phone", _("By phone")
    PAPER = "paper", _("On paper")
    IN_PERSON = "in_person", _("In person")


class ChannelSelect(forms.Select):
    """A choice of channels, of which `closed` can't be chosen."""

    closed: frozenset[str] = frozenset()

    def create_option(self, name: str, value: Any, *args: Any, **kwargs: Any) -> dict[str, Any]:
        option = super().create_option(name, value, *args, **kwargs)
        if value in self.closed:
            option["attrs"]["disabled"] = True
        return option


class Closed(NamedTuple):
    """Why no yes to a channel can be recorded: as the channel is shown, and for who chooses it all the same."""

    label: Promise
    problem: Promise


NO_ADDRESS = Closed(_("%(channel)s (no address)"), _("This contact has no address for this channel. Add it first."))
#: By what `ledger.why_closed` says.
CLOSED = {
    "unsubscribed": Closed(
        _("%(channel)s (said no: only they can say yes again)"),
        _("This contact opted out. Only they can resubscribe."),
    ),
    "bounced": Closed(
        _("%(channel)s (bounced)"),
        _("Messages to this address bounced. Correct the address first."),
    ),
    "complained": Closed(
        _("%(channel)s (reported as spam)"),
        _("This contact reported a message as spam. No consent can be recorded for this channel."),
    ),
    "suppressed": Closed(
        _("%(channel)s (on the suppression list)"),
        _("This address is on the suppression list. No consent can be recorded for it."),
    ),
}


class GrantForm(forms.Form):
    """A yes of an existing contact that reached a member. It changes nothing about a no: only the person can."""

    REFUSED = _("This address is on the suppression list, or another contact with the same number opted out.")

    channel = forms.ChoiceField(
        label=_("What did this person agree to?"), choices=Channel.choices, widget=ChannelSelect
    )
    topic = forms.ModelChoiceField(
        label=_("Topic"),
        queryset=Topic.objects.none(),
        required=False,
        empty_label=_("All topics"),
        help_text=_("If the person agreed to messages on one subject."),
    )
    way = forms.ChoiceField(label=_("How did this person agree?"), choices=Way.choices)
    day = forms.DateField(
        label=_("When did this person agree?"),
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
    )
    note = forms.CharField(
        label=_("Note"),
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Kept as proof: what they were asked, what they answered, and where the paper is."),
    )

    def __init__(self, *args: Any, contact: Contact, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.contact = contact
        reasons = {channel.value: self._why_closed(channel) for channel in Channel}
        self.closed = {channel: reason for channel, reason in reasons.items() if reason}
        given = (channel for channel in reasons if ledger.status_of(contact, channel) == Contact.Status.SUBSCRIBED)
        self.recorded = set(given) - self.closed.keys()
        self._say_what_is_known()
        self.fields["day"].initial = timezone.localdate
        topics = Topic.objects.present()
        if topics.exists():
            model_choice_field(self, "topic").queryset = topics
        else:
            del self.fields["topic"]

    def _say_what_is_known(self) -> None:
        """Before anything is typed: which channels are closed, and which have a yes already."""
        channels = cast(forms.ChoiceField, self.fields["channel"])
        channels.choices = [(channel.value, self._label(channel)) for channel in Channel]
        cast(ChannelSelect, channels.widget).closed = frozenset(self.closed)
        if self.initial.get("channel") not in Channel.values:
            # Never open tracking: nobody agrees to it because a member left what was chosen already.
            free = (channel for channel in preferences.WRITABLE if channel not in {*self.closed, *self.recorded})
            first = next(free, None)
            self.initial["channel"] = first
            if first is None:
                channels.choices = [("", _("Choose a channel")), *channels.choices]

    def _label(self, channel: Channel) -> str:
        label: str | Promise = "%(channel)s"
        if channel in self.closed:
            label = self.closed[channel].label
        elif channel in self.recorded:
            label = _("%(channel)s (yes already recorded)")
        return str(label) % {"channel": channel.label}

    def _why_closed(self, channel: str) -> Closed | None:
        column = consent_rules.ADDRESS.get(channel)
        if column and not getattr(self.contact, column):
            return NO_ADDRESS
        return CLOSED.get(ledger.why_closed(self.contact, channel))

    def clean_channel(self) -> str:
        channel = self.cleaned_data["channel"]
        if channel in self.closed:
            raise forms.ValidationError(str(self.closed[channel].problem))
        return channel

    def clean_day(self) -> dt.date:
        day = self.cleaned_data["day"]
        if not EARLIEST <= day <= timezone.localdate():
            raise forms.ValidationError(_("Enter a day that has passed."))
        return day

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("topic") and data.get("channel"):
            self._check_topic(data["channel"], data["topic"])
        if not self.errors and self._is_recorded(data):
            self.add_error(None, _("This yes has been recorded already."))
        return data

    def _is_recorded(self, data: dict[str, Any]) -> bool:
        """Whether the same was recorded before and still holds, by a second press of the button for instance."""
        if not ledger.holds_yes(self.contact, data["channel"], data.get("topic")):
            return False
        same = Consent.objects.filter(contact=self.contact, state=Consent.State.GRANTED, source=Consent.Source.MEMBER)
        said = {
            "channel": data["channel"],
            "topic": data.get("topic"),
            "claimed_on": data["day"],
            "wording": self.proof,
        }
        return same.filter(**said).exists()

    def _check_topic(self, channel: str, topic: Topic) -> None:
        """A topic turns no channel on: who agreed to one subject would get everything else, too."""
        if channel not in consent_rules.ADDRESS:
            self.add_error("topic", _("Open tracking has no topics."))
        elif ledger.status_of(self.contact, channel) != Contact.Status.SUBSCRIBED:
            self.add_error(
                "topic",
                _("A topic needs a yes to this channel first. Choose all topics if the person agreed to all of them."),
            )
        elif ledger.has_refused(self.contact, channel, topic):
            self.add_error("topic", _("This contact opted out of this topic. Only they can choose it again."))

    @property
    def proof(self) -> str:
        """What the ledger keeps as the wording, in the workspace's language: members read it in several."""
        with translation.override(self.contact.workspace.language):
            return f"{colon(Way(self.cleaned_data['way']).label)} {self.cleaned_data['note']}"

    @property
    def at(self) -> dt.datetime:
        """When the yes counts from: now, or the beginning of an earlier day. The ledger keeps the day itself, too."""
        day = self.cleaned_data["day"]
        if day == timezone.localdate():
            return timezone.now()
        return timezone.make_aware(dt.datetime.combine(day, dt.time.min))
