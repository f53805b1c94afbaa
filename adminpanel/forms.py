from django import forms
from django.utils.translation import gettext_lazy as _

from delivery import registry
from delivery.models import Control


class ControlForm(forms.ModelForm):
    channel = forms.ChoiceField(
        label=_("channel"),
        required=False,
        choices=lambda: [("", "–"), *registry.channel_choices()],
        help_text=_("Only for one channel."),
    )

    class Meta:
        model = Control
        fields = ["kind", "channel", "workspace", "reason"]

    def clean(self) -> dict:
        super().clean()
        data = self.cleaned_data
        kind = data.get("kind")
        if kind == Control.Kind.CHANNEL and not data.get("channel"):
            self.add_error("channel", _("Choose a channel."))
        if kind == Control.Kind.WORKSPACE and not data.get("workspace"):
            self.add_error("workspace", _("Choose a workspace."))
        if kind != Control.Kind.CHANNEL:
            data["channel"] = ""
        if kind != Control.Kind.WORKSPACE:
            data["workspace"] = None
        return data
