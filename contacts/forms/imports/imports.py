from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts import countries
from contacts.forms.groups.name_lists import NamesField
from contacts.forms.imports import consent_columns
from contacts.forms.people.contact import TagsField
from contacts.imports import columns, format_inference, kind_inference
from contacts.imports.columns import field_name
from contacts.imports.consent_columns import ANSWERS, REPEATABLE
from contacts.imports.format_inference import FormatEvidence
from contacts.imports.run_settings import RunSettings
from contacts.imports.sniffing import FileSample
from contacts.models import Channel, Consent, ContactField, ContactImport

Target = ContactImport.Target
Kind = ContactField.Kind


class UploadForm(forms.Form):
    file = forms.FileField(
        label=_("CSV or Excel file"),
        widget=forms.FileInput(attrs={"accept": ".csv,.txt,.tsv,.xlsx,.xls,.ods,.vcf,.json,text/csv,text/plain"}),
        error_messages={"required": _("Choose a file first."), "empty": _("The file is empty.")},
    )
    target = forms.ChoiceField(
        label=_("What does it contain?"),
        choices=Target,
        initial=Target.CONTACTS,
        required=False,
        widget=forms.Select,
    )

    def clean_target(self) -> str:
        return self.cleaned_data["target"] or Target.CONTACTS


MEANINGS = {
    Target.CONTACTS: [
        ("email", _("E-mail")),
        ("phone", _("Phone")),
        ("external_id", _("Customer number")),
        ("first_name", _("First name")),
        ("last_name", _("Last name")),
        ("full_name", _("Full name")),
        ("language", _("Language")),
        ("tags", _("Tags")),
        ("lists", _("Lists")),
        ("company", _("Company")),
        ("companies", _("Companies, separated by commas")),
        ("company_role", _("Role in the company")),
        *consent_columns.MEANINGS,
    ],
    Target.COMPANIES: [
        ("company", _("Name")),
        ("company_status", _("Status")),
        ("company_kind", _("Prospect, client or loyal")),
        ("company_industry", _("Industry")),
        ("company_size", _("Size")),
        ("email", _("E-mail")),
        ("phone", _("Phone")),
        ("company_website", _("Website")),
        ("contact_email", _("Main contact's e-mail")),
        ("company_role", _("Main contact's role")),
    ],
    Target.SUPPRESSION: [("email", _("E-mail")), ("phone", _("Phone"))],
}
# Without CHOICE: the choices are entered on the page of the fields, since a file's first rows may not show all of them.
NEW_KINDS = [(kind.value, kind.label) for kind in Kind if kind != Kind.CHOICE]


#: The data-kind of a column of phone numbers, whose country is asked.
PHONE = "phone"
READINGS = {Kind.DATE.value: _("Date format"), Kind.NUMBER.value: _("Number format")}
INITIAL = ("mode", "channels", "basis", "consent_source", "clear_empty")


class ColumnSelect(forms.Select):
    """The meaning of a column. Each option has the kind of its field as data-kind, so that the page asks how dates and
    numbers are read only for such columns."""

    def __init__(self, kinds: dict[str, str]):
        super().__init__()
        self.kinds = kinds

    def create_option(self, name: str, value: Any, *args: Any, **kwargs: Any) -> dict[str, Any]:
        option = super().create_option(name, value, *args, **kwargs)
        if str(value) in self.kinds:
            option["attrs"]["data-kind"] = self.kinds[str(value)]
        return option


class MappingForm(forms.Form):
    """The meaning of each column, the mode of the import, and where consent came from.

    Columns are numbered from 0. For column n there are the fields column_n (its meaning), kind_n (the kind of a new
    field), date_n and number_n (how its dates and numbers are read).
    """

    mode = forms.ChoiceField(label=_("Existing contacts"), choices=ContactImport.Mode, required=False)
    tags = TagsField(label=_("Tags for all contacts in the file"), required=False, help_text=_("Separated by commas."))
    lists = NamesField(
        label=_("Lists for all contacts in the file"),
        max_name_length=120,
        of="lists",
        help_text=_("Separated by commas. New ones are created."),
    )
    consent_source = forms.CharField(
        label=_("How did these people agree to hear from you?"),
        max_length=300,
        widget=forms.TextInput(attrs={"placeholder": _("For example: newsletter form on our site since 2023")}),
        help_text=_("Kept with each contact as proof (GDPR, article 7). People who opted out stay opted out."),
        error_messages={"required": _("Enter how these people agreed. Contacts can't be imported without it.")},
    )
    channels = forms.MultipleChoiceField(
        label=_("They agreed to"),
        choices=[(c.value, c.label) for c in (Channel.EMAIL, Channel.SMS, Channel.WHATSAPP)],
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    basis = forms.ChoiceField(label=_("Lawful basis"), choices=Consent.Basis, required=False)
    confirmed = forms.BooleanField(
        label=_("Everyone in this file agreed to receive marketing from us."),
        error_messages={"required": _("Confirm that everyone in the file agreed.")},
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

    def __init__(
        self,
        *args: Any,
        sample: FileSample,
        contact_import: ContactImport,
        same_file: ContactImport | None = None,
        conventions: dict[str, bool] | None = None,
        **kwargs: Any,
    ):
        initial = {name: getattr(contact_import, name) for name in INITIAL}
        initial |= {name: contact_import.to_make.get(name, []) for name in ("tags", "lists")}
        super().__init__(*args, initial=initial, **kwargs)  # type: ignore[misc]  # mypy fears a positional `initial`
        self.target = Target(contact_import.target)
        self.first_rows = sample.rows[int(sample.has_header) :][:5]
        self.same_file = same_file
        if same_file is None:
            del self.fields["again"]
        if self.target != Target.CONTACTS:
            for name in ("tags", "lists", "clear_empty", "consent_source", "channels", "basis", "confirmed"):
                del self.fields[name]
        if self.target == Target.SUPPRESSION:
            del self.fields["mode"]
        self._add_columns(sample, contact_import, conventions or {})

    def _add_columns(self, sample: FileSample, contact_import: ContactImport, conventions: dict[str, bool]) -> None:
        own_fields = list(ContactField.objects.present()) if self.target == Target.CONTACTS else []
        self.kinds = {f"attributes:{field.name}": field.kind for field in own_fields} | {"phone": PHONE}
        meanings: list[tuple[str, Any]] = [("", _("Don't import")), *MEANINGS[self.target]]
        meanings += [(f"attributes:{field.name}", field.label) for field in own_fields]
        self.columns: list[str] = []
        self.readings: list[format_inference.Reading] = []
        self.consent_values: dict[int, consent_columns.ConsentValues] = {}
        for n in range(max(len(row) for row in sample.rows)):
            self.readings.append(contact_import.reading[n] if n < len(contact_import.reading) else {})
            if n < len(sample.evidence) and conventions:
                self.readings[n] = format_inference.choose_reading(sample.evidence[n], conventions) | self.readings[n]
            self.columns.append(sample.rows[0][n] if sample.has_header and n < len(sample.rows[0]) else "")
            self._add_column(n, meanings, sample, contact_import, conventions)
            if self.target == Target.CONTACTS and n < len(sample.evidence):
                self._ask_reading(n, sample.evidence[n])
                self._ask_consent(n, sample)
            if any(any(map(str.isdigit, text)) for text in columns.values_of(sample, n)):
                self._ask_country(n)
        if self.target == Target.CONTACTS and any(self._chosen(n) in ANSWERS for n in range(len(self.columns))):
            statement = consent_columns.confirmation()
            self.fields["confirmed"].label = statement["label"]
            self.fields["confirmed"].error_messages["required"] = statement["required"]

    def _chosen(self, n: int) -> str:
        """The meaning of column n, as posted or as proposed."""
        name = f"column_{n}"
        return str(self.data.get(name, "")) if self.is_bound else str(self.fields[name].initial)

    def _ask_consent(self, n: int, sample: FileSample) -> None:
        """The fields for what the values of column n say about consent."""
        found = consent_columns.values_of(sample, n, self.readings[n], asked=self._chosen(n) in ANSWERS)
        self.consent_values[n] = found
        for name, field in found.fields.items():
            self.fields[f"{name}_{n}"] = field

    def _add_column(
        self,
        n: int,
        meanings: list[tuple[str, Any]],
        sample: FileSample,
        contact_import: ContactImport,
        conventions: dict[str, bool],
    ) -> None:
        """The field for the meaning of column n, and the one for the kind of a new field, if it can become one."""
        name = self.columns[n]
        slug = field_name(name)
        is_new = slug and slug not in ContactField.RESERVED and f"attributes:{slug}" not in self.kinds
        meaning = contact_import.mapping[n] if n < len(contact_import.mapping) else ""
        if meaning == f"new:{slug}" and not is_new:  # somebody created it meanwhile
            meaning = f"attributes:{slug}"
        if is_new and self.target == Target.CONTACTS:
            meanings = [*meanings, (f"new:{slug}", _("New field “%(name)s”") % {"name": name[:40]})]
            options = conventions | format_inference.read_options(self.readings[n])
            chosen = contact_import.to_make.get("fields", {}).get(slug, {}).get("kind")
            self.fields[f"kind_{n}"] = forms.ChoiceField(
                label=_("Type of the new field “%(name)s”") % {"name": name[:40]},
                choices=NEW_KINDS,
                required=False,
                initial=chosen or kind_inference.propose(columns.values_of(sample, n), **options),
            )
        self.fields[f"column_{n}"] = forms.ChoiceField(
            label=name or _("Column %(n)d") % {"n": n + 1},
            choices=meanings,
            required=False,
            initial=meaning,
            widget=ColumnSelect(self.kinds | consent_columns.ASKS),
        )

    def _ask_reading(self, n: int, column: FormatEvidence) -> None:
        """The fields for how dates and numbers are read, if column n has any that are not obvious: short dates, and
        numbers that can be read in both ways."""
        for kind, label in READINGS.items():
            example = getattr(column, kind)
            if not example or (kind == Kind.NUMBER and not format_inference.is_ambiguous(kind, example)):
                continue
            self.fields[f"{kind}_{n}"] = forms.ChoiceField(
                label=label,
                choices=[(way, format_inference.describe(kind, way, example)) for way in format_inference.WAYS[kind]],
                required=False,
                initial=self.readings[n].get(kind),
                error_messages={"invalid_choice": _("Choose how to read this column.")},
            )

    def _ask_country(self, n: int) -> None:
        """The field for the country of column n's phone numbers."""
        self.fields[f"country_{n}"] = forms.ChoiceField(
            label=_("Country of numbers without a country code"),
            choices=[("", _("As in the workspace's settings")), *countries.choices()],
            required=False,
            initial=self.readings[n].get("country", ""),
        )

    def column_fields(self) -> list[tuple]:
        """For each column, the bound fields of its meaning, of the kind of a new field (or None), of how its dates
        and numbers are read, and what its values say about consent (or None)."""
        return [
            (
                self[f"column_{n}"],
                self[f"kind_{n}"] if f"kind_{n}" in self.fields else None,
                [
                    *((kind, self[f"{kind}_{n}"]) for kind in READINGS if f"{kind}_{n}" in self.fields),
                    *([(PHONE, self[f"country_{n}"])] if f"country_{n}" in self.fields else []),
                ],
                self.bound_consent(n),
            )
            for n in range(len(self.columns))
        ]

    def bound_consent(self, n: int) -> dict[str, Any] | None:
        """What the values of column n say about consent, for its template."""
        found = self.consent_values.get(n)
        if not found:
            return None
        fields = [(self[f"{name}_{n}"], name in found.unknown) for name in found.fields]
        return {"fields": fields, "values": found}

    def clean(self) -> dict[str, Any]:
        super().clean()
        data = self.cleaned_data
        chosen = [data.get(f"column_{n}", "") for n in range(len(self.columns))]
        if self.target == Target.COMPANIES and "company" not in chosen:
            raise forms.ValidationError(_("Select the column that contains the company name."))
        identities = RunSettings.IDENTITIES if self.target == Target.CONTACTS else {"email", "phone"}
        if self.target != Target.COMPANIES and not identities & set(chosen):
            raise forms.ValidationError(
                _("Select the column that contains the e-mail address, phone number or customer number.")
            )
        used = [meaning for meaning in chosen if meaning and meaning not in REPEATABLE]
        if len(used) != len(set(used)):
            raise forms.ValidationError(
                _("Two columns are mapped to the same field. Set one of them to “Don't import”.")
            )
        data["mapping"] = chosen
        for n, values in self.consent_values.items():
            if chosen[n] in ANSWERS and values and not any(f"{name}_{n}" in self.data for name in values.fields):
                self.add_error(f"column_{n}", _("Check what each value means, then continue."))
        return data

    def chosen_readings(self) -> list[format_inference.Reading]:
        """The reading of each column: as chosen here, else as inferred from the file."""
        found = []
        for n, reading in enumerate(self.readings):
            kept = {
                key: value for key, value in reading.items() if key != "country" or f"country_{n}" not in self.fields
            }
            chosen = {kind: way for kind in (*READINGS, "country") if (way := self.cleaned_data.get(f"{kind}_{n}"))}
            if values := self.consent_values.get(n):
                said = values.chosen({name: self.cleaned_data.get(f"{name}_{n}") for name in values.fields})
                chosen["consent"] = reading.get("consent", {}) | said
            found.append(kept | chosen)
        return found

    def to_make(self) -> dict:
        """What `targets.create` creates when the import starts (ContactImport.to_make)."""
        fields = {}
        for n, meaning in enumerate(self.cleaned_data["mapping"]):
            if meaning.startswith("new:"):
                name = meaning.removeprefix("new:")
                kind = self.cleaned_data[f"kind_{n}"] or Kind.TEXT.value
                fields[name] = {"label": self.columns[n][:80] or name, "kind": kind}
        return {"fields": fields} | {name: self.cleaned_data.get(name, []) for name in ("tags", "lists")}
