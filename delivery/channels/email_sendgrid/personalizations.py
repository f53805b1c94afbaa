"""Many messages in one call of SendGrid's Mail Send: the texts once, with tags for which SendGrid puts each person's
`substitutions`.

https://www.twilio.com/docs/sendgrid/api-reference/mail-send/mail-send and
https://www.twilio.com/docs/sendgrid/for-developers/sending-email/substitution-tags. The subject is not put together
over there, as white space around an empty value is ours to drop.
"""

from __future__ import annotations

import json

from delivery.channels.email_sendgrid.message import NO_TRACKING, as_mailbox
from delivery.channels.together import Common, Own, Pieces


def body(owns: list[Own]) -> bytes:
    """The request's JSON."""
    common = owns[0].common
    about = {"from": as_mailbox(common.sender, common.from_name)}
    if common.reply_to:
        about["reply_to"] = {"email": common.reply_to}
    parts = ((b"text/plain", common.text), (b"text/html", common.html))  # plain first: SendGrid insists
    written = [(kind, _tagged(common, text)) for kind, text in parts if text]
    content = b", ".join(b'{"type": "%b", "value": "%b"}' % part for part in written)
    tags = [json.dumps(common.tag(slot)).encode() for slot in range(len(owns[0].slots))]
    substitutions = b"{%b}" % b", ".join(b'%b: "%%b"' % tag for tag in tags)
    return b'%b, "tracking_settings": %b, "content": [%b], "personalizations": [%b]}' % (
        json.dumps(about).encode()[:-1],
        NO_TRACKING,
        content,
        b", ".join(_personalization(own, substitutions) for own in owns),
    )


def _tagged(common: Common, text: Pieces) -> bytes:
    return b"".join(piece if isinstance(piece, bytes) else common.tag(piece).encode() for piece in text)


def _personalization(own: Own, substitutions: bytes) -> bytes:
    about = {
        "to": [as_mailbox(own.recipient, own.to_name)],
        "subject": own.subject,
        "headers": own.headers,
        # SendGrid's events bring them back, and SendGrid reads them: ids, nothing personal.
        "custom_args": {"batch": str(own.common.batch_id), "contact": str(own.contact_id)},
    }
    return b'%b, "substitutions": %b}' % (json.dumps(about).encode()[:-1], substitutions % tuple(own.slots))
