"""How a mail that the sandbox kept is shown."""

from __future__ import annotations

import email
import email.policy
import re

from delivery.channels.channel import Shown
from kernel.links import absolute


def show(source: bytes, name: str) -> Shown:
    """Its parts, from its RFC 5322 bytes. The HTML without the pixel: looking at it here is no open."""
    message = email.message_from_bytes(source, policy=email.policy.default)
    text, html = message.get_body(("plain",)), message.get_body(("html",))
    return Shown(
        headers=[(field, str(value)) for field, value in message.items()],
        text=text.get_content() if text else "",
        html=_without_pixel(html.get_content()) if html else None,
        source_type="message/rfc822",
        source_name=f"{name}.eml",
    )


def _without_pixel(html: str) -> str:
    address = re.escape(absolute("/o/"))
    pixel = rf"""<img src="{address}[^>]*>|<div style="background-image:url\('{address}[^>]*></div>"""
    return re.sub(pixel, "", html)
