"""How forms are rendered, and typed access to their fields."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import IntegrityError, transaction
from django.forms import BaseForm, CharField, ChoiceField, ModelChoiceField, ModelForm
from django.forms.renderers import TemplatesSetting

from kernel import names

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise


class Renderer(TemplatesSetting):
    """Renders each field of a form by the product's own template."""

    field_template_name = "forms/field.html"
    form_template_name = "forms/form.html"


class NameField(CharField):
    """What somebody calls something: see kernel.names."""

    def to_python(self, value: Any) -> str:
        return names.clean(super().to_python(value) or "")


def choice_field(form: BaseForm, name: str) -> ChoiceField:
    """The field of this name. Raises TypeError if it is of another kind."""
    field = form.fields[name]
    if not isinstance(field, ChoiceField):
        raise TypeError(name)
    return field


def model_choice_field(form: BaseForm, name: str) -> ModelChoiceField:
    """The field of this name. Raises TypeError if it is of another kind."""
    field = form.fields[name]
    if not isinstance(field, ModelChoiceField):
        raise TypeError(name)
    return field


def saved_once(form: ModelForm, name: str, taken: StrOrPromise) -> bool:
    """Save a valid form. False, with the error `taken` at the field of this name, if somebody else has saved a row with
    the same unique values at the same moment."""
    try:
        with transaction.atomic():
            form.save()
    except IntegrityError:
        form.add_error(name, taken)
        return False
    return True


def hide_optional(form: BaseForm, *names: str) -> None:
    """Show no “optional” in the labels of these fields, though they are not required."""
    for name in names:
        form.fields[name].needed_later = True  # type: ignore[attr-defined]  # read by templates/forms/field.html
