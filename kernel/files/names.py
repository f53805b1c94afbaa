"""Names of kept files: workspace, kind, and 128 random bits. Nothing that anybody typed is in them."""

from __future__ import annotations

import re
import secrets

from django.core.exceptions import SuspiciousFileOperation

_NAME = re.compile(r"(?P<workspace>[1-9]\d*)/(?P<kind>[a-z]+)/[0-9a-f]{32}")
UNFINISHED = ".part"  # the end of the name of a file that is being written, in a folder


def new(workspace_id: int, kind: str) -> str:
    """A name that nobody can guess. `kind` is one word, such as "exports"."""
    name = f"{workspace_id}/{kind}/{secrets.token_hex(16)}"
    check(name, workspace_id)
    return name


def check(name: str, workspace_id: int) -> None:
    """Raises SuspiciousFileOperation for a name of another workspace, and for what is no name at all: whatever stands
    in a row, no path outside the workspace's own is ever touched."""
    found = _NAME.fullmatch(name)
    if found is None or found["workspace"] != str(workspace_id):
        raise SuspiciousFileOperation(f"Workspace {workspace_id} has no file of this name.")


def workspace_of(name: str) -> int | None:
    """The workspace of a file, also of an unfinished one. None for what is no file of ours."""
    found = _NAME.fullmatch(name.removesuffix(UNFINISHED))
    return int(found["workspace"]) if found else None
