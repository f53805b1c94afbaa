from django import forms
from django.utils.translation import gettext_lazy as _

from kernel.edit_conflicts import NoticesConflicts
from kernel.forms import NameField
from templates_app.models import TemplateVersion


class VersionForm(NoticesConflicts, forms.ModelForm):
    """The name of a version. One with a name is kept for ever."""

    class Meta:
        model = TemplateVersion
        fields = ["name"]
        field_classes = {"name": NameField}
        labels = {"name": _("Name of the version")}
