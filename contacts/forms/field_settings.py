"""Settings of form fields that forms make in __init__, where mypy knows no more than that these are fields."""

from __future__ import annotations

from typing import Any, cast

from django import forms
from django.db.models import QuerySet


def hide_optional(form: forms.BaseForm, *names: str) -> None:
    """Show no “optional” in the labels of these fields, though they are not required."""
    for name in names:
        form.fields[name].needed_later = True  # type: ignore[attr-defined]  # read by templates/forms/field.html


def set_queryset(form: forms.BaseForm, name: str, queryset: QuerySet) -> None:
    """Set the rows to choose from of a ModelChoiceField."""
    cast(forms.ModelChoiceField, form.fields[name]).queryset = queryset


def set_choices(form: forms.BaseForm, name: str, choices: list[Any]) -> None:
    """Set the choices of a ChoiceField."""
    cast(forms.ChoiceField, form.fields[name]).choices = choices
