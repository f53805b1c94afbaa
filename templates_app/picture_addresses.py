"""Public addresses of pictures: what they look like, and which stand in a text.

`<BASE_URL>/i/<workspace>/<key>/<hash>.<format>`. The key is the file's random name, so nobody can guess an address; the
hash is the beginning of the content's SHA-256, so an address means these bytes for ever. It is no secret and no right:
whoever gets a message sees it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from kernel import links

PREFIX = "/i/"
HASH_LENGTH = 16  # hexadecimal digits
CONTENT_TYPES = {"jpg": "image/jpeg", "png": "image/png", "gif": "image/gif"}
_PATH = re.compile(
    rf"{PREFIX}(?P<workspace>[1-9][0-9]{{0,17}})/(?P<key>[0-9a-f]{{32}})/(?P<hash>[0-9a-f]{{{HASH_LENGTH}}})"
    rf"\.(?P<format>{'|'.join(CONTENT_TYPES)})"
)


@dataclass(frozen=True)
class Parts:
    """What a path says: nothing of it has been checked."""

    workspace_id: int
    key: str
    hash: str
    format: str


def path(workspace_id: int, key: str, sha256: str, file_format: str) -> str:
    return f"{PREFIX}{workspace_id}/{key}/{sha256[:HASH_LENGTH]}.{file_format}"


def absolute(workspace_id: int, key: str, sha256: str, file_format: str) -> str:
    """The address as messages have it."""
    return links.absolute(path(workspace_id, key, sha256, file_format))


def parts_of(path: str) -> Parts | None:
    """None for what is no address of a picture."""
    found = _PATH.fullmatch(path)
    return Parts(int(found["workspace"]), found["key"], found["hash"], found["format"]) if found else None


def keys_of(text: str) -> list[str]:
    """The keys of all addresses in a text, in order, whosever they are."""
    return [found["key"] for found in _PATH.finditer(text)]


def replace(text: str, paths: dict[str, str]) -> str:
    """The text with other paths in the place of those with these keys. Their host stays."""
    return _PATH.sub(lambda found: paths.get(found["key"], found[0]), text)


def keys_in(text: str, workspace_id: int) -> set[str]:
    """The keys of the workspace's pictures that a text shows, under whichever host: BASE_URL may have been another."""
    return {found["key"] for found in _PATH.finditer(text) if found["workspace"] == str(workspace_id)}
