"""Quoted-printable (RFC 2045, 6.7) in chunks that can be joined in any order, as compiled texts need.

Each chunk begins and ends at the start of a line: it ends with the text's own line end, or with a soft break if it has
none. No line begins with a dot, so SMTP needs no dot-stuffing.
"""

import binascii
import re

SOFT_BREAK = b"=\r\n"
MAX_LINE_LENGTH = 76
_LEADING_DOTS = re.compile(rb"(?m)^\.+")
_LATE_BLANK = re.compile(rb"(?m)^(.{74,75})(=20|=09)$")
_SIMPLE = re.compile(r"[A-Za-z0-9 ,:/_+-]{1,72}(?<! )")


def encode_chunk(text: str) -> bytes:
    """The text in quoted-printable, with CRLF line ends."""
    if _SIMPLE.fullmatch(text):
        return text.encode() + SOFT_BREAK
    if not text:
        return b""
    # Carriage returns are dropped, not made line ends: a carriage return and its line feed may be in two chunks.
    lines = text.replace("\r", "")
    done = binascii.b2a_qp(lines.encode("utf-8", "replace"), istext=True)
    # binascii encodes a blank at the end of a line without looking at the line's length.
    done = _LATE_BLANK.sub(rb"\1=\n\2", done)
    if done[:1] == b"." or b"\n." in done:
        # Put each leading dot on a line of its own: replaced in place by three bytes, it might make the line too long.
        done = _LEADING_DOTS.sub(lambda dots: b"=2E=\n" * len(dots[0]), done)
    if not done.endswith(b"\n"):
        if len(done) - done.rfind(b"\n") > MAX_LINE_LENGTH:  # no room for the "=": move the last byte to the next line
            cut = -3 if done[-3:-2] == b"=" else -1
            done = done[:cut] + b"=\n" + (b"=2E" if done[cut:] == b"." else done[cut:])
        done += b"=\n"
    return done.replace(b"\n", b"\r\n")


def end(chunks: bytes) -> bytes:
    """The joined chunks without the soft break after the last one."""
    return chunks[:-3] if chunks.endswith(SOFT_BREAK) else chunks
