"""What a column can mean, as its select shows it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.forms.utils import flatatt
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext_lazy as _

from contacts.fields.labels import LABELS
from contacts.forms.imports import consent_columns
from contacts.models import ContactField, ContactImport

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise as _StrOrPromise

Target = ContactImport.Target
#: (heading of the group, [(meaning, label)])
Group = tuple["_StrOrPromise", list[tuple[str, "_StrOrPromise"]]]

LEAVE_OUT = ""


def _named(*fields: str) -> list[tuple[str, _StrOrPromise]]:
    """The meanings that are fields every contact has, under the fields' own names."""
    return [(name, LABELS[name]) for name in fields]


MEANINGS: dict[str, list[Group]] = {
    Target.CONTACTS: [
        (
            _("Contact"),
            [
                *_named("email", "phone", "external_id", "first_name", "last_name"),
                ("full_name", _("Full name")),
                *_named("language"),
                ("tags", _("Tags")),
                ("lists", _("Lists")),
            ],
        ),
        (_("Consent"), [*consent_columns.MEANINGS]),
        (
            _("Company"),
            [
                ("company", _("Company")),
                ("companies", _("Companies, separated by commas")),
                ("company_role", _("Role in the company")),
            ],
        ),
    ],
    Target.COMPANIES: [
        (
            _("Company"),
            [
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
        )
    ],
    Target.EVENTS: [
        (_("Contact"), _named("email", "external_id")),
        (
            _("Event"),
            [
                ("event_time", _("Date or time")),
                ("event_clock", _("Time of day, beside the date")),
                ("event_zone", _("Time zone, beside the time")),
                ("event_name", _("Name of the event")),
                ("event_value", _("Amount")),
                ("event_item_value", _("Amount of one item, added up by order number")),
                ("event_quantity", _("Quantity of the item")),
                ("event_currency", _("Currency")),
                ("event_number", _("Order number")),
                ("event_status", _("Status")),
                ("event_cancelled", _("Cancelled on")),
                ("event_property", _("Property")),
            ],
        ),
    ],
    Target.SUPPRESSION: [(_("Address"), _named("email", "phone"))],
}
# What a meaning's values are, where the page asks more about them: the parts of a column's row that are shown.
ASKS = {
    "phone": "phone",
    "event_time": "date",
    "event_value": "number",
    "event_item_value": "number",
} | consent_columns.ASKS


class MeaningOptions:
    """The meanings for the columns of one import: the given ones of its target, and the workspace's own fields. Each
    option is rendered once, because a file can have 500 columns."""

    def __init__(self, target: str, own_fields: list[ContactField]):
        self.kinds = {f"attributes:{own.name}": own.kind for own in own_fields}
        self.groups: list[Group] = list(MEANINGS[target])
        if own_fields:
            self.groups.append((_("Your fields"), [(f"attributes:{own.name}", own.label) for own in own_fields]))
        self.asks = ASKS | self.kinds
        self._groups = [
            (str(label), {meaning: self._option(meaning, text) for meaning, text in options})
            for label, options in self.groups
        ]
        self._html = [_group(label, options.values()) for label, options in self._groups]

    def choices(self, new: tuple[str, str] | None) -> list[Any]:
        """The choices of a column; `new` is the meaning and label of a new field, if it can become one."""
        first = [(LEAVE_OUT, _("Don't import"))]
        return [*([new] if new else []), *first, *self.groups]

    def html(self, selected: str, new: tuple[str, str] | None) -> SafeString:
        """The options of a column's select."""
        first: list[tuple[str, _StrOrPromise]] = [*([new] if new else []), (LEAVE_OUT, _("Don't import"))]
        parts = [self._option(meaning, text, selected=meaning == selected) for meaning, text in first]
        for (label, options), (_label, texts), html in zip(self._groups, self.groups, self._html, strict=True):
            if selected in options:
                chosen = options | {selected: self._option(selected, dict(texts)[selected], selected=True)}
                parts.append(_group(label, chosen.values()))
            else:
                parts.append(html)
        return mark_safe("".join(parts))  # noqa: S308  # of format_html only

    def _option(self, meaning: str, text: _StrOrPromise, *, selected: bool = False) -> SafeString:
        asks = self.asks.get(meaning)
        return format_html(
            '<option value="{}"{}{}>{}</option>',
            meaning,
            mark_safe(" selected" if selected else ""),  # noqa: S308
            format_html(' data-kind="{}"', asks) if asks else "",
            text,
        )


class ColumnSelect(forms.Select):
    """The meaning of a column. An option whose values the page asks more about names their kind as data-kind."""

    def __init__(self, options: MeaningOptions, new: tuple[str, str] | None):
        super().__init__()
        self.meanings, self.new = options, new

    def render(self, name: str, value: Any, attrs: dict[str, Any] | None = None, renderer: Any = None) -> SafeString:
        found = self.build_attrs(self.attrs, {"name": name} | (attrs or {}))
        return format_html("<select{}>{}</select>", flatatt(found), self.meanings.html(str(value or ""), self.new))


def _group(label: str, options: Any) -> SafeString:
    return format_html(
        '<optgroup label="{}">{}</optgroup>', label, format_html_join("", "{}", ((option,) for option in options))
    )


def labels(target: str) -> dict[str, _StrOrPromise]:
    """The label of each meaning that is not a field."""
    return {meaning: label for _group_label, options in MEANINGS[target] for meaning, label in options}
