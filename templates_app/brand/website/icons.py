"""What kind of picture a file is, whatever its server says, and the picture inside an .ico file."""

from __future__ import annotations

import struct

PNG = b"\x89PNG\r\n\x1a\n"
MAX_ENTRIES = 32
_HEADER = struct.Struct("<HHH")
_ENTRY = struct.Struct("<BBBBHHII")  # width, height, colours, 0, planes, bits, size, offset


def is_svg(data: bytes) -> bool:
    start = data[:1000].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    return start.startswith((b"<svg", b"<?xml", b"<!doctype svg")) and b"<svg" in data[:5000].lower()


def is_picture(data: bytes) -> bool:
    """Whether it begins like a format that the library takes."""
    begins = data.startswith((PNG, b"\xff\xd8\xff", b"GIF8"))
    return begins or data[8:12] in (b"WEBP", b"avif")


def largest_png(data: bytes) -> bytes:
    """The largest picture of an .ico file that is a PNG, as those of 256 px are; empty where there is none."""
    if len(data) < _HEADER.size:
        return b""
    zero, kind, count = _HEADER.unpack_from(data)
    found = []
    for number in range(min(count, MAX_ENTRIES) if (zero, kind) == (0, 1) else 0):
        at = _HEADER.size + number * _ENTRY.size
        if at + _ENTRY.size > len(data):
            break
        width, *_rest, size, offset = _ENTRY.unpack_from(data, at)
        picture = data[offset : offset + size]
        if picture.startswith(PNG) and len(picture) == size:
            found.append((width or 256, picture))
    return max(found, default=(0, b""), key=lambda entry: entry[0])[1]
