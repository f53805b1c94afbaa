"""Blocks that only some people get: a condition on one of a person's values, tested when their message is made."""

from __future__ import annotations

import re
from typing import Any

from django import forms
from django.utils.safestring import SafeString, mark_safe
from django.utils.text import capfirst
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from contacts.models import Contact, ContactField
from templates_app.blocks.block_type import BlockForm
from templates_app.merging import folded

KEY = "shown_if"  # of a block's properties; missing where everybody gets it
PREFIX = "shown"
OF_CONTACTS = ("first_name", "last_name", "email", "phone")
WITHOUT_VALUE = ("filled", "empty")
_FIELD = re.compile(r"[a-z_][a-z0-9_]{0,59}")
_DECIMAL = re.compile(r"-?[0-9]{1,15},[0-9]{1,6}")
#: As people write what a yes-or-no field holds.
_BOOLEANS = dict.fromkeys(("yes", "oui", "true", "vrai"), "true") | dict.fromkeys(
    ("no", "non", "false", "faux"), "false"
)


class ConditionForm(BlockForm):
    """Who gets a block. Without a field, everybody does."""

    field = forms.CharField(label=_("Depends on"), required=False, widget=forms.Select)
    test = forms.ChoiceField(
        label=_("Condition"),
        required=False,
        choices=[
            ("is", _("is")),
            ("is_not", _("is not")),
            ("contains", _("contains")),
            ("filled", _("is filled in")),
            ("empty", _("is empty")),
        ],
    )
    value = forms.CharField(
        label=_("Value"),
        required=False,
        max_length=300,
        help_text=_("Yes or no for a field with such values; a date as 2026-12-24."),
    )

    def clean_field(self) -> str:
        name = self.cleaned_data["field"]
        if name and not _FIELD.fullmatch(name):
            raise forms.ValidationError(gettext("Choose one of the fields."))
        return name

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        given["test"] = given.get("test") or "is"
        is_missing = "value" in given and not folded.folded(given["value"])
        if given.get("field") and given["test"] not in WITHOUT_VALUE and is_missing:
            self.add_error("value", gettext("Say which value people must have."))
        return given


def form_of(props: dict[str, Any], **options: Any) -> ConditionForm:
    """The form that shows a block's condition."""
    form = ConditionForm(initial=_stored(props), prefix=PREFIX, **options)
    form.fields["field"].widget.choices = offered()
    return form


def given(props: dict[str, Any], **options: Any) -> ConditionForm:
    """The form bound to the condition of a document's block."""
    data = {f"{PREFIX}-{name}": value for name, value in _stored(props).items()}
    return ConditionForm(data, prefix=PREFIX, **options)


def offered() -> list[tuple[str, Any]]:
    """(name, label) of the fields that a condition can ask for."""
    of_contacts = [(field.name, capfirst(field.verbose_name)) for field in Contact._meta.concrete_fields]
    of_contacts = [(name, label) for name, label in of_contacts if name in OF_CONTACTS]
    own = ContactField.objects.present().values_list("name", "label")
    return [("", _("Nothing: everybody gets it")), *of_contacts, *own]


def cleaned(form: BlockForm, before: dict[str, Any]) -> dict[str, Any]:
    """{KEY: the condition} of a form; nothing where everybody gets the block. What it was `before`, if that isn't
    valid."""
    if not form.is_valid():
        return {KEY: before[KEY]} if KEY in before else {}
    found = form.cleaned_data
    if not found["field"]:
        return {}
    value = "" if found["test"] in WITHOUT_VALUE else found["value"]
    return {KEY: {"field": found["field"], "test": found["test"], "value": value}}


def wrapped(props: dict[str, Any], html: SafeString) -> SafeString:
    """The block's HTML, for those alone who fulfil its condition."""
    condition = _stored(props)
    if not condition:
        return html
    before, after = _tags(condition["field"], condition["test"], condition["value"])
    return mark_safe(f"{before}{html}{after}")  # noqa: S308 - field, test and value were cleaned


def _tags(field: str, test: str, value: str) -> tuple[str, str]:
    """The tags before and after the block."""
    name = f"{folded.PREFIX}{field}"
    if test == "filled":
        condition = f"{name} != ''"
    elif test == "empty":
        condition = f"{name} == ''"
    else:
        sign, word = {"is": ("==", "or"), "is_not": ("!=", "and"), "contains": ("contains", "or")}[test]
        condition = f" {word} ".join(f"{name} {sign} {spelling}" for spelling in _spellings(value, test))
    return f"{{% if {condition} %}}", "{% endif %}"


def _spellings(value: str, test: str) -> list[str]:
    """The value as literals: as it was typed, and as a number or a yes or no is kept."""
    found = [value]
    if test != "contains" and _DECIMAL.fullmatch(value):
        found.append(value.replace(",", "."))
    if test != "contains" and (boolean := _BOOLEANS.get(value.lower())):
        found.append(boolean)
    return list(dict.fromkeys(map(folded.literal, found)))


def _stored(props: dict[str, Any]) -> dict[str, Any]:
    found = props.get(KEY)
    return found if isinstance(found, dict) else {}
