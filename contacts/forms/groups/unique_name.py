"""A form for a unique name, also if somebody else saves the same name at the same moment."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms

from kernel.edit_conflicts import NoticesConflicts
from kernel.forms import saved_once

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise


class UniqueNameForm(NoticesConflicts, forms.ModelForm):
    """A form of a Trashable whose name is unique among the rows that are not deleted. `taken` is the message, with
    %(name)s."""

    taken: StrOrPromise

    def clean_name(self) -> str:
        name = " ".join(self.cleaned_data["name"].split())
        if self.is_taken(name):
            raise forms.ValidationError(str(self.taken) % {"name": name})
        return name

    def is_taken(self, name: str) -> bool:
        rows = self._meta.model.objects.present()
        return rows.filter(**self.identified_by(name)).exclude(pk=self.instance.pk).exists()

    def identified_by(self, name: str) -> dict[str, Any]:
        """The filter that finds rows with this name."""
        return {"name": name}

    def saved(self) -> bool:
        """Save the form if it is valid. False if it isn't, or if somebody else has just saved the same name."""
        return self.is_valid() and saved_once(self, "name", str(self.taken) % {"name": self.cleaned_data["name"]})
