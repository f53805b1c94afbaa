"""The form that visitors fill in, built from the settings of a SignupForm."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from contacts.consent import blocked_domains
from contacts.fields.values import Value
from contacts.identity.addresses import BadAddress, clean_email
from contacts.identity.phones import BadPhone, clean_phone
from contacts.imports.reasons import REASONS
from contacts.models import ContactField, SignupForm

if TYPE_CHECKING:
    from django_stubs_ext import StrPromise

MAX_TEXT_LENGTH = 500


class PhoneField(forms.CharField):
    """A telephone number, stored as E.164. A number without a country code belongs to `region` (ISO 3166)."""

    widget = forms.TextInput(attrs={"type": "tel", "autocomplete": "tel", "inputmode": "tel"})

    def __init__(self, *, region: str, **kwargs: Any):
        self.region = region
        super().__init__(max_length=40, **kwargs)

    def clean(self, value: Any) -> str:
        text = super().clean(value)
        try:
            return clean_phone(text, self.region) if text else ""
        except BadPhone:
            raise forms.ValidationError(_("Not a phone number. Enter it like +33 6 12 34 56 78.")) from None


def _name_field(autocomplete: str) -> Callable[..., forms.CharField]:
    return lambda **options: forms.CharField(
        max_length=120, widget=forms.TextInput(attrs={"autocomplete": autocomplete}), **options
    )


#: The fields that every workspace has: label, and a function that makes the form field.
BASIC: dict[str, tuple[StrPromise, Callable[..., forms.CharField] | None]] = {
    "first_name": (gettext_lazy("First name"), _name_field("given-name")),
    "last_name": (gettext_lazy("Last name"), _name_field("family-name")),
    "phone": (gettext_lazy("Phone"), None),  # needs the workspace's country
}


class PublicForm(forms.Form):
    """The form of one SignupForm. `country` is the workspace's, for phone numbers."""

    def __init__(self, data: QueryDict | None = None, *, form: SignupForm, country: str, **kwargs: Any):
        super().__init__(data, label_suffix="", **kwargs)
        self.form = form
        self._country = country
        own_fields = ContactField.objects.present().filter(name__in=[field["name"] for field in form.fields])
        self._own = {own.name: own for own in own_fields}
        self.fields["email"] = forms.CharField(
            label=_("E-mail"),
            max_length=254,
            widget=forms.EmailInput(attrs={"autocomplete": "email", "inputmode": "email"}),
        )
        for asked in form.fields:
            self._ask(asked["name"], required=bool(asked.get("required")))
        self.offered = list(form.offered_topics())
        if self.offered:
            self.fields["topics"] = forms.TypedMultipleChoiceField(
                label=_("What would you like to hear about?"),
                choices=[(topic.pk, topic.name) for topic in self.offered],
                coerce=int,
                widget=forms.CheckboxSelectMultiple,
                error_messages={"required": _("Choose at least one.")},
            )
        self.fields["consent"] = forms.BooleanField(
            label=form.wording, error_messages={"required": _("Tick the box to agree.")}
        )

    def _ask(self, name: str, *, required: bool) -> None:
        if name in BASIC:
            label, make = BASIC[name]
            options = {"label": label, "required": required}
            self.fields[name] = make(**options) if make else PhoneField(region=self._country, **options)
        elif own := self._own.get(name):
            self.fields[f"own_{name}"] = _own_field(own, required)

    def clean_email(self) -> str:
        try:
            address = clean_email(self.cleaned_data["email"])
        except BadAddress as problem:
            raise forms.ValidationError(REASONS[str(problem)]) from None
        if blocked_domains.is_blocked(address):
            domain = address.rpartition("@")[2]
            raise forms.ValidationError(
                _("Addresses at %(domain)s are not accepted. Enter another one.") % {"domain": domain}
            )
        return address

    @property
    def answers(self) -> dict:
        """The answers as contacts store them: fields by name, ids of topics. The form must be valid."""
        fields = {name: self.cleaned_data.get(name, "") for name in BASIC}
        for name, own in self._own.items():
            fields[name] = _stored(own.kind, self.cleaned_data.get(f"own_{name}"))
        given = {name: value for name, value in fields.items() if value not in ("", None)}
        return {"fields": given, "topics": self.cleaned_data.get("topics", []), "offered": self.seen}

    @property
    def seen(self) -> list[int]:
        """The ids of the topics that the visitor saw: the page may be older than the form's newest topic."""
        named = self.data.getlist("offered") if hasattr(self.data, "getlist") else []
        return [topic.pk for topic in self.offered if str(topic.pk) in named]


def _own_field(own: ContactField, required: bool) -> forms.Field:
    options: dict[str, Any] = {"label": own.label, "required": required}
    kinds = ContactField.Kind
    if own.kind == kinds.NUMBER:
        return forms.DecimalField(max_digits=15, decimal_places=6, **options)
    if own.kind == kinds.DATE:
        return forms.DateField(widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}), **options)
    if own.kind == kinds.CHOICE:
        return forms.ChoiceField(choices=[("", "–"), *[(choice, choice) for choice in own.choices]], **options)
    if own.kind == kinds.BOOLEAN:
        return forms.BooleanField(**options)
    if own.kind == kinds.URL:
        return forms.URLField(max_length=MAX_TEXT_LENGTH, assume_scheme="https", **options)
    return forms.CharField(max_length=MAX_TEXT_LENGTH, **options)


def _stored(kind: str, value: Any) -> Value:
    """The value as Contact.attributes stores it (see ContactField)."""
    if value in ("", None):
        return None
    if kind == ContactField.Kind.NUMBER:
        return int(value) if value == value.to_integral_value() else float(value)
    if kind == ContactField.Kind.DATE:
        return value.isoformat()
    return value
