"""One message in the form that SendGrid's Mail Send takes."""

from __future__ import annotations

import json

from delivery.channels.email import http_pieces
from delivery.channels.email.outgoing import Email

# Links, pixel and unsubscribe link are our own.
NO_TRACKING = json.dumps(
    {
        "click_tracking": {"enable": False, "enable_text": False},
        "open_tracking": {"enable": False},
        "subscription_tracking": {"enable": False},
        "ganalytics": {"enable": False},
    }
).encode()


def body(outgoing: Email) -> bytes:
    """The request's JSON. The texts, most of it, are JSON already. Raises http_pieces.NotOurLayout."""
    pieces = http_pieces.of(outgoing)
    about = {
        "personalizations": [
            {
                "to": [as_mailbox(outgoing.recipient, pieces.to_name)],
                # SendGrid returns them in its events, and can read them: ids, nothing personal.
                "custom_args": {"batch": str(outgoing.batch_id), "contact": str(outgoing.contact_id)},
            }
        ],
        "from": as_mailbox(outgoing.sender, pieces.from_name),
        "subject": outgoing.subject,
        "headers": pieces.headers,
    }
    if pieces.reply_to:
        about["reply_to"] = {"email": pieces.reply_to}
    parts = ((b"text/plain", pieces.text), (b"text/html", pieces.html))  # plain first: SendGrid requires it
    content = b", ".join(b'{"type": "%b", "value": %b}' % part for part in parts if part[1] != http_pieces.EMPTY)
    return b'%b, "tracking_settings": %b, "content": [%b]}' % (json.dumps(about).encode()[:-1], NO_TRACKING, content)


def as_mailbox(address: str, name: str) -> dict:
    return {"email": address, "name": name} if name else {"email": address}
