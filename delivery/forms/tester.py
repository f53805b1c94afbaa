from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from contacts.identity.addresses import BadAddress, clean_email
from contacts.imports.reasons import REASONS


class TesterForm(forms.Form):
    email = forms.CharField(label=_("E-mail"), max_length=254, widget=forms.EmailInput(attrs={"autocomplete": "off"}))

    def clean_email(self) -> str:
        try:
            return clean_email(self.cleaned_data["email"])
        except BadAddress as problem:
            raise forms.ValidationError(REASONS[str(problem)]) from None
