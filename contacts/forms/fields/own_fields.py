"""Form fields for the workspace's own fields: the input depends on the kind, and the value is stored as JSON."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.models import Workspace
from contacts.fields import values
from contacts.fields.values import Value
from contacts.models import ContactField

Kind = ContactField.Kind
YES_NO = [("", "–"), ("true", _("Yes")), ("false", _("No"))]


class OwnField(forms.CharField):
    """The value of one own field. Text that doesn't fit the kind gets a message; an old value that is not changed stays
    as it is."""

    def __init__(self, own: ContactField, present: Value, workspace: Workspace):
        self.own, self.present, self.conventions = own, present, values.conventions(workspace)
        super().__init__(
            label=own.label,
            required=False,
            max_length=values.MAX_TEXT_LENGTH,
            initial=_as_input(present),
            widget=_widget(own, present),
        )

    def clean(self, value: Any) -> Value:
        text = super().clean(value)
        if self.present is not None and text == _as_input(self.present):
            return self.present
        try:
            return values.read(self.own, text, **self.conventions)
        except values.BadValue as problem:
            raise forms.ValidationError(values.REASONS[str(problem)]) from None


class OwnFields(forms.ModelForm):
    """Base of a contact's form, with the workspace's own fields. It sets the attributes of its instance."""

    workspace: Workspace
    own: list[ContactField]

    def add_own_fields(self) -> None:
        self.own = list(ContactField.objects.present())
        for own in self.own:
            present = self.instance.attributes.get(own.name)
            self.fields[f"own_{own.name}"] = OwnField(own, present, self.workspace)

    def own_names(self) -> list[str]:
        return [f"own_{own.name}" for own in self.own]

    def clean(self) -> dict[str, Any]:
        super().clean()
        data = self.cleaned_data
        kept = dict(self.instance.attributes)
        for own in self.own:
            if f"own_{own.name}" not in data:
                continue  # it has an error
            value = data[f"own_{own.name}"]
            if value is None:
                kept.pop(own.name, None)
            else:
                kept[own.name] = value
        self.instance.attributes = kept
        return data


def _as_input(value: Value) -> str:
    """The stored value as the text in its input."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def _widget(own: ContactField, present: Value) -> forms.Widget:
    if own.kind == Kind.DATE:
        return forms.DateInput(attrs={"type": "date"})
    if own.kind == Kind.NUMBER:
        return forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"})
    if own.kind == Kind.URL:
        return forms.URLInput(attrs={"placeholder": "https://", "autocomplete": "off"})
    if own.kind == Kind.BOOLEAN:
        return forms.Select(choices=YES_NO)
    if own.kind == Kind.CHOICE:
        known = [str(choice) for choice in own.choices]
        if present is not None and str(present) not in known:
            known.append(str(present))  # stored before the choices changed
        return forms.Select(choices=[("", "–"), *((choice, choice) for choice in known)])
    return forms.TextInput(attrs={"autocomplete": "off"})
