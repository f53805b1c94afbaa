from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from contacts.fields.values import ReadOptions
from contacts.forms.imports import consent_columns
from contacts.forms.imports.columns import BoundPart, Column, ColumnGroups, ColumnRow, Part
from contacts.forms.imports.consent import ConsentFields
from contacts.forms.imports.consent_part import ConsentPart
from contacts.forms.imports.events import EventFields
from contacts.forms.imports.import_settings import SettingsFields
from contacts.forms.imports.meanings import ColumnSelect, MeaningOptions
from contacts.forms.imports.new_fields import NewFieldPart
from contacts.forms.imports.phone_country import PhoneCountryPart
from contacts.forms.imports.readings import ReadingPart
from contacts.imports import columns, format_inference
from contacts.imports.consent_answers import ANSWERS, REPEATABLE
from contacts.imports.event_rows import AMOUNTS, PROPERTY
from contacts.imports.format_inference import FormatEvidence
from contacts.imports.run_settings import RunSettings
from contacts.imports.sniffing import FileSample
from contacts.models import ContactField, ContactImport

Target = ContactImport.Target
Kind = ContactField.Kind
# What is asked about a column beside its meaning, in this order.
PARTS: list[Part] = [NewFieldPart(), ReadingPart(), PhoneCountryPart(), ConsentPart()]
IDENTITIES = {Target.SUPPRESSION: {"email", "phone"}, Target.EVENTS: {"email", "external_id"}}
NO_PERSON = {
    Target.CONTACTS: _("Select the column that contains the e-mail address, phone number or customer number."),
    Target.SUPPRESSION: _("Select the column that contains the e-mail address or phone number."),
    Target.EVENTS: _(
        "No column says who each event is about. Select the one that contains the e-mail address or customer number. "
        "If the file has none, export it again with e-mail addresses."
    ),
}
INITIAL = ("mode", "channels", "basis", "consent_source", "clear_empty")


class MappingForm(SettingsFields, ConsentFields, EventFields):
    """The meaning of each column, the mode of the import, and where consent came from.

    Columns are numbered from 0. For column n there are the fields column_n (its meaning) and those of its parts, such
    as kind_n and date_n (contacts.forms.imports.columns).
    """

    def __init__(
        self,
        *args: Any,
        sample: FileSample,
        contact_import: ContactImport,
        same_file: ContactImport | None = None,
        conventions: ReadOptions | None = None,
        **kwargs: Any,
    ):
        initial = {name: getattr(contact_import, name) for name in INITIAL}
        initial |= {f"event_{name}": text for name, text in contact_import.event.items()}
        initial |= {name: contact_import.to_make.get(name, []) for name in ("tags", "lists")}
        super().__init__(*args, initial=initial, **kwargs)  # type: ignore[misc]  # mypy fears a positional `initial`
        self.target = Target(contact_import.target)
        self.sample = sample
        self.same_file = same_file
        if same_file is None:
            del self.fields["again"]
        if self.target != Target.CONTACTS:
            for name in ("tags", "lists", "clear_empty", *ConsentFields.base_fields):
                del self.fields[name]
        if self.target in (Target.SUPPRESSION, Target.EVENTS):
            del self.fields["mode"]
        if self.target != Target.EVENTS:
            for name in EventFields.base_fields:
                del self.fields[name]
        self._add_columns(sample, contact_import, conventions or {})

    def _add_columns(self, sample: FileSample, contact_import: ContactImport, conventions: ReadOptions) -> None:
        own_fields = list(ContactField.objects.present()) if self.target == Target.CONTACTS else []
        self.options = MeaningOptions(self.target, own_fields)
        self.columns: list[Column] = []
        self.parts: list[list[tuple[Part, list[str]]]] = []
        taken = {own.name for own in own_fields}
        taken |= {meaning.removeprefix("new:") for meaning in contact_import.mapping if meaning.startswith("new:")}
        for n in range(max(len(row) for row in sample.rows)):
            column = self._column(n, sample, contact_import, conventions)
            if self.target == Target.CONTACTS:
                _propose_field(column, columns.new_field_label(sample, n), contact_import, taken)
            column.chosen = str(self.data.get(f"column_{n}", "")) if self.is_bound else column.meaning
            self.columns.append(column)
            self._add_column(column)
        if self.target == Target.EVENTS:
            chosen = [column.chosen for column in self.columns]
            self.require_unsaid(chosen)
            self.propose_name(chosen, contact_import.workspace.language)
            self.propose_currency(self._amounts(chosen))
        if self.target == Target.CONTACTS and any(column.chosen in ANSWERS for column in self.columns):
            statement = consent_columns.confirmation()
            self.fields["confirmed"].label = statement["label"]
            self.fields["confirmed"].error_messages["required"] = statement["required"]

    def _column(self, n: int, sample: FileSample, contact_import: ContactImport, conventions: ReadOptions) -> Column:
        heading = columns.heading(sample, n)
        evidence = sample.evidence[n] if n < len(sample.evidence) else FormatEvidence()
        reading = contact_import.reading[n] if n < len(contact_import.reading) else {}
        if conventions:
            asks_dates = self.target == Target.EVENTS
            reading = format_inference.choose_reading(evidence, conventions, asks_dates=asks_dates) | reading
        meaning = contact_import.mapping[n] if n < len(contact_import.mapping) else ""
        name = meaning.removeprefix("new:")
        if meaning.startswith("new:") and f"attributes:{name}" in self.options.kinds:
            meaning = f"attributes:{name}"  # somebody created it meanwhile
        return Column(
            n=n,
            heading=heading,
            label=heading or gettext("Column %(n)d") % {"n": n + 1},
            target=self.target,
            values=columns.values_of(sample, n),
            evidence=evidence,
            sample=sample,
            conventions=conventions,
            meaning=meaning,
            reading=reading,
        )

    def _add_column(self, column: Column) -> None:
        """The field for the meaning of a column, and those of its parts."""
        new = None
        if column.new_name:
            new = (f"new:{column.new_name}", gettext("New field “%(name)s”") % {"name": column.new_label[:40]})
        self.fields[f"column_{column.n}"] = forms.ChoiceField(
            label=column.label,
            choices=self.options.choices(new),
            required=False,
            initial=column.meaning,
            widget=ColumnSelect(self.options, new),
        )
        asked = []
        for part in PARTS:
            fields = part.fields(column)
            for name, field in fields.items():
                self.fields[f"{name}_{column.n}"] = field
            if fields:
                asked.append((part, list(fields)))
        self.parts.append(asked)

    def rows(self) -> list[ColumnRow]:
        """The columns with their bound fields."""
        return [
            ColumnRow(
                column,
                self[f"column_{column.n}"],
                [
                    BoundPart(part, column, {name: self[f"{name}_{column.n}"] for name in names})
                    for part, names in asked
                ],
            )
            for column, asked in zip(self.columns, self.parts, strict=True)
        ]

    def column_groups(self) -> ColumnGroups:
        """The rows, with the columns without values apart."""
        return ColumnGroups(self.rows())

    def clean(self) -> dict[str, Any]:
        super().clean()
        data = self.cleaned_data
        chosen = [data.get(f"column_{n}", "") for n in range(len(self.columns))]
        if self.target == Target.COMPANIES and "company" not in chosen:
            raise forms.ValidationError(_("Select the column that contains the company name."))
        identities = IDENTITIES.get(self.target, RunSettings.IDENTITIES)
        if self.target == Target.EVENTS:
            self.check_events(chosen, self._amounts(chosen))
            self._refuse_unread_dates(chosen)
        if self.target != Target.COMPANIES and not identities & set(chosen):
            raise forms.ValidationError(NO_PERSON[self.target])
        self._refuse_doubles(chosen)
        self._refuse_unasked(chosen)
        data["mapping"] = self._renamed(chosen)
        return data

    def _amounts(self, chosen: list[str]) -> list[str]:
        """Some cells of the column with the amounts of events."""
        return [
            cell
            for column, meaning in zip(self.columns, chosen, strict=True)
            if meaning in AMOUNTS
            for cell in column.values
        ]

    def _refuse_doubles(self, chosen: list[str]) -> None:
        first: dict[str, Column] = {}
        for column, meaning in zip(self.columns, chosen, strict=True):
            if meaning and meaning not in REPEATABLE | {PROPERTY} and meaning in first:
                words = {"first": first[meaning].label[:40], "second": column.label[:40]}
                message = _("“%(first)s” and “%(second)s” are mapped to the same field. Leave one of them out.")
                self.add_error(f"column_{column.n}", str(message) % words)
            first.setdefault(meaning, column)

    def _refuse_unasked(self, chosen: list[str]) -> None:
        """A column about consent is imported only after the page has shown how its values are understood."""
        for column, meaning, asked in zip(self.columns, chosen, self.parts, strict=True):
            names = [name for part, names in asked if isinstance(part, ConsentPart) for name in names]
            if meaning in ANSWERS and names and not any(f"{name}_{column.n}" in self.data for name in names):
                self.add_error(f"column_{column.n}", _("Check what each value means, then continue."))

    def _refuse_unread_dates(self, chosen: list[str]) -> None:
        """Times of events are imported only once somebody has said how to read days that may be months."""
        for column, meaning in zip(self.columns, chosen, strict=True):
            name = f"date_{column.n}"
            if meaning == "event_time" and name in self.fields and not self.cleaned_data.get(name):
                self.add_error(name, self.fields[name].error_messages["invalid_choice"])

    def _renamed(self, chosen: list[str]) -> list[str]:
        """The mapping, in which a new field whose label was changed has a merge tag of that label."""
        mapping = list(chosen)
        taken = {name.removeprefix("attributes:") for name in self.options.kinds}
        taken |= {meaning.removeprefix("new:") for meaning in chosen if meaning.startswith("new:")}
        for column, meaning in zip(self.columns, chosen, strict=True):
            label = self.cleaned_data.get(f"label_{column.n}", "")
            if not meaning.startswith("new:") or not label or label == column.new_label:
                continue
            taken.discard(column.new_name)
            name = columns.new_field_name(label, column.n, taken)
            taken.add(name)
            mapping[column.n] = f"new:{name}"
        return mapping

    def chosen_readings(self) -> list[dict[str, Any]]:
        """The reading of each column: as chosen here, else as inferred from the file."""
        found = []
        for column, asked in zip(self.columns, self.parts, strict=True):
            reading = dict(column.reading)
            for part, names in asked:
                reading |= part.reading(column, self._answers(column, names))
            found.append({key: value for key, value in reading.items() if value != ""})
        return found

    def _answers(self, column: Column, names: list[str]) -> dict[str, Any]:
        return {name: self.cleaned_data.get(f"{name}_{column.n}") for name in names}

    def to_make(self) -> dict:
        """What `targets.create` creates when the import starts (ContactImport.to_make)."""
        fields = {}
        for column, meaning in zip(self.columns, self.cleaned_data["mapping"], strict=True):
            if meaning.startswith("new:"):
                answers = self._answers(column, ["label", "kind"])
                label = answers["label"] or column.new_label
                fields[meaning.removeprefix("new:")] = {"label": label, "kind": answers["kind"] or Kind.TEXT.value}
        return {"fields": fields} | {name: self.cleaned_data.get(name, []) for name in ("tags", "lists")}


def _propose_field(column: Column, label: str, contact_import: ContactImport, taken: set[str]) -> None:
    """Set the name, label and kind of the new field that the column can become."""
    if column.meaning.startswith("new:"):
        column.new_name = column.meaning.removeprefix("new:")
    elif column.meaning in {f"attributes:{columns.field_name(name)}" for name in (label, column.heading)}:
        return  # it exists
    else:
        column.new_name = columns.new_field_name(label, column.n, taken)
        taken.add(column.new_name)
    chosen = contact_import.to_make.get("fields", {}).get(column.new_name, {})
    column.new_label = chosen.get("label") or label
    column.new_kind = chosen.get("kind") or columns.new_field_kind(
        column.values, label, column.reading, column.conventions
    )
