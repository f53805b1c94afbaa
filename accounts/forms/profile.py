from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.models import User


class ProfileForm(forms.ModelForm):
    language = forms.ChoiceField(label=_("Language"), choices=[("en", "English"), ("fr", "Français")])

    class Meta:
        model = User
        fields = ["name", "language", "theme"]
