from django import forms
from django.utils.translation import gettext_lazy as _

from accounts import countries
from accounts.models import Workspace
from accounts.zones import zone_choices, zones_of
from kernel.edit_conflicts import NoticesConflicts
from kernel.forms import choice_field


class OrganisationForm(forms.ModelForm):
    country = forms.ChoiceField(label=_("Country"), choices=lambda: [("", _("Choose a country")), *countries.choices()])

    class Meta:
        model = Workspace
        fields = ["name", "country", "postal_address"]
        widgets = {"postal_address": forms.Textarea(attrs={"rows": 3, "autocomplete": "street-address"})}
        help_texts = {"postal_address": _("Required by law at the bottom of every message you send.")}


class LocaleForm(forms.ModelForm):
    """For a new workspace: the zone of its country is chosen, where it has one only."""

    time_zone = forms.ChoiceField(label=_("Time zone"), help_text=_("Used for scheduling and reports."))

    class Meta:
        model = Workspace
        fields = ["time_zone", "language"]
        help_texts = {"language": _("The language of the pages your contacts see, such as the unsubscribe page.")}

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        field = choice_field(self, "time_zone")
        field.choices = zone_choices(self.instance.time_zone)
        zones = zones_of(self.instance.country)
        if self.instance.onboarding == Workspace.Step.LOCALE and self.instance.time_zone not in zones:
            self.initial["time_zone"] = zones[0] if len(zones) == 1 else ""
            field.choices = [("", _("Choose a time zone")), *field.choices]


class WorkspaceForm(NoticesConflicts, OrganisationForm):
    time_zone = LocaleForm.base_fields["time_zone"]
    inactive_months = forms.IntegerField(
        label=_("Mark contacts as inactive after this many months without a click"),
        min_value=1,
        max_value=120,
        required=False,
        help_text=_(
            "Inactive contacts are left out of campaigns unless you include them. Leave empty to keep everyone active."
        ),
    )
    retention_months = forms.IntegerField(
        label=_("Delete contacts after this many months without activity"),
        min_value=6,
        max_value=240,
        required=False,
        help_text=_(
            "Contacts not edited, imported or active for this long go to the trash, then are deleted permanently "
            "after 30 days. In France, three years (36) is usual for prospects. Leave empty to keep them."
        ),
    )

    class Meta(OrganisationForm.Meta):
        fields = ["name", "country", "postal_address", "time_zone", "language", "tracks_opens", "inactive_months"]
        fields += ["retention_months"]
        help_texts = {
            **OrganisationForm.Meta.help_texts,
            **LocaleForm.Meta.help_texts,
            "tracks_opens": _(
                "Adds an invisible image to each message. In France, this requires the reader's consent (CNIL)."
            ),
        }

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        choice_field(self, "time_zone").choices = zone_choices(self.instance.time_zone)
