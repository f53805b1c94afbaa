from django import forms
from django.utils.translation import gettext_lazy as _

from contacts.groups import tagging
from contacts.models import BulkAction, ContactList, Tag

Verb = BulkAction.Verb
OF_TAGS = {Verb.TAG, Verb.UNTAG}
OF_LISTS = {Verb.LIST, Verb.UNLIST}
ON_PEOPLE = [Verb.TAG, Verb.UNTAG, Verb.LIST, Verb.UNLIST, Verb.UNSUBSCRIBE, Verb.MARK_ACTIVE, Verb.DELETE]


def _picker(of: str, *verbs) -> forms.TextInput:
    shown = " ".join(verbs)
    return forms.TextInput(attrs={"data-options": of, "data-one": "", "data-shown-for": shown, "autocomplete": "off"})


class BulkActionForm(forms.Form):
    """What to do to everyone who was chosen."""

    verb = forms.ChoiceField(label=_("Choose an action"), widget=forms.RadioSelect(attrs={"data-shows": ""}))
    tag = forms.CharField(
        label=_("Tag"),
        max_length=60,
        required=False,
        widget=_picker("tags", *OF_TAGS),
        help_text=_("For adding or removing a tag. New tags are created."),
    )
    list = forms.CharField(
        label=_("List"),
        max_length=120,
        required=False,
        widget=_picker("lists", *OF_LISTS),
        help_text=_("For adding to a list or removing from it."),
    )

    def __init__(self, *args, may_delete: bool, **kwargs):
        super().__init__(*args, **kwargs)
        allowed = [verb for verb in ON_PEOPLE if may_delete or verb != Verb.DELETE]
        self.fields["verb"].choices = [(verb.value, verb.label) for verb in allowed]
        self.fields["tag"].needed_later = self.fields["list"].needed_later = True

    def clean(self):
        data = super().clean()
        verb = data.get("verb")
        if verb in OF_TAGS:
            data["target"] = self._tag(" ".join(data.get("tag", "").split()), make=verb == Verb.TAG)
        elif verb in OF_LISTS:
            data["target"] = self._list(" ".join(data.get("list", "").split()))
        return data

    def _tag(self, name: str, *, make: bool) -> Tag | None:
        if not name:
            self.add_error("tag", _("Enter a tag."))
            return None
        if make:
            return tagging.made(name)
        found = Tag.objects.present().filter(name=name).first()
        if found is None:
            self.add_error("tag", _("There is no tag called “%(name)s”.") % {"name": name})
        return found

    def _list(self, name: str) -> ContactList | None:
        found = ContactList.objects.present().filter(name=name).first()
        if found is None:
            self.add_error(
                "list", _("There is no list called “%(name)s”.") % {"name": name} if name else _("Enter a list.")
            )
        return found
