from django import forms

from delivery.models import ProviderAccount


class AccountForm(forms.ModelForm):
    """A provider account. A provider's form adds fields and names them in `option_fields` and `secret_fields`."""

    option_fields: tuple[str, ...] = ()
    secret_fields: tuple[str, ...] = ()

    class Meta:
        model = ProviderAccount
        fields = ["name"]

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        for name in self.option_fields:
            if name in self.instance.options:
                self.fields[name].initial = self.instance.options[name]

    def save(self, commit: bool = True) -> ProviderAccount:
        self.instance.options = {name: self.cleaned_data[name] for name in self.option_fields}
        # Secrets are write-only: an empty field keeps what is stored.
        given = {name: self.cleaned_data[name] for name in self.secret_fields if self.cleaned_data[name]}
        if given:
            self.instance.secret = {**(self.instance.secret or {}), **given}
        return super().save(commit)
