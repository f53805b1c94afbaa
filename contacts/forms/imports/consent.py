"""How the people in the file agreed."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from contacts.models import Channel, Consent


class ConsentFields(forms.Form):
    consent_source = forms.CharField(
        label=_("How did these people agree to hear from you?"),
        max_length=300,
        widget=forms.TextInput(attrs={"placeholder": _("For example: newsletter form on our site since 2023")}),
        help_text=_("Kept with each contact as proof (GDPR, article 7). People who opted out stay opted out."),
        error_messages={"required": _("Enter how these people agreed. Nobody can be subscribed without it.")},
    )
    channels = forms.MultipleChoiceField(
        label=_("They agreed to"),
        choices=[(c.value, c.label) for c in (Channel.EMAIL, Channel.SMS, Channel.WHATSAPP)],
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    basis = forms.ChoiceField(label=_("Lawful basis"), choices=Consent.Basis, required=False)
    confirmed = forms.BooleanField(
        label=_("Everyone in this file agreed to receive marketing from us."),
        error_messages={"required": _("Confirm that everyone in the file agreed.")},
    )

    def clean(self) -> dict[str, Any] | None:
        """Whoever chooses no channel claims nothing: then nobody is subscribed, and there is nothing to prove."""
        cleaned = super().clean()
        if "channels" in self.fields and not self.cleaned_data.get("channels"):
            for name, nothing in (("consent_source", ""), ("confirmed", False)):
                if name not in self.cleaned_data and self.has_error(name, code="required"):
                    del self.errors[name]
                    self.cleaned_data[name] = nothing
        return cleaned
