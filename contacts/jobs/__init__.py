"""Background work of this app."""

from .bulk_actions import act_in_bulk
from .exports import make_export, tidy_exports
from .imports import forecast_import, import_contacts, undo_import
from .lost import ask_again
from .signups import forget_unconfirmed, remind_of_signups
from .snapshots import take_snapshot
from .trash import purge_trash

__all__ = [
    "act_in_bulk",
    "ask_again",
    "forecast_import",
    "forget_unconfirmed",
    "import_contacts",
    "make_export",
    "purge_trash",
    "remind_of_signups",
    "take_snapshot",
    "tidy_exports",
    "undo_import",
]
