"""Quoted-printable (RFC 2045, 6.7) in chunks that can be joined in any order, which is what compiled texts need.

Each chunk begins and ends at the start of a line: with the text's own line end, or with a soft break where it has none.
No line begins with a dot, so SMTP has nothing to stuff.
"""

import binascii
import re

SOFT_BREAK = b"=\r\n"
LONGEST_LINE = 76
_LEADING_DOTS = re.compile(rb"(?m)^\.+")
_SIMPLE = re.compile(r"[A-Za-z0-9 ,:/_+-]{1,72}(?<! )")


def encode_chunk(text: str) -> bytes:
    """The bytes of `text`, with CRLF line ends."""
    if _SIMPLE.fullmatch(text):
        return text.encode() + SOFT_BREAK
    if not text:
        return b""
    # Not made line ends of their own: a carriage return and its line feed may be in two chunks.
    lines = text.replace("\r", "")
    done = binascii.b2a_qp(lines.encode("utf-8", "replace"), istext=True)
    if done[:1] == b"." or b"\n." in done:
        # Each leading dot on a line of its own: put at the line's front, the three bytes might make it too long.
        done = _LEADING_DOTS.sub(lambda dots: b"=2E=\n" * len(dots[0]), done)
    if not done.endswith(b"\n"):
        if len(done) - done.rfind(b"\n") > LONGEST_LINE:  # no room for the soft break's sign: its last byte moves on
            cut = -3 if done[-3:-2] == b"=" else -1
            done = done[:cut] + b"=\n" + (b"=2E" if done[cut:] == b"." else done[cut:])
        done += b"=\n"
    return done.replace(b"\n", b"\r\n")


def end(chunks: bytes) -> bytes:
    """The joined chunks without the soft break behind the last one, which has nothing to join."""
    return chunks[:-3] if chunks.endswith(SOFT_BREAK) else chunks
