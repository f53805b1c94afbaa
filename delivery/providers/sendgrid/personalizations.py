"""Many messages in one call to SendGrid's Mail Send: the texts once, with tags that SendGrid replaces by each person's
`substitutions`.

https://www.twilio.com/docs/sendgrid/api-reference/mail-send/mail-send and
https://www.twilio.com/docs/sendgrid/for-developers/sending-email/substitution-tags. The subject is sent
finished for each person, because we drop white space around an empty value.
"""

from __future__ import annotations

import json

from delivery.channels.email.bulk_calls import Pieces, RecipientPart, SharedPart
from delivery.providers.sendgrid.message import NO_TRACKING, as_mailbox


def body(recipient_parts: list[RecipientPart]) -> bytes:
    """The request's JSON."""
    shared_part = recipient_parts[0].shared_part
    about = {"from": as_mailbox(shared_part.sender, shared_part.from_name)}
    if shared_part.reply_to:
        about["reply_to"] = {"email": shared_part.reply_to}
    texts = ((b"text/plain", shared_part.text), (b"text/html", shared_part.html))  # plain first: SendGrid requires it
    written = [(kind, _tagged(shared_part, text)) for kind, text in texts if text]
    content = b", ".join(b'{"type": "%b", "value": "%b"}' % part for part in written)
    tags = [json.dumps(shared_part.tag(slot)).encode() for slot in range(len(recipient_parts[0].slots))]
    substitutions = b"{%b}" % b", ".join(b'%b: "%%b"' % tag for tag in tags)
    return b'%b, "tracking_settings": %b, "content": [%b], "personalizations": [%b]}' % (
        json.dumps(about).encode()[:-1],
        NO_TRACKING,
        content,
        b", ".join(_personalization(recipient_part, substitutions) for recipient_part in recipient_parts),
    )


def _tagged(shared_part: SharedPart, text: Pieces) -> bytes:
    return b"".join(piece if isinstance(piece, bytes) else shared_part.tag(piece).encode() for piece in text)


def _personalization(recipient_part: RecipientPart, substitutions: bytes) -> bytes:
    about = {
        "to": [as_mailbox(recipient_part.recipient, recipient_part.to_name)],
        "subject": recipient_part.subject,
        "headers": recipient_part.headers,
        # SendGrid returns them in its events, and can read them: ids, nothing personal.
        "custom_args": {"batch": str(recipient_part.shared_part.batch_id), "contact": str(recipient_part.contact_id)},
    }
    return b'%b, "substitutions": %b}' % (json.dumps(about).encode()[:-1], substitutions % tuple(recipient_part.slots))
