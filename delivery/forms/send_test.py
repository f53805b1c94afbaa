from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from delivery import registry
from delivery.models import ProviderAccount, Sender
from kernel.forms import choice_field, model_choice_field


class TestForm(forms.Form):
    """Where a test goes: to a member, or to somebody else who agreed."""

    to = forms.ChoiceField(label=_("Send to"))

    def __init__(self, *args, person: User, channel: str, **kwargs):
        super().__init__(*args, **kwargs)
        addresses = registry.channel(channel).test_recipients(person)
        choice_field(self, "to").choices = [(address, address) for address in addresses]


class TemplateTestForm(TestForm):
    """Also from which sender through which account, which a campaign knows."""

    sender: forms.ModelChoiceField[Sender] = forms.ModelChoiceField(label=_("Sender"), queryset=None, empty_label=None)
    account: forms.ModelChoiceField[ProviderAccount] = forms.ModelChoiceField(
        label=_("Send with"), queryset=None, empty_label=None
    )

    def __init__(self, *args, channel: str, **kwargs):
        super().__init__(*args, channel=channel, **kwargs)
        model_choice_field(self, "sender").queryset = Sender.objects.present().filter(channel=channel)
        model_choice_field(self, "account").queryset = ProviderAccount.serving(channel)
