from django import forms
from django.utils.translation import gettext_lazy as _

from contacts.identity import name_lists


class NamesField(forms.CharField):
    """Names separated by commas, in quotation marks where one contains a comma. `longest` letters each."""

    def __init__(self, *, longest: int, of: str, **kwargs):
        self.longest = longest
        widget = forms.TextInput(attrs={"data-options": of, "autocomplete": "off"})
        super().__init__(**{"widget": widget, "max_length": 5000, "required": False} | kwargs)

    def prepare_value(self, value):
        return name_lists.join(value) if isinstance(value, list) else value

    def clean(self, value):
        found = name_lists.split(super().clean(value))
        if any(len(name) > self.longest for name in found):
            raise forms.ValidationError(_("Names can have up to %(n)d characters.") % {"n": self.longest})
        return found


class ExistingField(NamesField):
    """Names that there must be rows for. `rows` is a function that answers a queryset, `key` the column that says
    which row is meant: name, or the name in lower case."""

    def __init__(self, *, rows, missing, key: str = "name", **kwargs):
        self.rows, self.missing, self.key = rows, missing, key
        super().__init__(**kwargs)

    def clean(self, value):
        wanted = {self._key(name): name for name in super().clean(value)}
        found = {getattr(row, self.key): row for row in self.rows().filter(**{f"{self.key}__in": [*wanted]})}
        unknown = [name for key, name in wanted.items() if key not in found]
        if unknown:
            raise forms.ValidationError(self.missing % {"name": unknown[0]})
        return list(found.values())

    def _key(self, name: str) -> str:
        return name.lower() if self.key == "name_key" else name
