"""What the values of a column say about consent."""

from __future__ import annotations

from typing import Any

from django import forms

from contacts.forms.imports import consent_columns
from contacts.forms.imports.columns import BoundPart, Column, Part
from contacts.forms.imports.consent_columns import ConsentValues
from contacts.imports.consent_answers import ANSWERS
from contacts.models import ContactImport


class ConsentPart(Part):
    """Asked where a column says who agreed and who refused; where such a column is left out, a warning."""

    template = "contacts/imports/columns/_consent.html"

    def fields(self, column: Column) -> dict[str, forms.Field]:
        return values_of(column).fields

    def reading(self, column: Column, answers: dict[str, Any]) -> dict[str, Any]:
        return {"consent": column.reading.get("consent", {}) | values_of(column).chosen(answers)}

    def context(self, part: BoundPart) -> dict[str, Any]:
        found = values_of(part.column)
        return {
            "fields": [(field, name in found.unknown) for name, field in part.fields.items()],
            "values": found,
        }


def values_of(column: Column) -> ConsentValues:
    """The questions about the column's values."""
    if column.target != ContactImport.Target.CONTACTS:
        return ConsentValues()
    return consent_columns.values_of(column.sample, column.n, column.reading, asked=column.chosen in ANSWERS)
