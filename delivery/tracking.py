"""Our links in messages: opens, clicks, unsubscribe, preferences, view in browser. Tokens are signed ids."""

from kernel.links import BadToken, absolute, read_ids, sign_ids
from templates_app.merging import message_tags

__all__ = ["ADDRESSES", "BadToken", "addresses", "read", "sign"]

# Merge values with links to us: the path before and after the message's token. All have the same token; the path and
# the method decide what a link does.
ADDRESSES = {
    "unsubscribe_url": ("/u/", "/"),
    "preferences_url": ("/p/", "/"),
    "view_url": ("/v/", "/"),
    message_tags.OPEN: ("/o/", ".gif"),
    message_tags.CLICK: ("/c/", "/"),
}


def sign(purpose: str, *ids: int) -> str:
    return sign_ids(purpose, *ids)


def read(purpose: str, token: str) -> tuple[int, int, int]:
    """The ids (workspace, batch, contact) in a message's token. Raises BadToken."""
    ids = read_ids(purpose, token)
    if len(ids) != 3:
        raise BadToken
    return ids


def addresses(workspace_id: int, batch_id: int, contact_id: int) -> dict[str, str]:
    token = sign_ids("message", workspace_id, batch_id, contact_id)
    return {name: absolute(f"{before}{token}{after}") for name, (before, after) in ADDRESSES.items()}
