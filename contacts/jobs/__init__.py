"""Background work of this app."""

from .changes import read_changes
from .exports import make_export, tidy_exports
from .imports import forecast_import, import_contacts, undo_import
from .people import act_in_bulk
from .privacy import purge_trash, retire_contacts, retire_contacts_of
from .requeue_stalled import requeue_stalled
from .search import index_words
from .segments import take_snapshot
from .signups import forget_unconfirmed, remind_of_signups

__all__ = [
    "act_in_bulk",
    "forecast_import",
    "forget_unconfirmed",
    "import_contacts",
    "index_words",
    "make_export",
    "purge_trash",
    "read_changes",
    "remind_of_signups",
    "requeue_stalled",
    "retire_contacts",
    "retire_contacts_of",
    "take_snapshot",
    "tidy_exports",
    "undo_import",
]
