from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from contacts.identity.addresses import BadAddress, clean_email, needs_utf8
from delivery.channels.email.header_text import is_one_line
from delivery.models import Sender
from kernel.edit_conflicts import NoticesConflicts
from kernel.forms import saved_once

TAKEN = _("There is already a sender with this name and address.")


class SenderForm(NoticesConflicts, forms.ModelForm):
    envelope = forms.EmailField(
        label=_("Bounce address"),
        required=False,
        help_text=_(
            "Where servers return what can't be delivered (Return-Path). Leave empty to use the address above. Used by "
            "SMTP accounts; other providers have their own."
        ),
    )

    class Meta:
        model = Sender
        fields = ["name", "email", "reply_to"]

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["envelope"].initial = self.instance.envelope

    def clean_name(self) -> str:
        name = self.cleaned_data["name"]
        if not is_one_line(name):
            raise forms.ValidationError(_("A name can't contain line breaks or hidden marks."))
        return name

    def clean_email(self) -> str:
        return _as_stored(self.cleaned_data["email"])

    def clean_envelope(self) -> str:
        envelope = self.cleaned_data["envelope"]
        return _as_stored(envelope) if envelope else ""

    def clean_reply_to(self) -> str:
        reply_to = self.cleaned_data["reply_to"]
        return _as_stored(reply_to) if reply_to else ""

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if {"name", "email"} <= data.keys():
            others = Sender.objects.present().filter(channel=self.instance.channel).exclude(pk=self.instance.pk)
            if others.filter(name=data["name"], email=data["email"]).exists():
                self.add_error("name", TAKEN)
        return data

    def save(self, commit: bool = True) -> Sender:
        self.instance.identity = {"envelope": self.cleaned_data["envelope"]} if self.cleaned_data["envelope"] else {}
        return super().save(commit)

    def saved(self) -> bool:
        """Save the form if it is valid. False if it isn't, or if somebody else has just saved the same sender."""
        return self.is_valid() and saved_once(self, "name", TAKEN)


def _as_stored(address: str) -> str:
    """Raises ValidationError. Many servers refuse a sender that needs SMTPUTF8, so there is none."""
    try:
        address = clean_email(address)
    except BadAddress:
        raise forms.ValidationError(_("Enter a valid e-mail address.")) from None
    if needs_utf8(address):
        raise forms.ValidationError(_("Use only letters without accents before the @ of a sender."))
    return address
