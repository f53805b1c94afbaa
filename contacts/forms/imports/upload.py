from django import forms
from django.utils.translation import gettext_lazy as _

from contacts.models import ContactImport

Target = ContactImport.Target


class UploadForm(forms.Form):
    file = forms.FileField(
        label=_("CSV or Excel file"),
        widget=forms.FileInput(attrs={"accept": ".csv,.txt,.tsv,.xlsx,.xls,.ods,.vcf,.json,text/csv,text/plain"}),
        error_messages={"required": _("Choose a file first."), "empty": _("The file is empty.")},
    )
    target = forms.ChoiceField(
        label=_("What does it contain?"),
        choices=Target,
        initial=Target.CONTACTS,
        required=False,
        widget=forms.Select,
    )

    def clean_target(self) -> str:
        return self.cleaned_data["target"] or Target.CONTACTS
