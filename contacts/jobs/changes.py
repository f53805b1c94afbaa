from contacts.changes import reading
from kernel.jobs import job


@job(scoped=False)
def read_changes() -> None:
    """Let everybody who wants to know of contacts' changes read them."""
    reading.read_all()
