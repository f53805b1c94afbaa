from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from django import forms
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

    def has_changed(self, initial: Any, data: Any) -> bool:
        """Whether other names are given, in whatever order."""
        before = initial if isinstance(initial, list) else name_lists.split(initial or "")
        return set(before) != set(name_lists.split(data or ""))

    def clean(self, value: Any) -> Any:
        found = name_lists.split(super().clean(value))
        if any(len(name) > self.max_name_length for name in found):
            raise forms.ValidationError(_("Names can have up to %(n)d characters.") % {"n": self.max_name_length})
        return found


class ExistingField(NamesField):
    """Names of existing rows. `find` returns the rows by those of the names that exist; `missing` is the message for
    another name, with %(name)s."""

    def __init__(self, *, find: Callable[[list[str]], Mapping[str, Any]], missing: _StrOrPromise, **kwargs: Any):
        self.find, self.missing = find, missing
        super().__init__(**kwargs)

    def clean(self, value: Any) -> Any:
        names = super().clean(value)
        found = self.find(names)
        unknown = [name for name in names if name not in found]
        if unknown:
            raise forms.ValidationError(str(self.missing) % {"name": unknown[0]})
        return list(dict.fromkeys(found[name] for name in names))
