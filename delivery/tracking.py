"""Addresses in messages: opens, clicks, unsubscribe, view in browser. Tokens are signed ids."""

from kernel.links import BadToken, absolute, read_ids, sign_ids

__all__ = ["BadToken", "addresses", "read", "sign"]


def sign(purpose: str, *ids: int) -> str:
    return sign_ids(purpose, *ids)


def read(purpose: str, token: str) -> tuple[int, int, int]:
    """(workspace, batch, contact) of a message's token. Raises BadToken."""
    ids = read_ids(purpose, token)
    if len(ids) != 3:
        raise BadToken
    return ids


def addresses(workspace_id: int, batch_id: int, contact_id: int) -> dict[str, str]:
    """The merge values that lead back to us. One token for all: what a link may do is said by its path and method."""
    token = sign_ids("message", workspace_id, batch_id, contact_id)
    return {
        "unsubscribe_url": absolute(f"/u/{token}/"),
        "view_url": absolute(f"/v/{token}/"),
        "fanfare_open": absolute(f"/o/{token}.gif"),
        "fanfare_click": absolute(f"/c/{token}/"),
    }
