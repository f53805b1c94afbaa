"""Reads a picture in a process of its own (kernel.bounded_process), without Django. Yields its sizes, or a problem.

Nothing of the file reaches a reader but its pixels: every size is drawn anew and written without metadata.
"""

from __future__ import annotations

import base64
import io
from collections.abc import Iterator, Sequence
from typing import Any

from PIL import Image, ImageCms, ImageSequence

FORMATS = ("JPEG", "PNG", "GIF", "WEBP", "AVIF")
WIDTHS = (300, 600, 1200)  # px: a tile of the library, a message's whole width, and the same for sharp screens
MAX_PIXELS = 50_000_000  # what phones with 48 MP take, and a gigabyte of memory can hold several times
MAX_SIDE = 20_000  # px
MAX_RATIO = 8  # height to width of a size: what is longer is made narrower
MAX_RESULT = 4 << 20  # bytes of one size; the parent reads messages of 8 MB, and base64 adds a third
MAX_ANIMATION_BYTES = 2 << 20
MAX_ANIMATION_WIDTH = 1200
MAX_FRAMES = 300
MAX_ANIMATION_PIXELS = 60_000_000  # of all frames together
LARGE_PNG = 400 << 10  # bytes; above, 256 colours have to do
QUALITY = 82  # of JPEG
PNG_BONUS = 1.2  # a PNG of what was lossless may be so much larger than a JPEG, which blurs letters
ORIENTATION = 0x0112  # EXIF's tag
# EXIF 2.32, 4.6.4: how the stored picture must be turned.
TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
SIDEWAYS = {TURNS[n] for n in (5, 6, 7, 8)}
# What a file that is no picture of FORMATS begins with, and the key of the advice.
OTHERS = (
    (b"%PDF", "pdf"),
    (b"8BPS", "other"),
    (b"BM", "other"),
    (b"II*\0", "other"),
    (b"MM\0*", "other"),
    (b"\0\0\1\0", "other"),
    (b"PK\3\4", "archive"),
)
HEIC_BRANDS = (b"heic", b"heix", b"hevc", b"heim", b"heis", b"hevm", b"hevs", b"mif1", b"msf1")


class Problem(Exception):
    """Raised with the key of a text for the merchant, and a number for it."""

    def __init__(self, key: str, n: int = 0):
        super().__init__(key)
        self.key, self.n = key, n


def main(arguments: Sequence[str], file: Any) -> Iterator[Any]:
    """First {"width", "height", "is_animated"} of the upload as it is seen, then for each size {"width", "height",
    "format", "is_animated", "data"}, the data in base64. A problem is the last message: {"problem", "n"}."""
    try:
        yield from _sizes(file)
    except Problem as problem:
        yield {"problem": problem.key, "n": problem.n}
    except MemoryError:
        yield {"problem": "costly", "n": 0}
    except Exception:  # whatever a library says of a stranger's file, the merchant mends it alike
        yield {"problem": "damaged", "n": 0}


def _sizes(file: Any) -> Iterator[Any]:
    image = _opened(file)
    if getattr(image, "is_animated", False) and image.format != "MPO":  # two pictures of one camera are no animation
        yield from _animation(image, file)
        return
    is_lossless = image.format in ("PNG", "GIF")
    image = _upright(image)
    width, height = image.info["seen"]
    yield {"width": width, "height": height, "is_animated": False}
    for size in _boxes(width, height):
        drawn = image if size == image.size else image.resize(size, Image.Resampling.LANCZOS, reducing_gap=3.0)
        drawn.info.clear()
        yield _message(drawn, *_written(drawn, is_lossless))


def _opened(file: Any) -> Image.Image:
    start = file.read(512)
    _refuse_others(start)
    file.seek(0)
    Image.MAX_IMAGE_PIXELS = None  # asked below, with a text of our own
    try:
        image = Image.open(file, formats=FORMATS)
    except Image.UnidentifiedImageError:
        raise Problem("damaged" if _is_known(start) else "no_picture")
    width, height = image.size
    if width * height > MAX_PIXELS or max(width, height) > MAX_SIDE:
        raise Problem("pixels", max(1, width * height // 1_000_000))
    return image


def _refuse_others(start: bytes) -> None:
    text = start.lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if text.startswith((b"<svg", b"<?xml", b"<!doctype svg")) or b"<svg" in text:
        raise Problem("svg")
    if start[4:8] == b"ftyp" and start[8:12] in HEIC_BRANDS:
        raise Problem("heic")
    for beginning, key in OTHERS:
        if start.startswith(beginning):
            raise Problem(key)


def _is_known(start: bytes) -> bool:
    return start.startswith((b"\xff\xd8", b"\x89PNG", b"GIF8")) or start[8:12] in (b"WEBP", b"avif", b"avis")


def _upright(image: Image.Image) -> Image.Image:
    """The picture as it is seen, in sRGB with or without alpha, not much larger than the largest size. `info["seen"]`
    is the size that the whole of it has."""
    turn = TURNS.get(image.getexif().get(ORIENTATION, 1))
    width, height = image.size
    # JPEG alone can leave pixels out while it is read, so that 50 MP cost no more than 5.
    image.draft(image.mode, (2 * WIDTHS[-1], 2 * WIDTHS[-1]))
    image.load()
    image = _in_srgb(image)
    if turn is not None:
        image = image.transpose(turn)
    if turn in SIDEWAYS:
        width, height = height, width
    image.info["seen"] = (width, height)
    return image


def _in_srgb(image: Image.Image) -> Image.Image:
    mode = "RGBA" if image.has_transparency_data else "RGB"
    profile = image.info.get("icc_profile")
    if profile and image.mode in ("RGB", "RGBA", "CMYK", "L"):
        try:
            source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
            done = ImageCms.profileToProfile(image, source, ImageCms.createProfile("sRGB"), outputMode=mode)
            if done is not None:
                return done
        except (ImageCms.PyCMSError, OSError, ValueError):
            pass  # a profile of another kind of picture: its colours as they are
    if image.mode.startswith("I;16") or image.mode == "I":
        image = image.convert("I").point(lambda value: value / 256).convert("L")
    return image.convert(mode)


def _boxes(width: int, height: int) -> list[tuple[int, int]]:
    """(width, height) of each size, smallest first. Never larger than the picture itself."""
    boxes = []
    for most in WIDTHS:
        scale = min(1.0, most / width, most * MAX_RATIO / height)
        box = (max(1, round(width * scale)), max(1, round(height * scale)))
        if box not in boxes:
            boxes.append(box)
    return boxes


def _written(image: Image.Image, is_lossless: bool) -> tuple[str, bytes]:
    """(format, bytes): PNG where something shines through or letters would blur, otherwise JPEG."""
    if _is_clear(image):
        return "png", _fitting(_small_png(image))
    image = image.convert("RGB")
    jpeg = _saved(image, "JPEG", quality=QUALITY, optimize=True, progressive=True)
    if is_lossless:
        png = _small_png(image)
        if len(png) <= len(jpeg) * PNG_BONUS:
            return "png", png
    return "jpg", _fitting(jpeg)


def _is_clear(image: Image.Image) -> bool:
    """Whether something shines through."""
    return image.mode == "RGBA" and any(image.getchannel("A").histogram()[:255])


def _small_png(image: Image.Image) -> bytes:
    few = image.getcolors(256) is not None
    if few:
        return _saved(image.quantize(256, method=Image.Quantize.FASTOCTREE), "PNG", optimize=True)
    png = _saved(image, "PNG", optimize=True)
    if len(png) <= LARGE_PNG or image.mode != "RGBA":
        return png
    return min(png, _saved(image.quantize(256, method=Image.Quantize.FASTOCTREE), "PNG", optimize=True), key=len)


def _saved(image: Image.Image, kind: str, **options: Any) -> bytes:
    target = io.BytesIO()
    image.save(target, kind, **options)
    return target.getvalue()


def _fitting(data: bytes) -> bytes:
    if len(data) > MAX_RESULT:
        raise Problem("costly")
    return data


def _animation(image: Image.Image, file: Any) -> Iterator[Any]:
    if image.format != "GIF":
        raise Problem("animated")
    width, height = image.size
    size = file.seek(0, 2)
    n_frames = getattr(image, "n_frames", 1)
    if (
        size > MAX_ANIMATION_BYTES
        or width > MAX_ANIMATION_WIDTH
        or n_frames > MAX_FRAMES
        or width * height * n_frames > MAX_ANIMATION_PIXELS
    ):
        raise Problem("animation")
    yield {"width": width, "height": height, "is_animated": True}
    frames, durations = [], []
    for frame in ImageSequence.Iterator(image):
        durations.append(min(frame.info.get("duration") or 100, 60_000))  # ms
        frames.append(frame.convert("RGBA"))
    still = frames[0].resize(_boxes(width, height)[0], Image.Resampling.LANCZOS)
    yield _message(still, *_written(still, is_lossless=True))
    yield _message(image, "gif", _moving(frames, durations, image.info.get("loop")), is_animated=True)


def _moving(frames: list[Image.Image], durations: list[int], loop: int | None) -> bytes:
    is_clear = any(map(_is_clear, frames))
    drawn = frames if is_clear else [frame.convert("RGB") for frame in frames]
    for frame in drawn:
        frame.info.clear()
    options: dict[str, Any] = {"save_all": True, "append_images": drawn[1:], "duration": durations}
    options["disposal"] = 2 if is_clear else 1  # 2: what shines through must not show the frame before
    if loop is not None:
        options["loop"] = loop
    data = _saved(drawn[0], "GIF", **options)
    if len(data) > 2 * MAX_ANIMATION_BYTES:
        raise Problem("animation")
    return data


def _message(image: Image.Image, kind: str, data: bytes, *, is_animated: bool = False) -> dict[str, Any]:
    return {
        "width": image.width,
        "height": image.height,
        "format": kind,
        "is_animated": is_animated,
        "data": base64.b64encode(data).decode(),
    }
