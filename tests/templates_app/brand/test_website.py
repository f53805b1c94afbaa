"""A brand read from a website: what is found, that only what is ticked is taken, and what bad sites do."""

import io
import struct

import pytest
from PIL import Image

from kernel.tenancy import scope
from templates_app.brand.website import icons, page, palette, reading
from templates_app.models import Brand, Picture
from templates_app.views import brand_website
from tests.local_web import served
from tests.markup import fields_of, flat
from tests.templates_app.brand.conftest import BRAND

CLAY, MOSS = "#a8492a", "#2f7d45"
READ, TAKE = f"{BRAND}website/", f"{BRAND}website/take/"
HOME = f"""<!doctype html><html><head><title>Home – Maison Démo</title>
<meta property="og:site_name" content="Maison Démo"><link rel="stylesheet" href="/site.css">
<style>:root {{ --brand-primary: {CLAY} }} body {{ color: #2a2521 }}</style></head>
<body><header><a href="/"><img class="logo" src="/logo.png" alt="Maison Démo"></a></header></body></html>"""


def png(width: int = 240, height: int = 60) -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (width, height), CLAY).save(file, "PNG")
    return file.getvalue()


def ico(*pictures: bytes) -> bytes:
    offset, entries = 6 + 16 * len(pictures), b""
    for picture in pictures:
        entries += struct.pack("<BBBBHHII", 0, 0, 0, 0, 1, 32, len(picture), offset)
        offset += len(picture)
    return struct.pack("<HHH", 0, 1, len(pictures)) + entries + b"".join(pictures)


@pytest.fixture
def site(monkeypatch):
    with served(monkeypatch) as found:
        found.gives("/", HOME.encode())
        found.gives("/site.css", f".a {{ color: {MOSS} }} .b {{ background: {MOSS} }}".encode(), "text/css")
        found.gives("/logo.png", png(), "image/png")
        yield found


@pytest.fixture
def client(acme, bob, as_user):
    return as_user(bob)


def ask(client, address: str = "http://127.0.0.1/") -> str:
    return flat(client.post(READ, {"address": address}))


def test_name_logo_and_colours_are_proposed_and_what_is_ticked_is_taken(acme, client, site, brand_of):
    told = client.post(READ, {"address": "http://127.0.0.1/"})
    shown = flat(told)
    assert "Maison Démo" in shown and CLAY in shown and MOSS in shown and "data:image/" in shown
    assert brand_of(acme).pk is None
    given = fields_of(told)
    assert set(given["take"]) == {"name", "logo", "main", "second", "text"}
    answer = client.post(TAKE, given | {"take": ["name", "logo", "main"]}, follow=True)
    assert "Taken from your website" in answer.content.decode()
    brand = brand_of(acme)
    assert (brand.name, brand.main, brand.second) == ("Maison Démo", CLAY, Brand().second)
    assert (brand.logo.width, brand.logo.height, brand.logo.name) == (240, 60, "logo.png")
    # What is as on the website already is not proposed again.
    assert "data-colour" not in ask(client) and f'value="{CLAY}"' not in ask(client)


def test_nothing_is_taken_over_what_somebody_else_has_saved_meanwhile(acme, client, site, save, brand_of):
    given = fields_of(client.post(READ, {"address": "http://127.0.0.1/"}))
    save(main="#123456")
    answer = client.post(TAKE, given, follow=True).content.decode()
    assert "Someone has changed the brand meanwhile" in answer and 'value="http://127.0.0.1/"' in answer
    assert brand_of(acme).main == "#123456"


def test_a_logo_in_svg_is_said_and_the_next_one_is_found(acme, client, site):
    site.gives("/logo.png", b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"/>', "image/png")  # a lie
    shown = ask(client)
    assert "in SVG only" in shown and "data:image/" not in shown
    site.gives("/favicon.ico", ico(b"BM no png", png(64, 64), png(128, 128)), "image/x-icon")
    shown = ask(client)
    assert "in SVG, which mail programs" in shown and "data:image/" in shown
    site.gives("/apple-touch-icon.png", b"\x89PNG\r\n\x1a\n but damaged", "image/png")
    assert "data:image/" in ask(client)  # the next one


@pytest.mark.parametrize("target", ["http://127.0.0.2/", "http://169.254.169.254/", "http://10.0.0.1/logo.png"])
def test_no_hop_leads_into_the_private_network(acme, client, site, target):
    site.redirects("/", target)
    shown = ask(client)
    assert "private address" in shown and 'value="http://127.0.0.1/"' in shown
    site.gives("/", HOME.encode())
    site.redirects("/logo.png", target)
    assert "data:image/" not in ask(client)
    given = {"take": "logo", "logo": target, "revision": "0", "address": "http://127.0.0.1/"}
    assert "private address" in flat(client.post(TAKE, given))
    with scope(acme):
        assert not Picture.objects.exists() and not Brand.objects.exists()


def test_a_site_that_hangs_or_sends_too_much_is_left(client, site, monkeypatch):
    def hang(_handler):
        site.closing.wait(20)

    def endless(handler):
        handler.send_response(200)
        handler.send_header("Content-Type", "image/png")
        handler.end_headers()
        for _megabyte in range(50):
            handler.wfile.write(b"\x89PNG\r\n\x1a\n" + b"a" * (1 << 20))

    site.answers["/logo.png"] = endless
    shown = ask(client)
    assert "Maison Démo" in shown and "data:image/" not in shown
    monkeypatch.setattr(reading, "SECONDS", 0.5)
    site.answers["/"] = hang
    assert "takes too long" in ask(client)


@pytest.mark.parametrize(
    "body, kind, told",
    [
        (b"\0\1\2" * 100, "text/html", "but a file"),
        (png(), "image/png", "but a file"),
        (b"<html></html>", "text/html", "Nothing was found"),
        (b"", "text/html", "Nothing was found"),
    ],
)
def test_what_is_no_page_is_told(client, site, body, kind, told):
    site.gives("/", body, kind)
    assert told in ask(client)


def test_a_workspace_reads_so_many_an_hour(client, site, monkeypatch):
    monkeypatch.setattr(brand_website, "READ_AN_HOUR", 1)
    assert "Maison Démo" in ask(client)
    asked = len(site.asked)
    assert "Try again in an hour" in ask(client) and len(site.asked) == asked


def test_nothing_posted_by_hand_gets_into_a_brand_unread(acme, client, site, brand_of):
    given = {
        "take": ["main", "text", "name"],
        "main": "red; }",
        "text": "#2a2521",
        "name": "{{ x }}" * 99,
        "revision": "0",
    }
    client.post(TAKE, given)
    brand = brand_of(acme)
    assert brand.main == Brand().main and brand.text == "#2a2521" and "{" not in brand.name


def test_an_address_without_a_scheme_is_meant_to_be_safe():
    assert reading.completed(" shop.example ") == "https://shop.example"
    assert reading.completed("http://shop.example/a") == "http://shop.example/a"


def test_where_names_and_logos_stand():
    data = '{"@graph": [{"@type": "Organization", "name": "MD", "logo": {"url": "/data.png"}}, 3]}'
    found = page.read(
        f'<title>A | B</title><script type="application/ld+json">{data}</script><img src="/x.png" alt="Our logo">'
        '<link rel="apple-touch-icon" href="t.png"><link rel="icon" sizes="16x16" href="//cdn.example/i.png">'
        '<img class="logo" src="data:image/png;base64,AA"><img class="logo" src="http://[bad">',
        "https://shop.example/fr/",
    )
    assert found.name == "MD"
    assert [logo.address for logo in found.logos] == [
        "https://shop.example/data.png",
        "https://shop.example/x.png",
        "https://shop.example/fr/t.png",
        "https://cdn.example/i.png",
    ]
    assert page.read("<title>Shop – best wool</title>", "https://shop.example/").name == "Shop"


def test_colours_are_the_named_ones_before_the_many():
    css = f"a {{ color: {MOSS} }} b {{ color: {MOSS} }} :root {{ --primary: {CLAY} }} i {{ color: #777 }}"
    assert palette.of(css, "") == palette.Palette(CLAY, MOSS, "")
    assert palette.of(css, "#0044cc").main == "#0044cc"
    assert palette.of(css, "white").main == CLAY
    assert palette.of("body { margin: 0; color: rgb(42, 37, 33) }", "").text == "#2a2521"
    assert palette.of("body { color: #fff }", "") == palette.Palette()


@pytest.mark.parametrize("data", [b"", b"\0\0\1\0", ico(png())[:40], struct.pack("<HHH", 0, 1, 65535), b"GIF"])
def test_a_broken_icon_is_none(data):
    assert icons.largest_png(data) == b""


EVIL = [
    "<!--" * 250_000,
    "<a " * 300_000,
    "<div>" * 200_000,
    "{" * 1_000_000,
    "a:" * 500_000,
    "body " * 200_000,
    "rgb(" * 250_000,
]


@pytest.mark.parametrize("text", EVIL, ids=[text[:6] for text in EVIL])
def test_reading_takes_time_in_the_length_of_the_text(text):
    page.read(text, "https://shop.example/")
    palette.of(text, text)
