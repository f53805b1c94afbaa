"""What a file of events leaves unsaid: what happened, and in which currency."""

from __future__ import annotations

from django import forms
from django.utils import translation
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from contacts.contact_events import currencies, limits
from contacts.imports import event_reading
from contacts.imports.event_rows import AMOUNTS
from kernel.forms import hide_optional

#: What is missing where neither a column nor an answer says it.
UNSAID = {
    "event_name": _("Enter what happened, or select the column that says it."),
    "event_currency": _("Enter the currency of the amounts, or select the column that says it."),
}


class EventFields(forms.Form):
    event_name = forms.CharField(
        label=_("What happened?"),
        max_length=limits.MAX_NAME_LENGTH,
        required=False,
        help_text=_("The name of the events in this file, such as “Order”, where no column says it."),
    )
    event_currency = forms.CharField(
        label=_("Currency of the amounts"),
        max_length=3,
        required=False,
        help_text=_("A code such as EUR, where the file doesn't say it."),
    )

    def require_unsaid(self, chosen: list[str]) -> None:
        """Don't call a question optional that must be answered. `chosen`: the meanings of the columns."""
        hide_optional(self, *_unsaid(chosen))

    def clean_event_name(self) -> str:
        text = self.cleaned_data["event_name"]
        try:
            return limits.name(text) if text else ""
        except limits.BadEvent as problem:
            raise forms.ValidationError(limits.REASONS[str(problem)]) from None

    def clean_event_currency(self) -> str:
        code = self.cleaned_data["event_currency"].upper()
        if code and code not in currencies.in_use():
            raise forms.ValidationError(limits.REASONS["event_currency"])
        return code

    def propose_name(self, chosen: list[str], language: str) -> None:
        """Rows that have an order number are orders. In the language of the workspace, so that all its members import
        them under one name."""
        if "event_number" in chosen and "event_name" not in chosen:
            with translation.override(language):
                self.initial.setdefault("event_name", gettext("Order"))

    def propose_currency(self, amounts: list[str]) -> None:
        """Propose the currency whose sign stands in all amounts, unless another file with these columns had one."""
        codes = {event_reading.sign_of(text)[0] for text in amounts}
        if len(codes) == 1:
            self.initial.setdefault("event_currency", codes.pop())

    def check_events(self, chosen: list[str], amounts: list[str]) -> None:
        """Add an error for what neither a column nor an answer says. `chosen`: the meanings of the columns; `amounts`:
        some cells of the one with the amounts."""
        data = self.cleaned_data
        if "event_time" not in chosen:
            self.add_error(None, _("Select the column that says when it happened."))
        if "event_item_value" in chosen and "event_number" not in chosen:
            self.add_error(None, _("Select the column with the order number, by which the items are added up."))
        for name in _unsaid(chosen):
            if not data.get(name) and name not in self.errors:
                self.add_error(name, UNSAID[name])
        code = data.get("event_currency", "")
        if "event_currency" in _unsaid(chosen) and code and any(_is_in_other_dollars(text, code) for text in amounts):
            self.add_error(
                "event_currency", _("The amounts have a $. Enter which dollar it is, such as USD, CAD or AUD.")
            )

    def event(self) -> dict[str, str]:
        """The answers, as of ContactImport.event."""
        found = {name: self.cleaned_data.get(f"event_{name}", "") for name in ("name", "currency")}
        return {name: text for name, text in found.items() if text}


def _unsaid(chosen: list[str]) -> list[str]:
    """The questions that must be answered, because no column does. A file without amounts needs no currency."""
    asked = ["event_name"] if AMOUNTS.isdisjoint(chosen) else ["event_name", "event_currency"]
    return [name for name in asked if name not in chosen]


def _is_in_other_dollars(text: str, code: str) -> bool:
    found, rest = event_reading.sign_of(text)
    return event_reading.is_other_dollar(rest, found or code)
