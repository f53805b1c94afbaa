"""ZIP files as other programs export them, and such as would do harm."""

import io
import struct
import zipfile

import pytest

from kernel.tenancy import scope
from templates_app.models import Picture
from tests.templates_app.importing.conftest import zipped
from tests.templates_app.pictures.drawn import photo

PAGE = b'<html><head><title>June news</title></head><body><p>Hello</p><img src="images/wool.jpg" width="300"></body></html>'


def pictures(workspace) -> list[str]:
    with scope(workspace):
        return list(Picture.objects.order_by("pk").values_list("name", flat=True))


def test_pictures_come_along_and_the_message_shows_ours(acme, give, stored):
    html = b"""<html><head><link rel="stylesheet" href="css/mail.css"><style>.a{background:url('images/one%20two.png')}</style></head>
        <body background="images/wool.jpg"><img src="./images/wool.jpg?v=2"><img src="IMAGES\\WOOL.JPG">
        <div style="background-image: url('images/one two.png')"></div><img src="images/gone.png">
        <!--[if mso]><v:fill type="frame" src="images/wool.jpg"/><![endif]--><img src="https://a.example/x.png"></body></html>"""
    files = {
        "mail/index.html": html,
        "mail/images/wool.jpg": photo(60, 40),
        "mail/images/one two.png": photo(50, 40, "PNG"),
        "mail/images/unused.png": photo(51, 40, "PNG"),
        "mail/css/mail.css": b"p { color: #123456 }",
        "__MACOSX/mail/._index.html": b"x",
    }
    page = give(zipped(files), "export.zip").content.decode()
    (template,) = stored()
    assert sorted(pictures(acme)) == ["one two.png", "wool.jpg"]
    assert template.html.count("/i/") == 6 and "wool.jpg" not in template.html and "two.png" not in template.html
    assert "#123456" in template.html and "https://a.example/x.png" in template.html
    assert template.name == "export"
    assert "images/gone.png" in page and "Insert it from your library" in page
    assert "2 pictures are in your library" in page and "1 picture is on another server" in page


@pytest.mark.parametrize("codec", ["utf-8", "cp437", "cp850", "cp1252"])
def test_names_with_accents_are_found_whatever_wrote_them(acme, give, stored, codec):
    data = _renamed({"index.html": b'<img src="%C3%A9t%C3%A9.jpg">'}, "été.jpg".encode(codec), photo(60, 40))
    give(data, "x.zip")
    (template,) = stored()
    assert "/i/" in template.html


def _renamed(files: dict[str, bytes], raw: bytes, data: bytes) -> bytes:
    """An archive with one more file, whose name is written without the flag for UTF-8."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
        archive.writestr("x" * len(raw), data)
    return target.getvalue().replace(b"x" * len(raw), raw)


def _nested() -> bytes:
    return zipped({"folder/inner.zip": zipped({"index.html": PAGE})})


def _encrypted() -> bytes:
    data = bytearray(zipped({"index.html": PAGE}))
    for signature, at in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        struct.pack_into("<H", data, data.index(signature) + at, 1)
    return bytes(data)


def _bomb() -> bytes:
    return zipped({"index.html": PAGE, "images/big.png": b"\0" * (60 << 20)})


def _lying() -> bytes:
    """A file that says it is small."""
    data = bytearray(zipped({"index.html": b"x" * (9 << 20)}))
    struct.pack_into("<L", data, data.index(b"PK\x01\x02") + 24, 100)
    return bytes(data)


@pytest.mark.parametrize(
    "make, words",
    [
        (lambda: zipped({"index.html": PAGE, "../../etc/cron.d/x.png": b"x"}), "leads out of it"),
        (lambda: zipped({"index.html": PAGE, "/etc/x.png": b"x"}), "leads out of it"),
        (lambda: zipped({"index.html": PAGE, "C:\\x.png": b"x"}), "leads out of it"),
        (lambda: zipped({"index.html": PAGE} | {f"images/{n}.png": b"" for n in range(10_000)}), "10001 files"),
        (_nested, "is another one (folder/inner.zip)"),
        (_encrypted, "locked with a password"),
        (_bomb, "too much room"),
        (lambda: zipped({"read.me": b"x"}), "no HTML file"),
        (lambda: zipped({"index.html": PAGE})[:-30], "damaged"),
        (lambda: b"PK\x03\x04 and nothing else", "damaged"),
    ],
)
def test_an_archive_that_can_not_be_read_says_what_to_do(acme, give, stored, make, words):
    page = give(make(), "x.zip")
    assert page.status_code == 200
    assert words in page.content.decode() and stored() == [] and pictures(acme) == []


def test_what_a_file_says_of_its_size_is_not_believed(give, stored):
    page = give(_lying(), "x.zip").content.decode()
    assert "damaged" in page or "too much room" in page or "the limit is" in page
    assert stored() == []


def test_a_picture_that_can_not_be_read_is_named_and_the_message_is_there(acme, give, stored):
    page = give(zipped({"index.html": PAGE, "images/wool.jpg": b"<svg/>"}), "x.zip").content.decode()
    (template,) = stored()
    assert template.name == "June news" and "wool.jpg" in page and "This is an SVG drawing" in page


def test_of_several_pages_index_is_taken(give, stored):
    give(zipped({"a.html": b"<p>other</p>" * 50, "deep/index.html": PAGE, "images/x.png": b""}), "x.zip")
    assert stored()[0].name == "June news"
