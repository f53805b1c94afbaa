"""The country of a column's phone numbers."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts import countries
from contacts.forms.imports.columns import Column, Part


class PhoneCountryPart(Part):
    """Asked where a column has digits, and shown where it holds phone numbers."""

    template = "contacts/imports/columns/_phone_country.html"

    def fields(self, column: Column) -> dict[str, forms.Field]:
        if not any(any(map(str.isdigit, text)) for text in column.values):
            return {}
        return {
            "country": forms.ChoiceField(
                label=_("Country of numbers without a country code"),
                choices=[("", _("As in the workspace's settings")), *countries.choices()],
                required=False,
                initial=column.reading.get("country", ""),
            )
        }

    def reading(self, column: Column, answers: dict[str, Any]) -> dict[str, Any]:
        return {"country": answers.get("country") or ""}
