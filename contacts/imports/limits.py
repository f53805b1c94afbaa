"""What no contact file needs, and is refused with advice."""

MOST_COLUMNS = 500


class Unreadable(ValueError):
    """The file is none that can be imported; the message says what to do."""
