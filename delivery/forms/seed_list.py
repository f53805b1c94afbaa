from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from delivery import testers
from delivery.forms.send_test import MAX_ADDRESSES, one_or_more
from delivery.models import SeedList
from kernel.edit_conflicts import NoticesConflicts
from kernel.forms import NameField, choice_field


class SeedListForm(NoticesConflicts, forms.ModelForm):
    """A name, and some of the addresses that may get tests."""

    addresses = one_or_more(_("Addresses"))

    class Meta:
        model = SeedList
        fields = ["name", "addresses"]
        field_classes = {"name": NameField}

    def __init__(self, *args, person: User, **kwargs):
        super().__init__(*args, **kwargs)
        # A colleague's second address, which only they may choose, stays.
        addresses = dict.fromkeys([*testers.addresses(person), *self.instance.addresses])
        choice_field(self, "addresses").choices = [(address, address) for address in addresses]

    def clean_name(self) -> str:
        name = self.cleaned_data["name"]
        if SeedList.objects.present().filter(name=name).exclude(pk=self.instance.pk).exists():
            raise forms.ValidationError(_("There is a seed list of this name. Choose another one."))
        return name

    def clean_addresses(self) -> list[str]:
        addresses = self.cleaned_data["addresses"]
        if len(addresses) > MAX_ADDRESSES:
            raise forms.ValidationError(_("A test goes to %(most)d addresses at most.") % {"most": MAX_ADDRESSES})
        return addresses
