"""Two people, or two tabs, edit one row: nobody overwrites what they have not seen."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar, cast

from django import forms
from django.forms.widgets import ChoiceWidget
from django.utils.functional import cached_property
from django.utils.translation import gettext as _

OPENED = "opened"
SHORT = 200  # characters of a text that the error quotes
MOST = 200_000  # characters that a page carries along
Rows = TypeVar("Rows", bound="QuerySet")

if TYPE_CHECKING:
    from django.db.models import QuerySet
    from django.http import HttpRequest, QueryDict
    from django_stubs_ext import StrOrPromise

    _Base = forms.ModelForm
else:
    _Base = object


class NoticesConflicts(_Base):
    """First base of a ModelForm that several people may have open at once.

    The page remembers in a hidden field what stood in each of the form's fields when it was opened, as digests. Where
    something else stands when it is sent, and this reader left the field alone, the other's value stays: the form is
    read as if the page had been opened just now. Where both changed a field, or that can't be told, the form comes back
    with an error and with all that was typed; sent again, it overwrites. So it does where the page does not say what
    stood there. A template that lays out its fields by hand has `{{ form.opened }}` in it. The view reads the row with
    a lock (`locked_for_saving`), or two requests at the same moment would both see what was there before.
    """

    #: How to call what is edited outside of fields: by name in `edited_values`.
    other_labels: ClassVar[dict[str, StrOrPromise]] = {}

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self._changed_by_both: list[str] = []
        self._is_unmarked = False
        if self.instance.pk is not None:
            self.fields[OPENED] = _Opened(initial=lambda: json.dumps(self._marks))

    def edited_values(self) -> dict[str, Any]:
        """What the form edits: by name of its field, the value that the field begins with."""
        fields = ((name, field) for name, field in self.fields.items() if name != OPENED)
        return {name: field.prepare_value(self.get_initial_for_field(field, name)) for name, field in fields}

    def is_saving(self) -> bool:
        """Whether the form was sent to be saved, and not only to show it again with something found."""
        return True

    def drops(self, name: str, data: QueryDict) -> bool:
        """Whether the form saves nothing in a field because of what was sent for another one."""
        return False

    def full_clean(self) -> None:
        if self.is_bound and OPENED in self.fields and self.is_saving():
            self._take_over()
        super().full_clean()

    def clean(self) -> dict[str, Any]:
        super().clean()
        self.cleaned_data.pop(OPENED, None)
        if self._is_unmarked:
            raise forms.ValidationError(
                _(
                    "This page doesn't say any more what stood here when you opened it, so saving could overwrite what "
                    "someone else has changed. Nothing of yours is saved yet: open the page in another tab to compare, "
                    "or save again to overwrite."
                ),
                code="conflict",
            )
        if self._changed_by_both:
            raise forms.ValidationError(
                _(
                    "Someone saved other changes here after you opened this page: %(changes)s. Nothing of yours is "
                    "saved yet: save again to overwrite them, or open the page in another tab to compare."
                ),
                code="conflict",
                params={"changes": ", ".join(map(self._told, self._changed_by_both))},
            )
        return self.cleaned_data

    @cached_property
    def _values(self) -> dict[str, Any]:
        return self.edited_values()

    @cached_property
    def _marks(self) -> dict[str, str]:
        """What stands in the fields now. A field that the workspace has got meanwhile is empty, and no change of the
        row; neither is one that it has lost."""
        found = ((name, _as_sent(self.fields.get(name), value)) for name, value in self._values.items())
        return {name: _mark(sent) for name, sent in found if sent}

    def _take_over(self) -> None:
        """Replace what this reader left alone by what others have saved there meanwhile."""
        data = cast("QueryDict", self.data).copy()
        seen = _read_marks(data.get(OPENED, ""))
        self._is_unmarked = seen is None
        self._changed_by_both = [] if seen is None else self._merged_into(data, seen)
        data[OPENED] = json.dumps(self._marks)
        self.data = data

    def _merged_into(self, data: QueryDict, seen: dict[str, str]) -> list[str]:
        """Write into the data what others have saved in fields that this reader left alone. Returns the names of the
        fields that both have changed. `seen`: what stood in the fields when the page was opened."""
        both = []
        for name, value in self._values.items():
            if seen.get(name) == self._marks.get(name):
                continue
            field = self.fields.get(name)
            key = self.add_prefix(name)
            given = [_lines(text) for text in data.getlist(key) if text]
            if field is None or (_mark(given) if given else None) != seen.get(name):
                both.append(name)
                continue
            data.setlist(key, _as_sent(field, value))
            if name in self._marks and self.drops(name, data):
                both.append(name)
        return both

    def _told(self, name: str) -> str:
        """The label of a field, with what stands there now if that is short and can be shown."""
        field = self.fields.get(name)
        if field is None:
            return str(self.other_labels[name])
        value = _in_words(field, self._values[name])
        if value is None or len(value) > SHORT:
            return str(field.label)
        if not value:
            return _("%(field)s (now empty)") % {"field": field.label}
        return _("%(field)s (now “%(value)s”)") % {"field": field.label, "value": value}


def locked_for_saving(request: HttpRequest, rows: Rows, *, is_saving: bool = True) -> Rows:
    """The rows, each locked when it is read for a form that was sent to be saved: until the transaction ends, nobody
    else saves it. Rows that point to it may still be written."""
    return rows.select_for_update(of=("self",), no_key=True) if is_saving and request.method == "POST" else rows


def _as_sent(field: forms.Field | None, value: Any) -> list[str]:
    """What a browser sends for a value that it was shown; of what is in no field, anything that tells it from others.
    An empty field sends nothing."""
    if value is None or value is False or value in ("", []):  # 0 is a value
        return []
    if value is True:
        return ["on"]
    shown = repr(value) if field is None else field.widget.format_value(value)
    texts = shown if isinstance(shown, list | tuple) else [shown]
    return [_lines(str(text)) for text in texts if text not in (None, "")]


def _in_words(field: forms.Field, value: Any) -> str | None:
    """The value as the page shows it; None for what it doesn't show, such as a password, and for source. A field that
    the page shows in a way of its own has a method `in_words`."""
    if told := getattr(field, "in_words", None):
        return cast("str", told(value))
    widget = field.widget
    if isinstance(widget, forms.PasswordInput) or widget.is_hidden or "data-editor" in widget.attrs:
        return None
    sent = _as_sent(field, value)
    if isinstance(widget, forms.CheckboxInput):
        return _("Yes") if sent else _("No")
    if isinstance(widget, ChoiceWidget):
        options = (option for _group, found, _index in widget.optgroups("", sent) for option in found)
        return ", ".join(str(option["label"]) for option in options if option["selected"])
    return " / ".join(line for text in sent for line in text.splitlines() if line.strip())


def _lines(text: str) -> str:
    """Browsers send the lines of a text with CR LF."""
    return text.replace("\r\n", "\n")


def _mark(sent: list[str]) -> str:
    """A digest of what was sent for a field, in whatever order."""
    return hashlib.sha256(json.dumps(sorted(sent)).encode()).hexdigest()[:16]


def _read_marks(text: str) -> dict[str, str] | None:
    """{name of a field: its mark}. None where the page did not send them, or where they can't be read."""
    try:
        marks = json.loads(text) if len(text) <= MOST else None
    except (ValueError, RecursionError):
        return None
    return marks if isinstance(marks, dict) else None


class _Opened(forms.CharField):
    """Read before the form is, by `_take_over`."""

    def __init__(self, **kwargs: Any):
        super().__init__(widget=forms.HiddenInput, required=False, **kwargs)

    def has_changed(self, initial: Any, data: Any) -> bool:
        """It is no change of the row."""
        return False
