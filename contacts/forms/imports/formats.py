"""The form for how an uploaded file is read."""

from __future__ import annotations

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from contacts.imports import encodings
from contacts.models import ContactImport
from kernel.forms import choice_field

MAX_SKIPPED_LINES = 1000
DELIMITERS = [(",", _("Comma ,")), (";", _("Semicolon ;")), ("\t", _("Tab")), ("|", _("Vertical bar |"))]
TEXT_ONLY = ("encoding", "delimiter", "multiline_cells", "backslash_escapes")


class FormatForm(forms.Form):
    """How the file is read. A workbook has a sheet, a text has an encoding and quotation marks."""

    encoding = forms.ChoiceField(label=_("Encoding"), choices=encodings.choices)
    delimiter = forms.ChoiceField(label=_("Delimiter"), choices=DELIMITERS)
    sheet = forms.ChoiceField(label=_("Sheet"))
    skip_lines = forms.IntegerField(
        label=_("Lines to skip at the top"), min_value=0, max_value=MAX_SKIPPED_LINES, required=False
    )
    has_header = forms.BooleanField(label=_("The first row contains the column names"), required=False)
    multiline_cells = forms.BooleanField(label=_("Quotation marks may span lines"), required=False)
    backslash_escapes = forms.BooleanField(label=_('Quotation marks within a cell are written as \\"'), required=False)

    def __init__(self, data: QueryDict | None = None, *, contact_import: ContactImport):
        super().__init__(data, initial={name: getattr(contact_import, name) for name in self.base_fields})
        if contact_import.format in ContactImport.WORKBOOKS:
            names = (contact_import.preview or {}).get("sheets", {})
            choice_field(self, "sheet").choices = [(name, name) for name in names]
        else:
            del self.fields["sheet"]
        unused: tuple[str, ...] = ()
        if contact_import.format in ContactImport.WORKBOOKS:
            unused = TEXT_ONLY
        elif contact_import.format != ContactImport.Format.CSV:  # its records have names of their own
            unused = ("delimiter", "multiline_cells", "backslash_escapes", "skip_lines", "has_header")
        for name in unused:
            del self.fields[name]

    def clean_skip_lines(self) -> int:
        return self.cleaned_data["skip_lines"] or 0

    def lines(self) -> list[forms.BoundField]:
        """The fields that are chosen or entered."""
        return [field for field in self if not isinstance(field.field, forms.BooleanField)]

    def checks(self) -> list[forms.BoundField]:
        """The fields that are ticked."""
        return [field for field in self if isinstance(field.field, forms.BooleanField)]
