"""Limits that no ordinary contact file reaches. Files beyond them are refused with advice."""

MAX_COLUMNS = 500

# Of one workspace at once: one worker reads the files of all.
MAX_AT_WORK = 3  # imports that run or are counted
MAX_WAITING = 20  # files that are uploaded and not started


class Unreadable(ValueError):
    """Raised for a file that can't be imported; the message says what to do."""
