"""Pictures that are written into the HTML itself. Gmail and Outlook don't show them, and they fill the message."""

from __future__ import annotations

import base64
import binascii
import re

MOST = 100  # pictures; more stay where they are
_DATA = re.compile(r"data:image/(png|jpe?g|gif|webp|bmp|avif);base64,([A-Za-z0-9+/=\s]{64,})", re.IGNORECASE)
_PERCENT = str.maketrans("", "", " \t\r\n")


def taken_out(html: str) -> tuple[str, dict[str, bytes]]:
    """The HTML with a name in place of each embedded picture, and their bytes by name."""
    found: dict[str, bytes] = {}
    names: dict[str, str] = {}

    def name(match: re.Match[str]) -> str:
        text = match[2].translate(_PERCENT)
        if text not in names:
            if len(names) >= MOST:
                return match[0]
            try:
                data = base64.b64decode(text + "=" * (-len(text) % 4), validate=True)
            except (binascii.Error, ValueError):
                return match[0]
            names[text] = f"embedded-picture-{len(names) + 1}.{match[1].lower()}"
            found[names[text]] = data
        return names[text]

    return _DATA.sub(name, html), found
