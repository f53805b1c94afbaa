"""Two people, or two tabs, edit one row: nobody overwrites what they have not seen."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any, TypeVar, cast

from django import forms
from django.utils.text import capfirst
from django.utils.translation import gettext as _

OPENED = "opened"
EMPTY: tuple[Any, ...] = (None, "", [])
SCALARS = (str, int, bool)
SHORT = 200  # characters of a value that the page carries along; of a longer one it carries a digest
MOST = 100_000  # characters that the page carries along of all
Rows = TypeVar("Rows", bound="QuerySet")

if TYPE_CHECKING:
    from django.db.models import QuerySet
    from django.http import HttpRequest, QueryDict

    _Base = forms.ModelForm
else:
    _Base = object


class NoticesConflicts(_Base):
    """First base of a ModelForm that several people may have open at once.

    The page remembers in a hidden field what stood in each of the form's fields when it was opened. Where something
    else stands when it is sent, and this reader left the field alone, the other's value stays. Where both changed a
    field, the form comes back with an error and with all that was typed; sent again, it overwrites. A template that
    lays out its fields by hand has `{{ form.opened }}` in it. The view reads the row with a lock (`locked_for_saving`),
    or two requests at the same moment would both see what was there before.
    """

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        if self.instance.pk is not None:
            self.fields[OPENED] = _Opened(initial=lambda: json.dumps(self._marks(), ensure_ascii=False))

    def edited_values(self) -> dict[str, Any]:
        """What the form edits: by name of its field, the value that the field begins with."""
        fields = ((name, field) for name, field in self.fields.items() if name != OPENED)
        return {name: field.prepare_value(self.get_initial_for_field(field, name)) for name, field in fields}

    def is_saving(self) -> bool:
        """Whether the form was sent to be saved, and not only to show it again with something found."""
        return True

    def clean(self) -> dict[str, Any]:
        super().clean()
        seen = self.cleaned_data.pop(OPENED, None)
        if seen is None or not self.is_saving():
            return self.cleaned_data
        now = self._marks()
        changed = [name for name in {**seen, **now} if seen.get(name) != now.get(name)]
        both = [name for name in changed if not self._keep(name, seen.get(name))]
        if both:
            self._change_data(OPENED, json.dumps(now, ensure_ascii=False))
            raise forms.ValidationError(
                _(
                    "Someone saved other changes here after you opened this page: %(changes)s. Nothing of yours is "
                    "saved yet: save again to overwrite them, or open the page in another tab to compare."
                ),
                code="conflict",
                params={"changes": ", ".join(map(self._told, both))},
            )
        return self.cleaned_data

    def _marks(self) -> dict[str, str]:
        """What stands in the fields, to compare with later. A field that the workspace has got meanwhile is empty, and
        no change of the row."""
        return {name: _mark(value) for name, value in self.edited_values().items() if value not in EMPTY}

    def _keep(self, name: str, seen: str | None) -> bool:
        """Keep what somebody else has put into a field that this reader did not change. False if that can't be done."""
        field = self.fields.get(name)
        value = self.edited_values().get(name)
        if field is None or name in self.errors or not (value is None or isinstance(value, SCALARS)):
            return False
        given = field.widget.value_from_datadict(self.data, self.files, self.add_prefix(name))
        if not _is_same(field, seen, given):
            return False
        try:
            self.cleaned_data[name] = field.clean(value)
        except forms.ValidationError:
            return False
        self._change_data(self.add_prefix(name), value)
        return True

    def _change_data(self, name: str, value: Any) -> None:
        """Show another value where the form comes back."""
        data = cast("QueryDict", self.data).copy()
        if value in EMPTY or value is False:
            data.pop(name, None)
        else:
            data[name] = str(value)
        self.data = data

    def _told(self, name: str) -> str:
        """The label of a field, with what stands there now if that is a short text."""
        field = self.fields.get(name)
        label = str(field.label if field is not None and field.label else _verbose_name(self.instance, name))
        value = self.edited_values().get(name)
        if type(field) in (forms.CharField, forms.EmailField) and isinstance(value, str) and len(value) <= SHORT:
            return _("%(field)s (now “%(value)s”)") % {"field": label, "value": value}
        return label


def locked_for_saving(request: HttpRequest, rows: Rows, *, is_saving: bool = True) -> Rows:
    """The rows, each locked when it is read for a form that was sent to be saved: until the transaction ends, nobody
    else saves it. Rows that point to it may still be written."""
    return rows.select_for_update(of=("self",), no_key=True) if is_saving and request.method == "POST" else rows


def _mark(value: Any) -> str:
    """A short value as JSON, of any other a digest, which is no JSON."""
    if isinstance(value, SCALARS) and len(text := json.dumps(value, ensure_ascii=False)) <= SHORT:
        return text
    return "#" + hashlib.sha256(repr(value).encode()).hexdigest()[:32]


def _is_same(field: forms.Field, seen: str | None, given: Any) -> bool:
    """Whether a field was sent as it was opened. In doubt it was not."""
    if seen is not None and seen.startswith("#"):
        return isinstance(given, str) and _mark(given.replace("\r\n", "\n")) == seen
    return not field.has_changed(None if seen is None else json.loads(seen), given)


def _verbose_name(instance: Any, name: str) -> str:
    return capfirst(instance._meta.get_field(name).verbose_name)


class _Opened(forms.CharField):
    """{name of a field: its mark}, as JSON. None where the page did not send it."""

    def __init__(self, **kwargs: Any):
        super().__init__(widget=forms.HiddenInput, required=False, max_length=MOST, **kwargs)

    def clean(self, value: Any) -> dict[str, str] | None:
        text = super().clean(value)
        if not text:
            return None
        try:
            marks = json.loads(text)
            return {str(name): mark for name, mark in marks.items() if isinstance(mark, str) and _is_mark(mark)}
        except (ValueError, AttributeError, RecursionError):
            return {}

    def has_changed(self, initial: Any, data: Any) -> bool:
        """It is no change of the row."""
        return False


def _is_mark(text: str) -> bool:
    return text.startswith("#") or isinstance(json.loads(text), SCALARS)
