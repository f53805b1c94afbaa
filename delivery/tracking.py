"""Our links in messages: opens, clicks, unsubscribe, preferences, view in browser. Tokens are signed ids.

A link's token is a key: whoever has it can unsubscribe the person. A Message-ID is a name: servers log it, replies and
bounces quote it. So its token has a purpose of its own, which opens no page.
"""

from contacts.consent.preferences import MESSAGE, TEST
from kernel.links import BadToken, Signer, absolute, read_ids, sign_ids
from templates_app.merging import message_tags

__all__ = [
    "ADDRESSES",
    "MESSAGE",
    "TEST",
    "BadToken",
    "addresses",
    "message_id",
    "read",
    "read_link",
    "read_message_id",
    "sign",
    "signer",
]

MESSAGE_ID = "message-id"  # the purpose of the token in a Message-ID: workspace, batch, contact

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


def signer(purpose: str, workspace_id: int, batch_id: int) -> Signer:
    """Signs the tokens of a batch's messages by their contact's id."""
    return Signer(purpose, workspace_id, batch_id)


def message_id(token: str, host: str) -> str:
    """The Message-ID (RFC 5322, 3.6.4) of a message from a sender at `host`. `token` is of the purpose MESSAGE_ID."""
    return f"<{token}@{host}>"


def read_message_id(text: str) -> tuple[int, int, int]:
    """The ids (workspace, batch, contact) of the message with this Message-ID, such as a bounce quotes it. Raises
    BadToken where it is not one of ours."""
    return read(MESSAGE_ID, text.strip().removeprefix("<").partition("@")[0])


def read_link(token: str) -> tuple[tuple[int, int, int], bool]:
    """(ids, whether it is a test's link, which changes and counts nothing). Raises BadToken."""
    try:
        return read(MESSAGE, token), False
    except BadToken:
        return read(TEST, token), True


def addresses(token: str) -> dict[str, str]:
    return {name: absolute(f"{before}{token}{after}") for name, (before, after) in ADDRESSES.items()}
