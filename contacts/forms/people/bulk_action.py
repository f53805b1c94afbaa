from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from contacts.groups import named_rows, tagging
from contacts.models import BulkAction, ContactList, Tag
from kernel.forms import choice_field, hide_optional

Verb = BulkAction.Verb
TAG_VERBS = {Verb.TAG, Verb.UNTAG}
LIST_VERBS = {Verb.LIST, Verb.UNLIST}
CONTACT_VERBS = [Verb.TAG, Verb.UNTAG, Verb.LIST, Verb.UNLIST, Verb.UNSUBSCRIBE, Verb.MARK_ACTIVE, Verb.DELETE]


def _picker(of: str, *verbs: str) -> forms.TextInput:
    shown = " ".join(verbs)
    return forms.TextInput(attrs={"data-options": of, "data-one": "", "data-shown-for": shown, "autocomplete": "off"})


class BulkActionForm(forms.Form):
    """The action on all selected contacts."""

    verb = forms.ChoiceField(label=_("Choose an action"), widget=forms.RadioSelect(attrs={"data-shows": ""}))
    tag = forms.CharField(
        label=_("Tag"),
        max_length=60,
        required=False,
        widget=_picker("tags", *TAG_VERBS),
        help_text=_("For adding or removing a tag. New tags are created."),
    )
    list = forms.CharField(
        label=_("List"),
        max_length=120,
        required=False,
        widget=_picker("lists", *LIST_VERBS),
        help_text=_("For adding to a list or removing from it."),
    )

    def __init__(self, *args: Any, may_delete: bool, **kwargs: Any):
        super().__init__(*args, **kwargs)
        allowed = [verb for verb in CONTACT_VERBS if may_delete or verb != Verb.DELETE]
        choice_field(self, "verb").choices = [(verb.value, verb.label) for verb in allowed]
        hide_optional(self, "tag", "list")

    def clean(self) -> dict[str, Any]:
        super().clean()
        data = self.cleaned_data
        verb = data.get("verb")
        if verb in TAG_VERBS:
            data["target"] = self._tag(" ".join(data.get("tag", "").split()), make=verb == Verb.TAG)
        elif verb in LIST_VERBS:
            data["target"] = self._list(" ".join(data.get("list", "").split()))
        return data

    def _tag(self, name: str, *, make: bool) -> Tag | None:
        if not name:
            self.add_error("tag", _("Enter a tag."))
            return None
        if make:
            return tagging.made(name)
        found = named_rows.get(Tag, name)
        if found is None:
            self.add_error("tag", _("There is no tag called “%(name)s”.") % {"name": name})
        return found

    def _list(self, name: str) -> ContactList | None:
        found = named_rows.get(ContactList, name)
        if found is None:
            self.add_error(
                "list", _("There is no list called “%(name)s”.") % {"name": name} if name else _("Enter a list.")
            )
        return found
