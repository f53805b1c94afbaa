"""Many messages in one call to Brevo: `messageVersions`, each with its own finished texts.

https://developers.brevo.com/docs/batch-send-transactional-emails. Brevo's `params` would make calls smaller, but Brevo
escapes values in them once more, at least in the HTML, and does not document what happens in the text part. A finished
text means the same here as in a call for one message.
"""

from __future__ import annotations

import json
import uuid

from delivery.channels.email.bulk_calls import Pieces, RecipientPart
from delivery.providers.brevo.message import KEYS, as_mailbox, custom

MAX_VERSIONS = 1000  # the guide; the reference says 2,000
# Bytes of the shared texts, which are repeated for each person. The recipients' own parts come on top, usually some
# dozens of bytes each. Brevo documents no limit; this one keeps calls to a reasonable size.
MAX_CALL_BYTES = 4_000_000


def body(recipient_parts: list[RecipientPart], key: str) -> bytes:
    """The request's JSON."""
    shared_part = recipient_parts[0].shared_part
    about = {
        "sender": as_mailbox(shared_part.sender, shared_part.from_name),
        # Brevo requires these although each version has its own.
        "subject": shared_part.from_name or shared_part.sender,
        "htmlContent": "<p></p>",
        "headers": {"idempotencyKey": key},
        "tags": [f"batch-{shared_part.batch_id}"],
    }
    if shared_part.text:
        about["textContent"] = "-"
    versions = b", ".join(map(_version, recipient_parts))
    return b'%b, "messageVersions": [%b]}' % (json.dumps(about).encode()[:-1], versions)


def idempotency_key(recipient_parts: list[RecipientPart]) -> str:
    """A key that is the same for every call for this batch and these contacts."""
    ids = ",".join(str(recipient_part.contact_id) for recipient_part in recipient_parts)
    return str(uuid.uuid5(KEYS, f"{recipient_parts[0].shared_part.batch_id}/{ids}"))


def _version(recipient_part: RecipientPart) -> bytes:
    shared_part = recipient_part.shared_part
    about = {
        "to": [as_mailbox(recipient_part.recipient, recipient_part.to_name)],
        "subject": recipient_part.subject,
        "headers": {**recipient_part.headers, **custom(shared_part.batch_id, recipient_part.contact_id)},
    }
    if shared_part.reply_to:
        about["replyTo"] = {"email": shared_part.reply_to}
    texts = b'"htmlContent": "%b"' % _finished(recipient_part, shared_part.html)
    if shared_part.text:
        texts += b', "textContent": "%b"' % _finished(recipient_part, shared_part.text)
    return b"%b, %b}" % (json.dumps(about).encode()[:-1], texts)


def _finished(recipient_part: RecipientPart, text: Pieces) -> bytes:
    return b"".join([piece if isinstance(piece, bytes) else recipient_part.slots[piece] for piece in text])
