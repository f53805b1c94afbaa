from __future__ import annotations

from typing import cast

from django import forms
from django.utils.translation import gettext_lazy as _

from delivery.models import ProviderAccount, Sender


class TestSendForm(forms.Form):
    """Where a test goes, and from which sender through which account."""

    to = forms.EmailField(label=_("Send to"), max_length=254)
    sender: forms.ModelChoiceField[Sender] = forms.ModelChoiceField(label=_("Sender"), queryset=None, empty_label=None)
    account: forms.ModelChoiceField[ProviderAccount] = forms.ModelChoiceField(
        label=_("Send with"), queryset=None, empty_label=None
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        cast(forms.ModelChoiceField, self.fields["sender"]).queryset = Sender.objects.present()
        cast(forms.ModelChoiceField, self.fields["account"]).queryset = ProviderAccount.objects.present().order_by(
            "-is_default", "name"
        )
