"""Names that people gave themselves or their workspaces, as they may stand in a mail from the platform.

Whoever has just signed up can call a workspace "Your mailbox is locked! http://evil.example": in a mail of ours, to
somebody who doesn't know them, that is a phishing mail with our signature. So names are short, and nothing in them is
made a link by a mail program.
"""

import re
import unicodedata

MOST = 40
# What browsers read as a dot in a host name (UTS 46), besides the dot. Full-width letters are made plain before.
_DOT = re.compile("[.\u3002\uff0e\uff61\u2024]+(?=\\S)")
_SLASHES = re.compile(r"[/\\]{2,}")
_NUMBER = re.compile(r"\+?\d(?:[ ().\-]*\d){6,}")


def harmless(name: str, most: int = MOST) -> str:
    """The name in one line, cut in length, without anything that becomes a link: address, e-mail address, phone
    number."""
    text = "".join(char if char.isprintable() else " " for char in unicodedata.normalize("NFKC", name))
    text = _NUMBER.sub("…", _SLASHES.sub(" ", text).replace("@", " (at) "))
    text = " ".join(_DOT.sub(". ", text).split())
    return text if len(text) <= most else f"{text[: most - 1].rstrip()}…"
