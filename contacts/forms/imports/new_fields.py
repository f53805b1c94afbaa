"""The new field that a column becomes."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from contacts.forms.imports.columns import Column, Part
from contacts.imports import format_inference, kind_examples
from contacts.imports.kind_examples import KindExamples
from contacts.models import ContactField

Kind = ContactField.Kind
# Without CHOICE: the choices are entered on the page of the fields, since a file's first rows may not show all of them.
NEW_KINDS = [(kind.value, kind.label) for kind in Kind if kind != Kind.CHOICE]


class NewFieldPart(Part):
    """Its label and kind, with examples of what each kind would change."""

    template = "contacts/imports/columns/_new_field.html"

    def fields(self, column: Column) -> dict[str, forms.Field]:
        if not column.new_name:
            return {}
        return {
            "label": forms.CharField(
                label=_("Name of the field"),
                max_length=80,
                required=False,
                initial=column.new_label,
                widget=forms.TextInput(attrs={"autocomplete": "off"}),
            ),
            "kind": ChoiceOfKind(column),
        }


class ChoiceOfKind(forms.ChoiceField):
    def __init__(self, column: Column):
        super().__init__(label=_("Type"), choices=NEW_KINDS, required=False, initial=column.new_kind)
        self.column = column

    def examples(self) -> list[tuple[str, KindExamples]]:
        """For each kind, what it would change in the column's values."""
        options = self.column.conventions | format_inference.read_options(self.column.reading)
        return [(kind, kind_examples.of(kind, self.column.values, options)) for kind, _label in NEW_KINDS]
