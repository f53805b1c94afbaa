from contacts.changes import reading
from kernel.jobs import job


@job(scoped=False, is_needed=lambda: bool(reading.READERS))
def read_changes() -> None:
    """Let everybody who wants to know of contacts' changes read them."""
    reading.read_all()
