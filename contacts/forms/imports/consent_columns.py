"""How the values of a column that says who agreed and who refused are understood: one question for each value."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from contacts.imports import columns, consent_columns, consent_headings, consent_values
from contacts.imports.consent_answers import ANSWERS
from contacts.imports.sniffing import FileSample

MEANINGS = [
    ("email_consent", _("Consent to e-mail: yes, no or status")),
    ("sms_consent", _("Consent to SMS: yes, no or status")),
    ("whatsapp_consent", _("Consent to WhatsApp: yes, no or status")),
    ("consent", _("Consent to all channels: yes, no or status")),
    ("consent_at", _("Date of consent")),
    ("consent_wording", _("Wording of consent")),
    ("consent_ip", _("IP address of consent")),
    ("consent_source", _("Source of consent")),
    ("created_at", _("Date the contact was added")),
]
#: What the page asks about columns with these meanings, as data-kind of the option.
ASKS = dict.fromkeys(ANSWERS, "consent") | {"consent_at": "date", "created_at": "date"}
STATES = [
    ("granted", _("Agreed")),
    ("withdrawn", _("Refused or unsubscribed")),
    ("pending", _("No consent")),
    ("bounced", _("Bounced")),
    ("complained", _("Marked as spam")),
]


@dataclass
class ConsentValues:
    """The different values of a column, with a form field for what each means.

    `fields` are by the name of the answer, without the number of the column: "value0" is about the most frequent value.
    """

    fields: dict[str, forms.Field] = field(default_factory=dict)
    #: By the same names, the folded values.
    folded: dict[str, str] = field(default_factory=dict)
    #: The names of the values that are not understood by themselves.
    unknown: set[str] = field(default_factory=set)
    #: How many of the sampled rows don't say yes.
    refusing: int = 0
    #: What an empty cell means.
    empty: str = "pending"
    #: Whether the file has more different values than are shown.
    has_more: bool = False

    def __bool__(self) -> bool:
        return bool(self.fields)

    def chosen(self, answers: Mapping[str, Any]) -> dict[str, str]:
        """What each value means, by its folded form (ContactImport.reading[n]["consent"])."""
        return {folded: answers[name] for name, folded in self.folded.items() if answers.get(name)}


def values_of(sample: FileSample, column: int, reading: Mapping[str, Any], *, asked: bool = False) -> ConsentValues:
    """The questions about a column. None where it says nothing about consent, unless it is `asked` for."""
    if "consent" not in reading and not asked:
        return ConsentValues()
    chosen = reading.get("consent", {})
    kind = consent_headings.kind_of(columns.heading(sample, column))
    cells = columns.cells_of(sample, column)
    texts = consent_values.folded_values(cells)
    of_program = columns.states_of_program(sample, column)
    found = ConsentValues(
        empty=consent_values.state_of("", kind, chosen),
        refusing=sum(
            count for text, count in cells.items() if consent_values.state_of(text, kind, chosen) != "granted"
        ),
        has_more=len(texts) > consent_columns.MAX_VALUES,
    )
    for n, (folded, text) in enumerate(list(texts.items())[: consent_columns.MAX_VALUES]):
        name = f"value{n}"
        found.folded[name] = folded
        found.fields[name] = forms.ChoiceField(
            label=_date_label(text) if folded == consent_values.DATE else text,
            choices=STATES,
            required=False,
            initial=consent_values.state_of(text, kind, chosen),
            error_messages={"invalid_choice": _("Choose what this value means.")},
        )
        if folded not in of_program and not consent_values.understood(text, kind):
            found.unknown.add(name)
    return found


def _date_label(example: str) -> str:
    return gettext("A date, such as %(example)s") % {"example": example}


def confirmation() -> dict[str, Any]:
    """The statement about everybody's consent, for a file that says who refused."""
    return {
        "label": _("Everyone whom the file doesn't mark as refusing agreed to receive marketing from us."),
        "required": _("Confirm that everyone else in the file agreed."),
    }
