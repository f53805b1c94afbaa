"""Takes a message that Composer made apart, for providers that want JSON instead of MIME.

Composer writes one fixed layout, so the bytes are cut at known places and decoded in C; email.parser would take about a
millisecond per message. Texts become JSON without becoming str in between. A test keeps this in step with Composer.
"""

from __future__ import annotations

import binascii
import email.header
import email.utils
import json
from dataclasses import dataclass
from functools import lru_cache

from delivery.channels.email.outgoing import Email

# Headers that are passed on. From, To, Subject and Reply-To have fields of their own; the provider sets the rest.
CARRIED = ("List-Unsubscribe", "List-Unsubscribe-Post", "List-Id", "Feedback-ID")
ENCODED_WORD = "=?utf-8?b?"
END_OF_HEAD = b"\r\n\r\n"
EMPTY = b'""'
CONTROLS = bytes(range(32))  # must be escaped in a JSON string


class NotOurLayout(ValueError):
    """Raised for a message that Composer did not make."""


@dataclass(frozen=True, slots=True)
class Pieces:
    from_name: str
    to_name: str
    reply_to: str  # an address, or empty
    text: bytes  # a JSON string with its quotes, in UTF-8; EMPTY if there is none
    html: bytes
    headers: dict[str, str]  # those of CARRIED that the message has, unfolded


def of(outgoing: Email) -> Pieces:
    """Take the message apart. Raises NotOurLayout."""
    source = outgoing.source
    head = source[: source.find(END_OF_HEAD)]
    fields = _fields(head)
    opening, _, boundary = fields.get("Content-Type", "").partition('; boundary="')
    if opening != "multipart/alternative" or not boundary.endswith('"'):
        raise NotOurLayout
    separator = b"\r\n--" + boundary[:-1].encode()
    middle, end = source.find(separator, len(head) + len(separator)), source.rfind(separator)
    if not len(head) < middle < end:
        raise NotOurLayout
    return Pieces(
        from_name=display_name(fields["From"]),
        to_name=display_name(fields["To"]),
        reply_to=fields.get("Reply-To", ""),
        text=_content(source, len(head) + len(END_OF_HEAD), middle, b"text/plain"),
        html=_content(source, middle, end, b"text/html"),
        headers={name: fields[name] for name in CARRIED if name in fields},
    )


def _fields(head: bytes) -> dict[str, str]:
    """The header fields, unfolded (RFC 5322, 2.2.3). Composer writes each field once, in ASCII."""
    lines = head.decode("ascii").replace("\r\n ", " ").split("\r\n")
    return {name: value for name, _, value in (line.partition(": ") for line in lines)}


def _content(source: bytes, start: int, end: int, kind: bytes) -> bytes:
    """The content of the part between two positions, as a JSON string. Only what is decoded is copied."""
    body = source.find(END_OF_HEAD, start, end)
    head = source[start:body]
    if body < 0 or kind not in head or b"quoted-printable" not in head:
        raise NotOurLayout
    return json_string(binascii.a2b_qp(source[body + len(END_OF_HEAD) : end]))


def json_string(plain: bytes) -> bytes:
    """A UTF-8 text as a JSON string (RFC 8259, 7). Replacing bytes is cheap; json.dumps takes far longer."""
    plain = plain.replace(b"\r", b"")  # in Composer's messages, only line ends have it
    escaped = plain.replace(b"\\", b"\\\\").replace(b'"', b'\\"').replace(b"\n", b"\\n").replace(b"\t", b"\\t")
    if any(control in escaped for control in CONTROLS):
        return json.dumps(plain.decode("utf-8", "replace")).encode()
    return b'"%b"' % escaped


def display_name(mailbox: str) -> str:
    """The name in a From or To value that Composer wrote, unfolded."""
    name, _, _ = mailbox.rpartition(" <")
    if name.isascii() and '"' not in name and "=?" not in name:
        return name
    if name.startswith(ENCODED_WORD) and name.count("=?") == 1:
        return binascii.a2b_base64(name[len(ENCODED_WORD) : -2]).decode("utf-8", "replace")
    return _decoded(mailbox)


@lru_cache(maxsize=1024)
def _decoded(mailbox: str) -> str:
    """A name that is quoted, or consists of several encoded words (RFC 2047)."""
    name, _ = email.utils.parseaddr(mailbox)
    return str(email.header.make_header(email.header.decode_header(name)))
