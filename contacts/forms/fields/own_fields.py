"""The workspace's own fields in a form: an input by kind, a value that is kept as JSON."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from contacts.fields import values
from contacts.models import ContactField

Kind = ContactField.Kind
YES_NO = [("", "–"), ("true", _("Yes")), ("false", _("No"))]


class OwnField(forms.CharField):
    """One value. A text that is none of its kind gets a message; an untouched old value stays as it is."""

    def __init__(self, own: ContactField, present, workspace):
        self.own, self.present, self.conventions = own, present, values.conventions(workspace)
        super().__init__(
            label=own.label,
            required=False,
            max_length=values.LONGEST,
            initial=_written(present),
            widget=_widget(own, present),
        )

    def clean(self, value):
        text = super().clean(value)
        if self.present is not None and text == _written(self.present):
            return self.present
        try:
            return values.read(self.own, text, **self.conventions)
        except values.BadValue as problem:
            raise forms.ValidationError(values.REASONS[str(problem)]) from None


class OwnFields:
    """Mixin of a contact's form."""

    def add_own_fields(self) -> None:
        self.own = list(ContactField.objects.present())
        for own in self.own:
            present = self.instance.attributes.get(own.name)
            self.fields[f"own_{own.name}"] = OwnField(own, present, self.workspace)

    def own_names(self) -> list[str]:
        return [f"own_{own.name}" for own in self.own]

    def clean(self):
        data = super().clean()
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


def _written(value) -> str:
    """The value as its input wants it."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def _widget(own: ContactField, present) -> forms.Widget:
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
            known.append(str(present))  # kept since before the choices changed
        return forms.Select(choices=[("", "–"), *((choice, choice) for choice in known)])
    return forms.TextInput(attrs={"autocomplete": "off"})
