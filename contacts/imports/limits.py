"""Limits that no ordinary contact file reaches. Files beyond them are refused with advice."""

MAX_COLUMNS = 500


class Unreadable(ValueError):
    """Raised for a file that can't be imported; the message says what to do."""
