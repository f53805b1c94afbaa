"""Forms for tags and lists."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from contacts.forms.groups.unique_name import UniqueNameForm
from contacts.groups import named_rows
from contacts.models import ContactList, Tag
from contacts.models.name_key import key_of
from contacts.people import lookup


class UniqueKeyForm(UniqueNameForm):
    """A form of a name that is the same in any case, with or without accents."""

    def identified_by(self, name: str) -> dict[str, Any]:
        return {"name_key": key_of(name)}


class TagForm(UniqueKeyForm):
    taken = _("There is already a tag called “%(name)s”. Merge the two tags to keep only one.")

    class Meta:
        model = Tag
        fields = ["name"]

    def clean_name(self) -> str:
        name = super().clean_name()
        if name.startswith('"'):
            raise forms.ValidationError(_("A tag can't start with a quotation mark."))
        return name


class ListForm(UniqueKeyForm):
    taken = _("There is already a list called “%(name)s”. Choose another name.")

    class Meta:
        model = ContactList
        fields = ["name", "description"]


class TagMergeForm(forms.Form):
    into = forms.CharField(
        label=_("Merge into"),
        max_length=60,
        widget=forms.TextInput(attrs={"data-options": "tags", "data-one": "", "autocomplete": "off"}),
        help_text=_("Contacts with this tag get the other one instead."),
    )

    def __init__(self, *args: Any, tag: Tag, **kwargs: Any):
        self.tag = tag
        super().__init__(*args, **kwargs)

    def clean_into(self) -> Tag:
        name = " ".join(self.cleaned_data["into"].split())
        target = named_rows.get(Tag, name)
        if target is None:
            raise forms.ValidationError(_("There is no tag called “%(name)s”.") % {"name": name})
        if target == self.tag:
            raise forms.ValidationError(_("Choose a different tag."))
        return target


class MembersForm(forms.Form):
    """Contacts to put on a list, one per line, by an identity that the members of the workspace know."""

    people = forms.CharField(
        label=_("Add contacts"),
        max_length=20_000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("E-mail addresses, phone numbers or customer numbers of existing contacts, one per line."),
    )

    def clean_people(self) -> str:
        text = self.cleaned_data["people"]
        if (n := len(lookup.lines_of(text))) > lookup.MOST:
            sentence = _("Too many lines: %(n)d. Enter up to %(most)d at once, or import a file into this list.")
            raise forms.ValidationError(sentence % {"n": n, "most": lookup.MOST})
        return text
