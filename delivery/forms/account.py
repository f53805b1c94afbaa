from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from delivery import registry
from delivery.models import ProviderAccount
from kernel.forms import NameField


class AccountForm(forms.ModelForm):
    """A provider account. A provider's form adds fields and names them in `option_fields` and `secret_fields`.

    Secrets are write-only, and go only where they were given for: whoever changes an option has to enter them again.
    Otherwise somebody who may edit the account could have its password sent to a server of their own.
    `harmless_options` are those that do not say where the secrets go, for whom, or how protected.
    """

    option_fields: tuple[str, ...] = ()
    harmless_options: tuple[str, ...] = ()
    secret_fields: tuple[str, ...] = ()

    class Meta:
        model = ProviderAccount
        fields = ["name"]
        field_classes = {"name": NameField}

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        offered = self._offered()
        if len(offered) > 1:
            choices = [choice for choice in registry.channel_choices() if choice[0] in offered]
            self.fields["channels"] = forms.MultipleChoiceField(
                label=_("Used for"), choices=choices, widget=forms.CheckboxSelectMultiple, initial=self._channels()
            )
        for name in self.option_fields:
            if name in self.instance.options:
                self.fields[name].initial = self.instance.options[name]

    def clean(self) -> dict[str, Any] | None:
        data = super().clean()
        if self.uses_secrets() and self._is_moved():
            for name in self._kept_secrets():
                self.add_error(name, _("Enter it again: it was given for the previous settings."))
        if self.uses_secrets() and self.instance.has_lost_secret:
            for name in self.secret_fields:
                if not self.cleaned_data.get(name) and name not in self.errors:
                    self.add_error(name, _("Enter it again: what was stored can't be read any more."))
        return data

    def _channels(self) -> list[str]:
        """Those that the account serves; a new one serves all that its provider can."""
        return self.instance.channels if self.instance.pk else self._offered()

    def _offered(self) -> list[str]:
        return list(self.instance.kind.channels) if self.instance.provider else self.instance.channels

    def save(self, commit: bool = True) -> ProviderAccount:
        self.instance.channels = self.cleaned_data.get("channels", self._channels())
        kept = self._kept_secrets() if self.uses_secrets() else {}
        given = {name: self.cleaned_data[name] for name in self.secret_fields if self.cleaned_data[name]}
        before = self.instance.options
        self.instance.options = {name: self.cleaned_data[name] for name in self.option_fields}
        self.instance.secret = (kept | given) or None
        super().save(commit=False)
        self.fill_in(before)
        if commit:
            self.instance.save()
            self.instance.leave_channels()
        return self.instance

    def fill_in(self, before: dict) -> None:
        """What a provider's form sets on its instance before it is stored. `before`: the options that it had."""

    def uses_secrets(self) -> bool:
        """Whether the account as entered sends its stored secrets to anybody. If not, they are deleted."""
        return True

    def _is_moved(self) -> bool:
        binding = set(self.option_fields) - set(self.harmless_options)
        # An account that was stored before a field existed has no value for it.
        return any((self.instance.options.get(name) or "") != (self.cleaned_data.get(name) or "") for name in binding)

    def _kept_secrets(self) -> dict[str, str]:
        """The stored secrets whose fields were left empty."""
        stored = self.instance.readable_secret
        empty = [name for name in self.secret_fields if self.cleaned_data.get(name) == ""]
        return {name: stored[name] for name in empty if stored.get(name)}
