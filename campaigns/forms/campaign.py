from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.zones import zone_choices
from campaigns.forms import audience
from campaigns.forms.audience import GroupsField, read_groups
from campaigns.models import Campaign
from contacts.models import Topic
from contacts.segments.audience import Audience
from delivery.models import ProviderAccount, Sender
from templates_app.merging import MergeError, check
from templates_app.models import MessageTemplate


class CampaignForm(forms.ModelForm):
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
        self.fields["sender"].queryset = Sender.objects.present()
        self.fields["template"].queryset = (
            MessageTemplate.objects.present().defer("html", "text").order_by("-updated_at")
        )
        self.fields["account"].queryset = ProviderAccount.objects.present()
        self.fields["topic"].queryset = Topic.objects.present()
        self.fields["topic"].empty_label = _("No topic")
        if not self.instance.topic_id and not self.fields["topic"].queryset.exists():
            del self.fields["topic"]
        self.fields["sender"].empty_label = self.fields["template"].empty_label = _("Select")
        self.fields["account"].empty_label = _("Default account")
        for name in ("sender", "template"):
            self.fields[name].required = False
        for name in ("sender", "template", "subject"):
            self.fields[name].needed_later = True  # a draft may lack it, a campaign that is sent may not
        people = self.instance.people
        self.fields["include"].initial = audience.keys(people.include)
        self.fields["exclude"].initial = audience.keys(people.exclude)
        self.fields["with_inactive"].initial = people.with_inactive

    def pickers(self) -> list:
        """(field, picker) of the audience's halves, with what was searched for."""
        fields = [self["include"], self["exclude"]]
        found = [audience.picker(field.name, field.label, read_groups(field.value() or [])) for field in fields]
        return [(field, picker.search_sent(self.data)) for field, picker in zip(fields, found, strict=True)]

    def is_search(self) -> bool:
        """Whether the form was only sent to find groups: by a search's button, or by Enter in its field. Then nothing
        is missing from it yet."""
        searched = any(self.data.get(f"find-{name}", "").strip() for name in ("include", "exclude"))
        return "refresh" in self.data or ("enter" in self.data and searched)

    def full_clean(self):
        super().full_clean()
        if self.is_search():
            self.errors.clear()

    def clean_subject(self):
        return self._merged("subject")

    def clean_preheader(self):
        return self._merged("preheader")

    def _merged(self, name):
        text = self.cleaned_data[name]
        if any(char in text for char in "\r\n\0"):
            raise forms.ValidationError(_("This must fit on one line. Remove the line break."))
        try:
            check(text, html=False)
        except MergeError as problem:
            raise forms.ValidationError(str(problem)) from None
        return text

    def save(self, commit=True):
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
    """A date and time on some clock. Django would place it in the current zone and refuse what is missing there."""

    def to_python(self, value):
        if value in self.empty_values:
            return None
        for pattern in self.input_formats:
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
        self.fields["zone"].choices = zone_choices()
