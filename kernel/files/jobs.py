"""Deleting a file waits for another server, so it is a job, asked for in the transaction that forgets the file."""

from kernel.files import keeping, places
from kernel.jobs import job


@job(scoped=False)
def delete_file(*, workspace_id: int, file: str) -> None:
    if places.is_on():
        keeping.delete(workspace_id, file)
