from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from delivery import registry
from delivery.models import ProviderAccount, SeedList, Sender
from kernel.forms import choice_field, model_choice_field

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise


MAX_ADDRESSES = 20  # that one test goes to


def one_or_more(label: StrOrPromise, *, required: bool = True) -> forms.MultipleChoiceField:
    """Boxes to tick, one an address."""
    return forms.MultipleChoiceField(label=label, required=required, widget=forms.CheckboxSelectMultiple)


class TestForm(forms.Form):
    """Where a test goes: to members, to other people who agreed, or to all of a seed list who may get tests."""

    to = one_or_more(_("Send to"), required=False)
    seed_list: forms.ModelChoiceField[SeedList] = forms.ModelChoiceField(
        label=_("Seed list"), queryset=None, required=False, empty_label=pgettext_lazy("seed list", "None")
    )

    language = forms.ChoiceField(label=_("Language"), required=False)

    def __init__(self, *args, person: User, channel: str, languages: Sequence[tuple[str, StrOrPromise]] = (), **kwargs):
        """`languages`: (code, name) of those in which the message can be sent."""
        super().__init__(*args, **kwargs)
        if languages:
            choice_field(self, "language").choices = languages
        else:
            del self.fields["language"]
        self._allowed = registry.channel(channel).test_recipients(person)
        choice_field(self, "to").choices = [(address, address) for address in self._allowed]
        lists = SeedList.objects.present()
        model_choice_field(self, "seed_list").queryset = lists
        if channel != registry.FIRST or not lists.exists():
            del self.fields["seed_list"]
        if not self.is_bound and self._allowed:
            self.initial.setdefault("to", self._allowed[:1])

    def clean(self) -> dict[str, Any]:
        """`to` has all addresses, each once."""
        given = super().clean() or self.cleaned_data
        chosen = given.pop("seed_list", None)
        listed = [address for address in chosen.addresses if address in self._allowed] if chosen else []
        given["to"] = list(dict.fromkeys([*given.get("to", []), *listed]))
        if not given["to"] and "to" not in self.errors:
            self.add_error("to", _("Choose at least one address that may get tests."))
        if len(given.get("to", [])) > MAX_ADDRESSES:
            self.add_error("to", gettext("A test goes to %(most)d addresses at most.") % {"most": MAX_ADDRESSES})
        return given


class TemplateTestForm(TestForm):
    """Also from which sender through which account, which a campaign knows."""

    sender: forms.ModelChoiceField[Sender] = forms.ModelChoiceField(label=_("Sender"), queryset=None, empty_label=None)
    account: forms.ModelChoiceField[ProviderAccount] = forms.ModelChoiceField(
        label=_("Send with"), queryset=None, empty_label=None
    )

    def __init__(self, *args, channel: str, **kwargs):
        super().__init__(*args, channel=channel, **kwargs)
        model_choice_field(self, "sender").queryset = Sender.objects.present().filter(channel=channel)
        model_choice_field(self, "account").queryset = ProviderAccount.serving(channel)
