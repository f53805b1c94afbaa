"""Many messages in one call of Brevo's: `messageVersions`, each with its own finished texts.

https://developers.brevo.com/docs/batch-send-transactional-emails. Not with Brevo's `params`, which would make calls
smaller: values in them are escaped once more, in the HTML at least, and what happens to them in the text part is not
said. A finished text means the same here as in a call for one.
"""

from __future__ import annotations

import json
import uuid

from delivery.channels.email_brevo.message import KEYS, as_mailbox, custom
from delivery.channels.together import Own, Pieces

MOST = 1000  # the guide; the reference says 2,000
# Bytes of texts that are the same for all, repeated for each person. What is each one's own comes on top, usually some
# dozens of bytes: this is a measure to keep calls handy, as Brevo names no limit.
LARGEST_CALL = 4_000_000


def body(owns: list[Own], key: str) -> bytes:
    """The request's JSON."""
    common = owns[0].common
    about = {
        "sender": as_mailbox(common.sender, common.from_name),
        # Brevo wants them although each version has its own.
        "subject": common.from_name or common.sender,
        "htmlContent": "<p></p>",
        "headers": {"idempotencyKey": key},
        "tags": [f"batch-{common.batch_id}"],
    }
    if common.text:
        about["textContent"] = "-"
    versions = b", ".join(map(_version, owns))
    return b'%b, "messageVersions": [%b]}' % (json.dumps(about).encode()[:-1], versions)


def idempotency_key(owns: list[Own]) -> str:
    """The same for every call that is for this batch and these contacts."""
    ids = ",".join(str(own.contact_id) for own in owns)
    return str(uuid.uuid5(KEYS, f"{owns[0].common.batch_id}/{ids}"))


def _version(own: Own) -> bytes:
    common = own.common
    about = {
        "to": [as_mailbox(own.recipient, own.to_name)],
        "subject": own.subject,
        "headers": {**own.headers, **custom(common.batch_id, own.contact_id)},
    }
    if common.reply_to:
        about["replyTo"] = {"email": common.reply_to}
    texts = b'"htmlContent": "%b"' % _finished(own, common.html)
    if common.text:
        texts += b', "textContent": "%b"' % _finished(own, common.text)
    return b"%b, %b}" % (json.dumps(about).encode()[:-1], texts)


def _finished(own: Own, text: Pieces) -> bytes:
    return b"".join([piece if isinstance(piece, bytes) else own.slots[piece] for piece in text])
