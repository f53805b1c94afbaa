"""Two people, or two tabs, edit one row: nobody overwrites what they have not seen."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any, TypeVar, cast

from django import forms
from django.utils.translation import gettext as _

OPENED = "opened"
EMPTY: tuple[Any, ...] = (None, "", [])
Rows = TypeVar("Rows", bound="QuerySet")

if TYPE_CHECKING:
    from django.db.models import QuerySet
    from django.http import HttpRequest, QueryDict

    _Base = forms.ModelForm
else:
    _Base = object


class NoticesConflicts(_Base):
    """First base of a ModelForm that several people may have open at once.

    The page remembers, as a digest in a hidden field, what stood in the form's fields when it was opened. If something
    else stands there when it is sent, the form comes back with an error, and with all that was typed; sent again, it
    overwrites. A template that lays out its fields by hand has `{{ form.opened }}` in it. The view reads the row with a
    lock (`locked_for_saving`), or two requests at the same moment would both see what was there before.
    """

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        if self.instance.pk is not None:
            self.fields[OPENED] = _Digest(initial=self._digest)

    def edited_values(self) -> list[Any]:
        """What the digest is of: the values that the fields begin with."""
        fields = ((name, field) for name, field in self.fields.items() if name != OPENED)
        values = ((name, field.prepare_value(self.get_initial_for_field(field, name))) for name, field in fields)
        # A field that the workspace has got meanwhile is empty, and no change of the row.
        return [(name, value) for name, value in values if value not in EMPTY]

    def is_saving(self) -> bool:
        """Whether the form was sent to be saved, and not only to show it again with something found."""
        return True

    def _digest(self) -> str:
        return hashlib.sha256(repr(self.edited_values()).encode()).hexdigest()[:32]

    def clean(self) -> dict[str, Any]:
        super().clean()
        seen = self.cleaned_data.pop(OPENED, "")
        if seen and self.is_saving() and seen != (now := self._digest()):
            data = cast("QueryDict", self.data).copy()
            data[OPENED] = now
            self.data = data
            raise forms.ValidationError(
                _(
                    "Someone saved other changes here after you opened this page. Nothing of yours is saved yet: open "
                    "the page again in another tab to compare, or save to overwrite those changes."
                ),
                code="conflict",
            )
        return self.cleaned_data


def locked_for_saving(request: HttpRequest, rows: Rows, *, is_saving: bool = True) -> Rows:
    """The rows, each locked when it is read for a form that was sent to be saved: until the transaction ends, nobody
    else saves it. Rows that point to it may still be written."""
    return rows.select_for_update(of=("self",), no_key=True) if is_saving and request.method == "POST" else rows


class _Digest(forms.CharField):
    def __init__(self, **kwargs: Any):
        super().__init__(widget=forms.HiddenInput, required=False, max_length=32, **kwargs)

    def has_changed(self, initial: Any, data: Any) -> bool:
        """It is no change of the row."""
        return False
