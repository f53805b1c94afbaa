from typing import Any

from django import forms
from django.utils.html import format_html
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.models import Workspace
from contacts.identity.addresses import BadAddress, clean_email
from contacts.identity.phones import REASONS as PHONE_REASONS
from contacts.identity.phones import BadPhone, clean_phone
from contacts.imports.reasons import REASONS
from contacts.models import Company, CompanyContact
from kernel.edit_conflicts import NoticesConflicts
from kernel.links import workspace_url


class CompanyForm(NoticesConflicts, forms.ModelForm):
    """A company entered by hand. Its name must be unique, also without case."""

    email = forms.CharField(label=_("E-mail"), max_length=254, required=False, widget=forms.EmailInput)
    phone = forms.CharField(
        label=_("Phone"), max_length=40, required=False, widget=forms.TextInput(attrs={"type": "tel"})
    )
    website = forms.URLField(label=_("Website"), max_length=200, required=False, assume_scheme="https")

    class Meta:
        model = Company
        fields = ["name", "status", "kind", "industry", "size", "email", "phone", "website"]

    def __init__(self, *args: Any, workspace: Workspace, **kwargs: Any):
        self.workspace = workspace
        super().__init__(*args, **kwargs)
        self.fields["size"].help_text = _("For example: 12 people, or 50 to 250.")

    def clean_name(self) -> str:
        name = " ".join(self.cleaned_data["name"].split())
        other = Company.objects.filter(name_key=name.lower()).exclude(pk=self.instance.pk).first()
        if other is None:
            return name
        sentence = (
            gettext("There is a deleted company {name}. Restore it instead.")
            if other.deleted_at
            else gettext("There is a company {name} already.")
        )
        link = format_html(
            '<a href="{}">{}</a>', workspace_url(self.workspace, "contacts:company", pk=other.pk), other.name
        )
        raise forms.ValidationError(format_html(sentence, name=link), code="taken")

    def clean_industry(self) -> str:
        return " ".join(self.cleaned_data["industry"].split())

    def clean_email(self) -> str:
        if not self.cleaned_data["email"].strip():
            return ""
        try:
            return clean_email(self.cleaned_data["email"])
        except BadAddress as problem:
            raise forms.ValidationError(REASONS[str(problem)]) from None

    def clean_phone(self) -> str:
        if not self.cleaned_data["phone"].strip():
            return ""
        try:
            return clean_phone(self.cleaned_data["phone"], self.workspace.country)
        except BadPhone as problem:
            raise forms.ValidationError(PHONE_REASONS[str(problem)]) from None


class RoleForm(forms.ModelForm):
    class Meta:
        model = CompanyContact
        fields = ["role"]
