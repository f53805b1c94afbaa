from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _


class ErasureForm(forms.Form):
    """Erasing can't be undone, so the member must type the person's address."""

    handle = forms.CharField(
        max_length=300,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
        error_messages={"required": _("Type it to continue.")},
    )

    def __init__(self, *args: Any, handle: str, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self._handle = handle
        self.fields["handle"].label = _("Type %(handle)s to erase this person permanently") % {"handle": handle}

    def clean_handle(self) -> str:
        if self.cleaned_data["handle"].strip().lower() != self._handle.lower():
            raise forms.ValidationError(_("This doesn't match the text above. Nothing was erased."))
        return self._handle
