"""One message as Brevo takes it."""

from __future__ import annotations

import json
import uuid

from delivery.channels.email import http_pieces
from delivery.channels.email.outgoing import Email

MAX_NAME_LENGTH = 70  # characters, Brevo's limit
KEYS = uuid.UUID("6f6b3c52-3a0b-5d0e-9a3d-0c9d5f1f5a10")  # the namespace of our idempotency keys; never change it


def idempotency_key(outgoing: Email) -> str:
    """A key that is the same for every call for this batch and contact."""
    return str(uuid.uuid5(KEYS, f"{outgoing.batch_id}/{outgoing.contact_id}"))


def body(outgoing: Email, key: str) -> bytes:
    """The request's JSON. The texts, most of it, are JSON already. Raises http_pieces.NotOurLayout."""
    pieces = http_pieces.of(outgoing)
    about = {
        "sender": as_mailbox(outgoing.sender, pieces.from_name),
        "to": [as_mailbox(outgoing.recipient, pieces.to_name)],
        "subject": outgoing.subject,
        "headers": {
            **pieces.headers,
            "idempotencyKey": key,
            **custom(outgoing.batch_id, outgoing.contact_id),
        },
        "tags": [f"batch-{outgoing.batch_id}"],
    }
    if pieces.reply_to:
        about["replyTo"] = {"email": pieces.reply_to}
    texts = b'"htmlContent": %b' % pieces.html
    if pieces.text != http_pieces.EMPTY:
        texts += b', "textContent": %b' % pieces.text
    return b"%b, %b}" % (json.dumps(about).encode()[:-1], texts)


def custom(batch_id: int, contact_id: int) -> dict[str, str]:
    """The header that Brevo returns in its events: ids, nothing personal."""
    return {"X-Mailin-custom": f"batch:{batch_id}|contact:{contact_id}"}


def as_mailbox(address: str, name: str) -> dict:
    return {"email": address, "name": name[:MAX_NAME_LENGTH]} if name else {"email": address}
