"""What allauth's forms say besides their labels."""

from django import forms, template
from django.contrib.auth.password_validation import MinimumLengthValidator, get_default_password_validators
from django.utils.translation import gettext as _

register = template.Library()


@register.filter
def plain(form: forms.BaseForm) -> forms.BaseForm:
    """The form without placeholders, which repeat the labels, and with one sentence in place of Django's list of all
    that a password must not be."""
    for field in form.fields.values():
        field.widget.attrs.pop("placeholder", None)
        if field.help_text and field.widget.attrs.get("autocomplete") == "new-password":
            field.help_text = _("At least %(n)s characters, and nothing easy to guess.") % {"n": _shortest()}
    return form


def _shortest() -> int:
    rules = get_default_password_validators()
    return next(rule.min_length for rule in rules if isinstance(rule, MinimumLengthValidator))
