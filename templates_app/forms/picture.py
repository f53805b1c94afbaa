from typing import Any

from django import forms
from django.core.files import File
from django.utils.translation import gettext_lazy as _

from kernel import parameters
from kernel.forms import NameField, hide_optional
from templates_app.models import Picture

MAX_AT_ONCE = 20


class _SeveralFiles(forms.ClearableFileInput):
    allow_multiple_selected = True


class SeveralFilesField(forms.FileField):
    """Up to MAX_AT_ONCE files of one field; what is in them is checked one by one."""

    widget = _SeveralFiles

    def clean(self, data: Any, initial: Any = None) -> list[File]:
        given = data if isinstance(data, list | tuple) else [data]
        if len(given) > MAX_AT_ONCE:
            raise forms.ValidationError(_("Upload at most %(most)d pictures at once."), params={"most": MAX_AT_ONCE})
        return [super(SeveralFilesField, self).clean(file, initial) for file in given]


class UploadForm(forms.Form):
    # An empty file and a long name are answered like any other file that can't be read.
    pictures = SeveralFilesField(label=_("Pictures"), allow_empty_file=True)


class ReplaceForm(forms.Form):
    """The new file, and the ids of the templates that the member has seen in the list, separated by commas."""

    picture = forms.FileField(label=_("New picture"), allow_empty_file=True)
    seen = forms.CharField(widget=forms.HiddenInput, required=False)

    def clean_seen(self) -> set[int]:
        return set(parameters.as_numbers(self.cleaned_data["seen"].split(",")))


class PictureForm(forms.ModelForm):
    """What a picture is called and what it shows."""

    class Meta:
        model = Picture
        fields = ["name", "alt", "is_decorative"]
        field_classes = {"name": NameField}
        widgets = {"alt": forms.Textarea(attrs={"rows": 2})}
        labels = {"is_decorative": _("Decorative: has no alt text on purpose")}
        help_texts = {
            "alt": _("What it shows, in a sentence. Read aloud, and shown where pictures are switched off."),
        }

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        hide_optional(self, "alt")

    def clean_alt(self) -> str:
        return " ".join(self.cleaned_data["alt"].split())

    def clean(self) -> dict[str, Any]:
        """Words win over the mark: who writes what a picture shows doesn't call it decorative."""
        data = super().clean() or {}
        if data.get("alt"):
            data["is_decorative"] = False
        return data
