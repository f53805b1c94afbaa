"""Pictures for the tests, drawn when they are asked for."""

import io
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image


def encoded(image: Image.Image, kind: str = "PNG", **options: Any) -> bytes:
    target = io.BytesIO()
    image.save(target, kind, **options)
    return target.getvalue()


def photo(width: int = 1500, height: int = 1000, kind: str = "JPEG", mode: str = "RGB", **options: Any) -> bytes:
    """Something with many colours."""
    across = Image.linear_gradient("L").resize((width, height))
    down = Image.radial_gradient("L").resize((width, height))
    return encoded(Image.merge("RGB", (across, down, across.rotate(180))).convert(mode), kind, **options)


def animation(frames: int = 3, width: int = 200, kind: str = "GIF", **options: Any) -> bytes:
    drawn = [Image.new("RGB", (width, 100), (n * 40 % 256, 80, 200)) for n in range(frames)]
    return encoded(drawn[0], kind, save_all=True, append_images=drawn[1:], duration=200, loop=0, **options)


def upload(data: bytes, name: str = "wool.jpg") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, data)
