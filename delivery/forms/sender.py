from django import forms
from django.utils.translation import gettext_lazy as _

from contacts.identity.addresses import BadAddress, clean_email
from delivery.header_text import is_one_line
from delivery.models import Sender


class SenderForm(forms.ModelForm):
    class Meta:
        model = Sender
        fields = ["name", "email", "reply_to"]

    def clean_name(self) -> str:
        name = self.cleaned_data["name"]
        if not is_one_line(name):
            raise forms.ValidationError(_("A name can't contain line breaks or hidden marks."))
        return name

    def clean_email(self) -> str:
        try:
            return clean_email(self.cleaned_data["email"])
        except BadAddress:
            raise forms.ValidationError(_("Enter a valid e-mail address.")) from None
