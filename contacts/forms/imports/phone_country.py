"""The country of a column's phone numbers."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts import countries
from contacts.forms.imports.columns import Column, Part
from contacts.imports.phone_countries import country_code

#: The id of the page's one list of countries: an own list of 250 for each of 500 columns makes 5 MB.
COUNTRIES = "countries"


class CountryField(forms.CharField):
    """A country by its name, or by its ISO code, which is what it becomes."""

    default_error_messages = {"invalid": _("Choose a country from the list.")}

    def prepare_value(self, value: Any) -> Any:
        return countries.name(value) if isinstance(value, str) else value

    def clean(self, value: Any) -> str:
        text = super().clean(value)
        code = (country_code(text) or country_code(text.upper())) if text else ""
        if code is None:
            raise forms.ValidationError(self.error_messages["invalid"], code="invalid")
        return code


class PhoneCountryPart(Part):
    """Asked where a column has digits, and shown where it holds phone numbers."""

    template = "contacts/imports/columns/_phone_country.html"

    def fields(self, column: Column) -> dict[str, forms.Field]:
        if not any(any(map(str.isdigit, text)) for text in column.values):
            return {}
        return {
            "country": CountryField(
                label=_("Country of numbers without a country code"),
                required=False,
                max_length=100,
                initial=column.reading.get("country", ""),
                widget=forms.TextInput(
                    attrs={
                        "list": COUNTRIES,
                        "autocomplete": "off",
                        "placeholder": _("As in the workspace's settings"),
                    }
                ),
            )
        }

    def reading(self, column: Column, answers: dict[str, Any]) -> dict[str, Any]:
        return {"country": answers.get("country") or ""}
