"""How much of the imports' queue one workspace may use: a single worker reads the files of all workspaces."""

from django.db.models import Q
from django.utils.translation import gettext as _

from contacts.imports.limits import MAX_AT_WORK, MAX_WAITING
from contacts.models import ContactImport


class TooMany(ValueError):
    """Raised if the workspace uses its share already; the message says what to do."""


def refuse_more_work(contact_import: ContactImport) -> None:
    """Raises TooMany if enough other imports of the active workspace are running or being counted."""
    states = ContactImport.State
    counting = Q(state=states.UPLOADED, preview__forecast__done=False)
    others = ContactImport.objects.exclude(pk=contact_import.pk)
    if others.filter(Q(state=states.RUNNING) | counting).count() >= MAX_AT_WORK:
        raise TooMany(
            _("%(n)d imports are running already. Start this one when one of them has ended.") % {"n": MAX_AT_WORK}
        )


def refuse_more_files() -> None:
    """Raises TooMany if many files of the active workspace wait to be started."""
    if ContactImport.objects.filter(state=ContactImport.State.UPLOADED).count() >= MAX_WAITING:
        raise TooMany(
            _("%(n)d uploaded files were not imported yet. Import or discard some of them first.") % {"n": MAX_WAITING}
        )
