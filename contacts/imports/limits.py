"""Limits that no ordinary contact file reaches. Files beyond them are refused with advice."""

MAX_COLUMNS = 500

# Of one workspace at once: one worker reads the files of all.
MAX_AT_WORK = 3  # imports that run or are counted
MAX_WAITING = 20  # files that are uploaded and not started

# Of the rejected rows of one import, which are kept to be mended.
MAX_REJECTED_ROWS = 100_000
MAX_REJECTED_BYTES = 50_000_000


class Unreadable(ValueError):
    """Raised for a file that can't be imported; the message says what to do."""
