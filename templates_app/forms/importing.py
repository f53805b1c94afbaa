from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from templates_app.importing.sources import MAX_HTML

ENDINGS = ".html,.htm,.zip,.mjml"


class ImportForm(forms.Form):
    """Either a file or a text."""

    file = forms.FileField(
        label=_("File"),
        required=False,
        allow_empty_file=True,
        widget=forms.FileInput(attrs={"accept": ENDINGS}),
    )
    text = forms.CharField(
        label=_("HTML or MJML"),
        required=False,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 10, "spellcheck": "false", "class": "mono"}),
    )
    name = forms.CharField(
        label=_("Name of the template"),
        required=False,
        max_length=120,
        help_text=_("Leave empty to take the message's own title."),
    )

    def clean(self) -> dict[str, Any]:
        super().clean()
        file, text = self.cleaned_data.get("file"), self.cleaned_data.get("text") or ""
        if file is None and not text.strip() and not self.errors:
            raise forms.ValidationError(_("Choose a file, or paste the message."))
        if file is not None and text.strip():
            raise forms.ValidationError(_("Choose a file or paste the message, not both."))
        if len(text) > MAX_HTML:
            raise forms.ValidationError(_("This text is too long for a message."))
        return self.cleaned_data
