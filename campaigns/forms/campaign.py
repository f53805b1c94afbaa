from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django import forms
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.zones import zone_choices
from campaigns.forms import audience
from campaigns.forms.audience import GroupsField, read_groups
from campaigns.models import Campaign
from contacts.models import Topic
from contacts.segments.audience import Audience
from delivery import registry
from delivery.models import ProviderAccount, Sender
from kernel.edit_conflicts import NoticesConflicts
from kernel.forms import choice_field, model_choice_field
from templates_app.merging import MergeError, check
from templates_app.models import LARGE, MessageTemplate


def is_search(data: Mapping[str, Any]) -> bool:
    """Whether the form was sent only to search for groups: by the search's button, or by Enter in its field. It is not
    validated then."""
    searched = any(data.get(f"find-{name}", "").strip() for name in ("include", "exclude"))
    return "refresh" in data or ("enter" in data and searched)


def one_line(text: str) -> None:
    """Raises ValidationError for a text that is more than a line, or whose merge tags can't be read."""
    if any(char in text for char in "\r\n\0"):
        raise forms.ValidationError(_("This must fit on one line. Remove the line break."))
    try:
        check(text, html=False)
    except MergeError as problem:
        raise forms.ValidationError(str(problem)) from None


class CampaignForm(NoticesConflicts, forms.ModelForm):
    include = GroupsField(label=_("Send to"), required=False, help_text=_("Leave empty to send to all subscribers."))
    exclude = GroupsField(label=_("Except"), required=False)
    with_inactive = forms.BooleanField(
        label=_("Include inactive contacts"),
        required=False,
        help_text=_("Otherwise, contacts who haven't clicked for a long time are left out."),
    )

    class Meta:
        model = Campaign
        fields = ["name", "sender", "account", "subject", "preheader", "template", "topic"]
        help_texts = {
            "name": _("Only your team sees this name."),
            "subject": _("You can use merge tags here."),
            "preheader": _("Shown after the subject in the inbox."),
            "topic": _("People who opted out of this topic are left out."),
        }

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        channel = self.instance.channel
        # An archived one stays where it is chosen.
        is_offered = Q(archived_at=None) | Q(pk=self.instance.template_id)
        templates = MessageTemplate.objects.present().filter(is_offered, channel=channel, original=None)
        topics = Topic.objects.present()
        for name, rows, empty_label in (
            ("sender", Sender.objects.present().filter(channel=channel), _("Select")),
            ("template", templates.defer(*LARGE).order_by("-updated_at"), _("Select")),
            ("account", ProviderAccount.serving(channel), _("Default account")),
            ("topic", topics, _("No topic")),
        ):
            field = model_choice_field(self, name)
            field.queryset, field.empty_label = rows, empty_label
        if not self.instance.topic_id and not topics.exists():
            del self.fields["topic"]
        for name in {"subject", "preheader"} - set(registry.channel(channel).draft_fields):
            del self.fields[name]
        for name in ("sender", "template"):
            self.fields[name].required = False
        for name in {"sender", "template", "subject"} & self.fields.keys():
            # Optional in a draft, required for sending.
            self.fields[name].needed_later = True  # type: ignore[attr-defined]  # for templates/forms/field.html
        people = self.instance.people
        self.fields["include"].initial = audience.keys(people.include)
        self.fields["exclude"].initial = audience.keys(people.exclude)
        self.fields["with_inactive"].initial = people.with_inactive

    def pickers(self) -> list:
        """(field, picker) for the groups to include and to exclude, with the results of a search that was sent."""
        fields = [self["include"], self["exclude"]]
        found = [audience.picker(field.name, str(field.label), read_groups(field.value() or [])) for field in fields]
        return [(field, picker.search_sent(self.data)) for field, picker in zip(fields, found, strict=True)]

    def is_saving(self) -> bool:
        return not is_search(self.data)

    def full_clean(self) -> None:
        super().full_clean()
        if not self.is_saving():
            self.errors.clear()

    def clean_subject(self) -> str:
        return self._checked_line("subject")

    def clean_preheader(self) -> str:
        return self._checked_line("preheader")

    def _checked_line(self, name: str) -> str:
        one_line(self.cleaned_data[name])
        return self.cleaned_data[name]

    def save(self, commit: bool = True) -> Campaign:
        self.instance.audience = self.people().data()
        return super().save(commit)

    def people(self) -> Audience:
        data = self.cleaned_data
        return Audience(
            read_groups(data.get("include", [])),
            read_groups(data.get("exclude", [])),
            with_inactive=data.get("with_inactive", False),
        )


class WallTimeField(forms.DateTimeField):
    """A date and time without a zone. Django's own field would convert it to the current zone, and refuse times that do
    not exist there."""

    def to_python(self, value: Any) -> datetime | None:
        if value in self.empty_values:
            return None
        for pattern in self.input_formats or ():
            try:
                return self.strptime(value.strip(), pattern)
            except (ValueError, TypeError):
                continue
        raise forms.ValidationError(self.error_messages["invalid"], code="invalid")


class ScheduleForm(forms.Form):
    at = WallTimeField(
        label=_("Date and time"),
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}),
        input_formats=["%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M:%S"],
        error_messages={"invalid": _("Enter a date and time, such as 2026-12-24 09:30.")},
    )
    zone = forms.ChoiceField(label=_("Time zone"))

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        choice_field(self, "zone").choices = zone_choices(self.initial.get("zone", ""))
