from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from contacts.identity import name_lists

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise as _StrOrPromise


class NamesField(forms.CharField):
    """Names separated by commas; a name that contains a comma is in quotation marks. `max_name_length` is in
    characters; `of` says which names the input proposes: tags, lists or companies."""

    def __init__(self, *, max_name_length: int, of: str, **kwargs: Any):
        self.max_name_length = max_name_length
        widget = forms.TextInput(attrs={"data-options": of, "autocomplete": "off"})
        options: dict[str, Any] = {"widget": widget, "max_length": 5000, "required": False}
        super().__init__(**options | kwargs)

    def prepare_value(self, value: Any) -> Any:
        return name_lists.join(value) if isinstance(value, list) else value

    def clean(self, value: Any) -> Any:
        found = name_lists.split(super().clean(value))
        if any(len(name) > self.max_name_length for name in found):
            raise forms.ValidationError(_("Names can have up to %(n)d characters.") % {"n": self.max_name_length})
        return found


class ExistingField(NamesField):
    """Names of existing rows. `rows` returns a queryset, `missing` is the message with %(name)s, and `key` is the
    column that identifies a row: the name, or the name in lower case (name_key)."""

    def __init__(self, *, rows: Callable[[], QuerySet], missing: _StrOrPromise, key: str = "name", **kwargs: Any):
        self.rows, self.missing, self.key = rows, missing, key
        super().__init__(**kwargs)

    def clean(self, value: Any) -> Any:
        wanted = {self._key(name): name for name in super().clean(value)}
        found = {getattr(row, self.key): row for row in self.rows().filter(**{f"{self.key}__in": [*wanted]})}
        unknown = [name for key, name in wanted.items() if key not in found]
        if unknown:
            raise forms.ValidationError(str(self.missing) % {"name": unknown[0]})
        return list(found.values())

    def _key(self, name: str) -> str:
        return name.lower() if self.key == "name_key" else name
