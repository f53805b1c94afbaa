"""How the dates and numbers of a column are read."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from contacts.forms.imports.columns import Column, Part
from contacts.imports import format_inference
from contacts.models import ContactField, ContactImport

Kind = ContactField.Kind
READINGS = {Kind.DATE.value: _("Date format"), Kind.NUMBER.value: _("Number format")}


class ReadingPart(Part):
    """Asked where a column has dates or numbers that are not obvious: short dates, and numbers that can be read in both
    ways."""

    template = "contacts/imports/columns/_reading.html"

    def fields(self, column: Column) -> dict[str, forms.Field]:
        if column.target not in (ContactImport.Target.CONTACTS, ContactImport.Target.EVENTS):
            return {}
        found: dict[str, forms.Field] = {}
        for kind, label in READINGS.items():
            example = getattr(column.evidence, kind)
            if not example or (kind == Kind.NUMBER and not format_inference.is_ambiguous(kind, example)):
                continue
            ways = [(way, format_inference.describe(kind, way, example)) for way in format_inference.WAYS[kind]]
            found[kind] = forms.ChoiceField(
                label=label,
                choices=ways if kind in column.reading else [("", _("Choose")), *ways],
                required=False,
                initial=column.reading.get(kind),
                error_messages={"invalid_choice": _("Choose how to read this column.")},
            )
        return found

    def reading(self, column: Column, answers: dict[str, Any]) -> dict[str, Any]:
        return {kind: answers[kind] for kind in READINGS if answers.get(kind)}
