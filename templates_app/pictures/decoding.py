"""Reads an uploaded picture in a process of its own and gives its sizes, drawn anew."""

from __future__ import annotations

import base64
import hashlib
import shutil
import tempfile
from contextlib import closing
from dataclasses import dataclass, field
from typing import IO, Any

from django.core.files import File
from django.utils.translation import gettext as _

from kernel import bounded_process
from kernel.bounded_process import Busy, Exceeded, Limits
from templates_app.pictures import decoding_process
from templates_app.pictures.decoding_process import MAX_ANIMATION_BYTES, MAX_ANIMATION_WIDTH, MAX_PIXELS

MODULE = decoding_process.__name__
# 50 MP of PNG take six seconds and half a gigabyte; somebody waits for it.
LIMITS = Limits(memory=1 << 30, cpu=30, wall=45)
MAX_MB = 20  # of one upload
MAX_BYTES = MAX_MB << 20


class Refused(Exception):
    """Raised for a file that becomes no picture. The message says what to do."""


class TryAgain(Refused):
    """Raised if too many files are being read at this moment."""


@dataclass(frozen=True)
class Size:
    """One size: `width` and `height` in px, `format` of templates_app.picture_addresses.CONTENT_TYPES."""

    width: int
    height: int
    format: str
    is_animated: bool
    data: bytes


@dataclass
class Decoded:
    """What an upload has become. `width` and `height` are the upload's as it is seen, `size` and `sha256` its own."""

    size: int
    sha256: str
    width: int = 0
    height: int = 0
    is_animated: bool = False
    sizes: list[Size] = field(default_factory=list)


def look_at(file: File) -> str:
    """The SHA-256 of an uploaded file. Raises Refused for one that is empty or too large."""
    if not file.size:
        raise Refused(_("This file is empty. Check that you chose the right one."))
    if file.size > MAX_BYTES:
        text = _(
            "This file is %(mb)d MB; the limit is %(most)d MB. Save the picture smaller, 2400 pixels wide at most."
        )
        raise Refused(text % {"mb": -(-file.size // (1 << 20)), "most": MAX_MB})
    digest = hashlib.sha256()
    for chunk in file.chunks():
        digest.update(chunk)
    return digest.hexdigest()


def decode(file: File, workspace_id: int) -> Decoded:
    """The sizes of an upload. Takes seconds: never call it in a transaction. Raises Refused and TryAgain."""
    decoded = Decoded(size=file.size, sha256=look_at(file))
    try:
        with bounded_process.place_for(workspace_id), tempfile.TemporaryFile() as copy:
            file.seek(0)
            shutil.copyfileobj(file, copy)
            copy.flush()
            _read(copy, decoded)
    except Busy:
        raise TryAgain(_("Another picture is being read at the moment. Try again in a minute.")) from None
    return decoded


def _read(source: IO[bytes], decoded: Decoded) -> None:
    try:
        with closing(bounded_process.messages(MODULE, file=source, limits=LIMITS)) as messages:
            for message in messages:
                if "problem" in message:
                    raise Refused(_text(message["problem"], message["n"]))
                _take(message, decoded)
    except Exceeded:
        raise Refused(_text("costly", 0)) from None
    if not decoded.sizes:
        raise Refused(_text("damaged", 0))


def _take(message: dict[str, Any], decoded: Decoded) -> None:
    if "data" not in message:
        decoded.width, decoded.height = message["width"], message["height"]
        decoded.is_animated = message["is_animated"]
        return
    data = base64.b64decode(message["data"])
    decoded.sizes.append(Size(message["width"], message["height"], message["format"], message["is_animated"], data))


def _text(problem: str, n: int) -> str:
    texts = {
        "svg": _(
            "This is an SVG drawing, which can contain programs and which mail programs don't show. Export it as PNG, "
            "1200 pixels wide."
        ),
        "heic": _(
            "This is an HEIC photo, which mail programs don't show. On an iPhone, choose Settings, Camera, Formats, "
            "“Most Compatible”; or open the photo on a computer and export it as JPEG."
        ),
        "pdf": _("This is a PDF. Export its page as PNG or JPEG and upload that."),
        "archive": _("This is an archive. Extract it and upload the pictures inside."),
        "other": _("Pictures of this kind can't be read. Save it as JPEG or PNG and upload that."),
        "no_picture": _("This file is no picture. JPEG, PNG, GIF, WebP and AVIF can be read."),
        "damaged": _(
            "This picture is damaged or incomplete. Open it in an image program, save it again and upload it once more."
        ),
        "pixels": _(
            "This picture has %(n)d megapixels; the limit is %(most)d. Save it 2400 pixels wide and upload that."
        )
        % {"n": n, "most": MAX_PIXELS // 1_000_000},
        "animated": _(
            "This is an animation that mail programs don't play. Save it as an animated GIF, or as a still picture."
        ),
        "animation": _(
            "This animation is too large for a mail. Keep it under %(mb)d MB and %(width)d pixels wide, with fewer "
            "frames; or save one frame as a still picture."
        )
        % {"mb": MAX_ANIMATION_BYTES >> 20, "width": MAX_ANIMATION_WIDTH},
        "costly": _("Reading this picture takes too long. Save it as JPEG, 2400 pixels wide, and upload that."),
    }
    return texts[problem]
