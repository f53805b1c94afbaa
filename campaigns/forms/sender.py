from django import forms
from django.utils.translation import gettext_lazy as _

from delivery.models import Sender
from kernel.forms import model_choice_field


class OtherSenderForm(forms.Form):
    sender: forms.ModelChoiceField = forms.ModelChoiceField(
        label=_("Sender"),
        queryset=Sender.objects.none(),
        empty_label=None,
        help_text=_("Messages already sent keep their sender."),
    )

    def __init__(self, *args, channel: str, **kwargs):
        super().__init__(*args, **kwargs)
        model_choice_field(self, "sender").queryset = Sender.objects.present().filter(channel=channel)
