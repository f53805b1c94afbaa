from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from contacts.fields import values
from contacts.fields.labels import LABELS
from contacts.models import Contact, ContactField
from contacts.people import merging

MINE, THEIRS = "mine", "theirs"


class MergerForm(forms.Form):
    """The value to keep, for each field in which the two contacts differ."""

    def __init__(self, *args: Any, survivor: Contact, loser: Contact, **kwargs: Any):
        super().__init__(*args, **kwargs)
        for name, label, mine, theirs in differences(survivor, loser):
            self.fields[name] = forms.ChoiceField(
                label=label,
                choices=[(MINE, mine), (THEIRS, theirs)],
                initial=MINE,
                widget=forms.RadioSelect,
                error_messages={"required": _("Choose the value to keep.")},
            )

    @property
    def taken(self) -> set[str]:
        """The fields whose value comes from the other contact."""
        return {name for name, choice in self.cleaned_data.items() if choice == THEIRS}


def differences(survivor: Contact, loser: Contact) -> list[tuple[str, str, str, str]]:
    """(field, its label, the survivor's value, the other's value) for each field in which both have a value and the
    values differ."""
    rows: list[tuple[str, Any, Any, Any]] = [
        (name, LABELS[name], getattr(survivor, name), getattr(loser, name)) for name in merging.FIELDS
    ]
    for own in ContactField.objects.present():
        mine, theirs = survivor.attributes.get(own.name), loser.attributes.get(own.name)
        if mine is not None and theirs is not None and mine != theirs:
            rows.append((f"own:{own.name}", own.label, values.show(own, mine), values.show(own, theirs)))
    return [row for row in rows if row[2] and row[3] and row[2] != row[3]]
