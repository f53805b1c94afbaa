"""What an import does beside its columns: which contacts it touches, and the tags and lists for all of them."""

from django import forms
from django.utils.translation import gettext_lazy as _

from contacts.forms.groups.name_lists import NamesField
from contacts.forms.people.contact import TagsField
from contacts.models import ContactImport


class SettingsFields(forms.Form):
    mode = forms.ChoiceField(label=_("Existing contacts"), choices=ContactImport.Mode, required=False)
    tags = TagsField(label=_("Tags for all contacts in the file"), required=False, help_text=_("Separated by commas."))
    lists = NamesField(
        label=_("Lists for all contacts in the file"),
        max_name_length=120,
        of="lists",
        help_text=_("Separated by commas. New ones are created."),
    )
    clear_empty = forms.BooleanField(
        label=_("An empty cell empties the contact's field"),
        required=False,
        help_text=_("For names, language and your own fields. Addresses, consent, tags and lists always stay."),
    )
    again = forms.BooleanField(
        label=_("Import this file again"),
        error_messages={"required": _("This file has already been imported. Tick the box to import it again.")},
    )
