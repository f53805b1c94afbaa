"""How forms are rendered, and typed access to their fields."""

from django.forms import BaseForm, ChoiceField, ModelChoiceField
from django.forms.renderers import TemplatesSetting


class Renderer(TemplatesSetting):
    """Renders each field of a form by the product's own template."""

    field_template_name = "forms/field.html"
    form_template_name = "forms/form.html"


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


def hide_optional(form: BaseForm, *names: str) -> None:
    """Show no “optional” in the labels of these fields, though they are not required."""
    for name in names:
        form.fields[name].needed_later = True  # type: ignore[attr-defined]  # read by templates/forms/field.html
