from django import forms
from django.utils.translation import gettext_lazy as _

from accounts import countries
from accounts.models import Workspace
from accounts.zones import zone_choices


class OrganisationForm(forms.ModelForm):
    country = forms.ChoiceField(label=_("Country"), choices=lambda: [("", _("Choose a country")), *countries.choices()])

    class Meta:
        model = Workspace
        fields = ["name", "country", "postal_address"]
        widgets = {"postal_address": forms.Textarea(attrs={"rows": 3, "autocomplete": "street-address"})}
        help_texts = {"postal_address": _("The law asks for it at the foot of every message you send.")}


class LocaleForm(forms.ModelForm):
    time_zone = forms.ChoiceField(
        label=_("Time zone"), choices=zone_choices, help_text=_("Schedules and reports use it.")
    )

    class Meta:
        model = Workspace
        fields = ["time_zone", "language"]
        help_texts = {"language": _("The language of the pages your contacts see, such as the unsubscribe page.")}


class WorkspaceForm(OrganisationForm):
    time_zone = LocaleForm.base_fields["time_zone"]
    inactive_months = forms.IntegerField(
        label=_("Months without a click until a contact counts as inactive"),
        min_value=1,
        max_value=120,
        required=False,
        help_text=_("Inactive contacts are left out of campaigns unless you ask for them. Empty: never."),
    )
    retention_months = forms.IntegerField(
        label=_("Months without a sign of life until a contact is deleted"),
        min_value=6,
        max_value=240,
        required=False,
        help_text=_(
            "Who was not edited, imported or heard of for so long goes to the trash, and 30 days later for good. "
            "In France, three years (36) is usual for prospects. Empty: never."
        ),
    )

    class Meta(OrganisationForm.Meta):
        fields = ["name", "country", "postal_address", "time_zone", "language", "tracks_opens", "inactive_months"]
        fields += ["retention_months"]
        help_texts = {
            **OrganisationForm.Meta.help_texts,
            **LocaleForm.Meta.help_texts,
            "tracks_opens": _(
                "Adds an invisible image to each message. In France it needs the reader's consent (CNIL)."
            ),
        }
