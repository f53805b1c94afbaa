"""What the forms of all providers with keys share."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from delivery.forms.limits import LimitedAccountForm

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise  # exists in django-stubs only


def one_word(value: str) -> None:
    if not value.isascii() or not value.isprintable() or " " in value:
        raise ValidationError(_("A key can't contain spaces, line breaks or accents. Copy it again."))


def key_field(label: str | _StrPromise) -> forms.CharField:
    return forms.CharField(
        label=label,
        max_length=500,
        validators=[one_word],
        widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
        help_text=_("Stored encrypted and never shown again. Leave empty to keep the current one."),
    )


class KeyForm(LimitedAccountForm):
    """An account that needs all of its secrets: each must be entered once."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        stored = self.instance.readable_secret
        for name in self.secret_fields:
            self.fields[name].required = not stored.get(name)
