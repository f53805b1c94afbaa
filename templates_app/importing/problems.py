class NotImportable(Exception):
    """Raised for what can't be imported. The message says what to do. Nothing has been stored."""


class TryAgain(NotImportable):
    """Raised if too many files are being read at this moment."""
