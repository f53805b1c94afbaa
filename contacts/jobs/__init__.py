"""Background work of this app."""

from .exports import make_export, tidy_exports
from .imports import forecast_import, import_contacts, undo_import
from .lost import ask_again
from .people import act_in_bulk
from .privacy import purge_trash, retire_contacts, retire_contacts_of
from .segments import take_snapshot
from .signups import forget_unconfirmed, remind_of_signups

__all__ = [
    "act_in_bulk",
    "ask_again",
    "forecast_import",
    "forget_unconfirmed",
    "import_contacts",
    "make_export",
    "purge_trash",
    "remind_of_signups",
    "retire_contacts",
    "retire_contacts_of",
    "take_snapshot",
    "tidy_exports",
    "undo_import",
]
