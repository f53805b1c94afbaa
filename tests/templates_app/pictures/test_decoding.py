"""What becomes of an uploaded picture: sizes without anything but pixels, or a sentence that says what to do."""

import io
import struct
import zlib

import pytest
from PIL import Image

from kernel import bounded_process
from kernel.bounded_process import Limits
from templates_app.pictures import decoding, decoding_process
from templates_app.pictures.decoding import Refused, decode
from tests.templates_app.pictures.drawn import animation, encoded, photo, upload


def opened(size) -> Image.Image:
    image = Image.open(io.BytesIO(size.data))
    image.load()
    return image


def in_process(data: bytes) -> list[dict]:
    """As the process answers, without starting one."""
    return list(decoding_process.main([], io.BytesIO(data)))


def test_a_photo_is_read_apart_turned_and_drawn_anew_in_three_sizes():
    exif = Image.Exif()
    exif[0x0112], exif[0x010E] = 6, "secret place"
    profile = encoded(Image.new("RGB", (1, 1)))  # no colour profile at all
    data = photo(1600, 800, exif=exif, comment=b"secret words", icc_profile=profile)
    assert b"secret" in data
    made = decode(upload(data), 1)
    assert (made.width, made.height, made.is_animated) == (800, 1600, False)
    assert [(size.width, size.height, size.format) for size in made.sizes] == [
        (300, 600, "jpg"),
        (600, 1200, "jpg"),
        (800, 1600, "jpg"),
    ]
    for size in made.sizes:
        assert opened(size).size == (size.width, size.height)
        assert b"secret" not in size.data and b"Exif" not in size.data and b"ICC_PROFILE" not in size.data


@pytest.mark.parametrize(
    "data, size, kind",
    [
        (photo(mode="CMYK"), (1200, 800), "jpg"),
        (photo(400, 200, kind="WEBP"), (400, 200), "jpg"),
        (photo(400, 200, kind="AVIF"), (400, 200), "jpg"),
        (photo(400, 200, mode="L"), (400, 200), "jpg"),
        (encoded(Image.new("RGBA", (500, 300), (255, 0, 0, 90))), (500, 300), "png"),
        (encoded(Image.new("P", (600, 400), 3)), (600, 400), "png"),
        (encoded(Image.new("I;16", (700, 400), 40_000)), (700, 400), "png"),
        (photo(8000, 5000), (1200, 750), "jpg"),  # 40 MP
    ],
    ids=["cmyk", "webp", "avif", "grey", "alpha", "palette", "16 bits", "40 MP"],
)
def test_what_mail_programs_dont_show_is_turned_into_what_they_show(data, size, kind):
    *_, largest = in_process(data)
    assert (largest["width"], largest["height"]) == size
    assert largest["format"] == kind


def test_colours_stay_those_that_were_seen():
    red = encoded(Image.new("RGB", (50, 50), (200, 30, 40)).convert("CMYK"), "JPEG", quality=95)
    made = decode(upload(red), 1)
    seen = opened(made.sizes[0]).convert("RGB").getpixel((20, 20))
    assert all(abs(one - other) < 12 for one, other in zip(seen, (200, 30, 40), strict=True))
    (bits,) = [m for m in in_process(encoded(Image.new("I;16", (50, 50), 40_000))) if "data" in m]
    assert abs(Image.open(io.BytesIO(decoding.base64.b64decode(bits["data"]))).convert("L").getpixel((9, 9)) - 156) < 4


def test_a_small_animation_stays_one_and_has_a_still_for_the_library():
    made = decode(upload(animation(comment=b"secret words")), 1)
    still, moving = made.sizes
    assert made.is_animated and not still.is_animated and moving.is_animated
    image = opened(moving)
    assert (image.n_frames, image.info["duration"], image.info["loop"]) == (3, 200, 0)
    assert b"secret" not in moving.data


def bomb(width: int = 60_000, height: int = 60_000) -> bytes:
    """A PNG of 3,600 MP in a few hundred bytes."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(bytes(99_999)))
        + chunk(b"IEND", b"")
    )


@pytest.mark.parametrize(
    "data, words",
    [
        (b"", "is empty"),
        (b"hello", "is no picture"),
        (b"<?xml version='1.0'?><svg onload='alert(1)'/>", "SVG"),
        (b"\xef\xbb\xbf\n<!-- x --><svg/>", "SVG"),
        (b"\0\0\0\x18ftypheic\0\0\0\0mif1heic", "Most Compatible"),
        (b"%PDF-1.7", "PDF"),
        (b"PK\3\4", "archive"),
        (b"II*\0", "Save it as JPEG or PNG"),
        (photo()[:9000], "damaged or incomplete"),
        (photo(kind="PNG")[:9000], "damaged or incomplete"),
        (animation()[:90], "damaged or incomplete"),
        (b"\xff\xd8\xff\xe0" + b"\0" * 400, "damaged or incomplete"),
        (bomb(), "3600 megapixels; the limit is 50"),
        (bomb(7000, 7000), "damaged or incomplete"),  # says 49 MP and has a few rows
        (animation(kind="WEBP"), "mail programs don't play"),
        (animation(kind="PNG"), "mail programs don't play"),
        (animation(frames=301), "too large for a mail"),
        (animation(width=1201), "too large for a mail"),
    ],
    ids=lambda value: value[:24] if isinstance(value, str) else "",
)
def test_what_is_no_picture_is_refused_with_what_to_do(data, words, monkeypatch):
    answers = in_process(data)

    def messages(*args, **kwargs):
        yield from answers

    monkeypatch.setattr(bounded_process, "messages", messages)
    with pytest.raises(Refused, match=words):
        decode(upload(data), 1)


def test_a_large_file_is_not_even_read(monkeypatch):
    monkeypatch.setattr(decoding, "MAX_BYTES", 1 << 20)
    with pytest.raises(Refused, match="This file is 2 MB"):
        decode(upload(bytes((1 << 20) + 1)), 1)


def test_what_takes_much_time_or_memory_is_ended_from_outside(monkeypatch):
    large = encoded(Image.new("RGB", (5000, 5000)))
    for limits in (Limits(memory=150 << 20, cpu=20, wall=20), Limits(memory=1 << 30, cpu=20, wall=0.01)):
        monkeypatch.setattr(decoding, "LIMITS", limits)
        with pytest.raises(Refused, match="takes too long"):
            decode(upload(large), 1)


def test_a_workspace_has_one_picture_read_at_a_time():
    with bounded_process.place_for(1):
        with pytest.raises(decoding.TryAgain):
            decode(upload(photo(40, 40)), 1)
        assert decode(upload(photo(40, 40)), 2).sizes
