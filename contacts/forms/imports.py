from django import forms
from django.utils.translation import gettext_lazy as _

from contacts.forms.contact import TagsField
from contacts.importing import sniffing
from contacts.importing.uploading import field_name
from contacts.models import ContactField


class UploadForm(forms.Form):
    file = forms.FileField(
        label=_("CSV file"),
        widget=forms.FileInput(attrs={"accept": ".csv,.txt,text/csv,text/plain"}),
        error_messages={"required": _("Choose a file first."), "empty": _("The file is empty.")},
    )


class FormatForm(forms.Form):
    """How the file is read; each change shows the preview again."""

    encoding = forms.ChoiceField(label=_("Encoding"), choices=list(sniffing.ENCODINGS.items()))
    delimiter = forms.ChoiceField(
        label=_("Delimiter"),
        choices=[(",", _("Comma ,")), (";", _("Semicolon ;")), ("\t", _("Tab")), ("|", _("Bar |"))],
    )
    has_header = forms.BooleanField(label=_("The first row holds the column names"), required=False)

    def __init__(self, *args, contact_import, **kwargs):
        super().__init__(*args, **kwargs)
        known = dict(sniffing.ENCODINGS)
        if contact_import.encoding not in known:
            self.fields["encoding"].choices = [
                (contact_import.encoding, contact_import.encoding.upper()),
                *known.items(),
            ]
        self.fields["delimiter"].strip = False


class MappingForm(forms.Form):
    """What each column holds, and where consent came from."""

    consent_source = forms.CharField(
        label=_("How did these people agree to hear from you?"),
        max_length=300,
        widget=forms.TextInput(attrs={"placeholder": _("For example: newsletter form on our site since 2023")}),
        help_text=_("It is kept with each contact as proof (GDPR, article 7). People who opted out stay out."),
        error_messages={"required": _("Say how these people agreed: without it, nobody may be imported.")},
    )
    confirmed = forms.BooleanField(
        label=_("Everyone in this file agreed to receive marketing from us."),
        error_messages={"required": _("Confirm that everyone in the file agreed.")},
    )
    tags = TagsField(label=_("Tags for everyone in the file"), required=False, help_text=_("Separated by commas."))

    def __init__(self, *args, look, mapping, **kwargs):
        super().__init__(*args, **kwargs)
        self.look = look
        own = [(f"attributes:{field.name}", field.label) for field in ContactField.objects.all()]
        self.columns = []
        for n in range(max(len(row) for row in look.rows)):
            name = look.rows[0][n] if look.has_header and n < len(look.rows[0]) else ""
            choices = [
                ("", _("Leave out")),
                ("email", _("E-mail")),
                ("first_name", _("First name")),
                ("last_name", _("Last name")),
                ("tags", _("Tags")),
                *own,
            ]
            slug = field_name(name)
            if slug and slug not in ContactField.RESERVED and f"attributes:{slug}" not in dict(own):
                choices.append((f"new:{slug}", _("New field “%(name)s”") % {"name": name[:40]}))
            self.fields[f"column_{n}"] = forms.ChoiceField(
                label=name or _("Column %(n)d") % {"n": n + 1},
                choices=choices,
                required=False,
                initial=mapping[n] if n < len(mapping) else "",
            )
            self.columns.append(name)

    def column_fields(self):
        return [self[f"column_{n}"] for n in range(len(self.columns))]

    def clean(self):
        data = super().clean()
        chosen = [data.get(f"column_{n}", "") for n in range(len(self.columns))]
        if "email" not in chosen:
            raise forms.ValidationError(_("Say which column holds the e-mail address."))
        used = [meaning for meaning in chosen if meaning]
        if len(used) != len(set(used)):
            raise forms.ValidationError(_("Two columns are mapped to the same field. Leave one of them out."))
        data["mapping"] = chosen
        return data

    def save_mapping(self) -> list[str]:
        """The mapping with its new fields made."""
        mapping = []
        for n, meaning in enumerate(self.cleaned_data["mapping"]):
            if meaning.startswith("new:"):
                name = meaning.removeprefix("new:")
                ContactField.objects.get_or_create(name=name, defaults={"label": self.columns[n][:80] or name})
                meaning = f"attributes:{name}"
            mapping.append(meaning)
        return mapping
