"""Examples of what a kind does to the values of a column, for the merchant to see before choosing it."""

from __future__ import annotations

from dataclasses import dataclass, field

from django.utils import formats
from django.utils.translation import gettext as _

from contacts.fields import values
from contacts.fields.values import ReadOptions, Value
from contacts.models import ContactField

MAX_EXAMPLES = 3


@dataclass(frozen=True)
class KindExamples:
    """Up to three of each: (value, what it becomes), and values that don't fit and would be left out."""

    changes: list[tuple[str, str]] = field(default_factory=list)
    misfits: list[str] = field(default_factory=list)


def of(kind: str, found: list[str], options: ReadOptions) -> KindExamples:
    """Examples for a kind; `options` are keyword arguments of values.read(). Text changes nothing."""
    examples = KindExamples()
    if kind == ContactField.Kind.TEXT:
        return examples
    convert = values.reader(kind, **options)
    for text in sorted(dict.fromkeys(found), key=_telling):
        try:
            after = _shown(kind, convert(text))
        except values.BadValue:
            examples.misfits.append(text)
        else:
            if after != text:
                examples.changes.append((text, after))
    del examples.changes[MAX_EXAMPLES:], examples.misfits[MAX_EXAMPLES:]
    return examples


def _telling(text: str) -> bool:
    """Sorts values that would lose a zero or hold signs before the others."""
    return text.isdigit() and not text.startswith("0")


def _shown(kind: str, value: Value) -> str:
    if isinstance(value, bool):
        return _("Yes") if value else _("No")
    if isinstance(value, int | float):  # without separators of thousands, which would look like a change
        return formats.number_format(value, use_l10n=True, force_grouping=False)
    return values.show(ContactField(kind=kind), value)
