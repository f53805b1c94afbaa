from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from kernel.edit_conflicts import NoticesConflicts
from templates_app.designs import CATEGORIES
from templates_app.models import MessageTemplate


class CategoryForm(NoticesConflicts, forms.ModelForm):
    """Under which tab of the library a template stands."""

    category = forms.ChoiceField(
        label=_("Category"), required=False, choices=[("", pgettext_lazy("category", "None")), *CATEGORIES]
    )

    class Meta:
        model = MessageTemplate
        fields = ["category"]
