"""Deleting as a merchant does: into the trash, with a word about the way back."""

from django.contrib import messages
from django.utils.translation import gettext as _

from accounts import audit
from kernel import trash
from kernel.trash import Trashable

NAMED = 5


def discard(request, row: Trashable, verb: str, done: str) -> bool:
    """Put it into the trash, note `verb` and say `done`. What is in use stays, and the page says what uses it."""
    if usages := trash.usages_of(row):
        named = ", ".join(usages[:NAMED]) + (" …" if len(usages) > NAMED else "")
        text = _("“%(name)s” is still in use: %(usages)s. Remove it from there first.")
        messages.error(request, text % {"name": row, "usages": named})
        return False
    row.discard()
    audit.record(request, verb, row)
    way_back = _("You can restore it from the trash for 30 days.")
    messages.success(request, f"{done} {way_back}")
    return True
