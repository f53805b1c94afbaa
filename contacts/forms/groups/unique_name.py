"""A name that nothing else of the kind bears, whoever else is saving at the same moment."""

from __future__ import annotations

from django import forms
from django.db import IntegrityError, transaction


class UniqueNameForm(forms.ModelForm):
    """A form of a Trashable whose name is unique among what is not deleted. `taken` is the message, with %(name)s."""

    def clean_name(self):
        name = " ".join(self.cleaned_data["name"].split())
        if self.is_taken(name):
            raise forms.ValidationError(self.taken % {"name": name})
        return name

    def is_taken(self, name: str) -> bool:
        rows = self._meta.model.objects.present()
        return rows.filter(name=name).exclude(pk=self.instance.pk).exists()

    def saved(self) -> bool:
        """Whether it is valid and is saved now; it isn't where somebody else was quicker with this name."""
        if not self.is_valid():
            return False
        try:
            with transaction.atomic():
                self.save()
        except IntegrityError:
            self.add_error("name", self.taken % {"name": self.cleaned_data["name"]})
            return False
        return True
