"""What Fanfare adds to a message gives spam filters and mailbox lists no reason to complain."""

import contextlib
import email
import email.policy
import json
import re
import shutil
import socket
import subprocess
import time
import urllib.request

import pytest

from contacts.models import Contact
from delivery import tracking
from delivery.channels.email import composing
from delivery.channels.email.composing import Composer, Content
from delivery.channels.email.quoted_printable import encode_chunk
from delivery.models import CapturedMessage
from kernel.tenancy import scope
from templates_app import starters
from templates_app.plain_text import text_of
from tests.delivery.batches import start

LIST_NAMES = ["Smith & Sons, Ltd.", "A <b@c.fr>", 'Dr. "Who"', "back\\slash", "Plain Name", "Été"]


SHORT = (
    "<p>Hello {{ first_name }}, we open at nine on Monday.</p>"
    '<p>{{ postal_address }} <a href="{{ unsubscribe_url }}">Unsubscribe</a></p>'
)


def message(html: str = "<p>Hello</p>", **fields) -> bytes:
    values = {"subject": "News", "text": "Hello", "from_name": "Acme", "from_email": "news@acme.example"} | fields
    return Composer(1, 2, Content(html=html, **values)).compose(3, "ana@x.example", {"first_name": "Ana"}).source


@pytest.mark.parametrize("name", LIST_NAMES)
def test_the_name_of_a_list_is_a_phrase(name):
    header = email.message_from_bytes(message(list_name=name), policy=email.policy.default)["List-Id"]
    raw = next(line for line in message(list_name=name).split(b"\r\n") if line.startswith(b"List-Id"))
    assert header.endswith("<w1.acme.example>") and raw.count(b"<w1.acme.example>") == 1
    if name in LIST_NAMES[:4]:
        assert raw.startswith(b'List-Id: "') and b'" <w1.' in raw


@pytest.mark.parametrize("blank", [" ", "\t"])
@pytest.mark.parametrize("n", range(65, 160))
def test_no_line_is_longer_than_76(n, blank):
    text = "a" * n + blank + "\nb"
    done = encode_chunk(text)
    assert max(len(line) for line in done.split(b"\r\n")) <= 76
    mail = email.message_from_bytes(b"Content-Transfer-Encoding: quoted-printable\r\n\r\n" + done)
    assert mail.get_payload(decode=True).replace(b"\r\n", b"\n").decode() == text


def test_the_preheader_is_padded_and_has_no_colour():
    html = composing.with_preheader("<body><p>Body</p></body>", "Look")
    hidden = html[: html.index("</div>")]
    assert hidden.count("&zwnj;&nbsp;") >= 60 and "color" not in hidden and "Look&zwnj;" in hidden


def sent(html: str, preheader: str) -> bytes:
    """A message as a batch sends it: with counted links, preheader, pixel and text part."""
    prepared = composing.with_pixel(composing.with_preheader(composing.number_links(html)[0], preheader))
    return message(
        prepared, text=text_of(html), subject="News of the week", list_name="Acme", postal_address="Acme, 1 Main Street"
    )


@pytest.mark.skipif(shutil.which("spamassassin") is None, reason="SpamAssassin is not installed")
@pytest.mark.parametrize("preheader", ["", "What is new"])
@pytest.mark.parametrize("language", ["en", "fr"])
@pytest.mark.parametrize("slug", [*(starter.slug for starter in starters.STARTERS), "short"])
def test_spamassassin_gives_no_points(settings, slug, language, preheader):
    settings.BASE_URL = "https://mail.acme.example"
    starter = starters.find(slug)
    source = sent(starter.in_language(language) if starter else SHORT, preheader)
    done = subprocess.run(["spamassassin", "-L", "-t"], input=source, capture_output=True, check=True)
    report = done.stdout.decode(errors="replace").rpartition("Content analysis details:")[2]
    points = re.search(r"\((-?[\d.]+) points", report)
    assert points and float(points[1]) <= 1.0, report


RSPAMD_CONFIG = """
.include "/etc/rspamd/common.conf"
options {{
  pidfile = "{folder}/pid";
  tempdir = "{folder}";
  filters = "chartable,dkim,regexp";
  dns {{ timeout = 0.1s; retransmits = 1; nameserver = ["127.0.0.1:1"]; }}
}}
logging {{ type = "file"; filename = "{folder}/log"; level = "error"; }}
worker "normal" {{ bind_socket = "127.0.0.1:{port}"; count = 1; }}
"""
#: What rspamd says of a message from nowhere, and of an odd number of links, which is the merchant's text.
NOT_OURS = {"HFILTER_HOSTNAME_UNKNOWN", "URI_COUNT_ODD"}


@pytest.fixture(scope="module")
def rspamd(tmp_path_factory):
    """The port of an rspamd with the rules of the distribution, which asks nobody."""
    if shutil.which("rspamd") is None:
        pytest.skip("rspamd is not installed")
    folder = tmp_path_factory.mktemp("rspamd")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    config = folder / "rspamd.conf"
    config.write_text(RSPAMD_CONFIG.format(folder=folder, port=port))
    with subprocess.Popen(
        ["rspamd", "-f", "-i", "-c", config], stdout=subprocess.DEVNULL, stderr=subprocess.STDOUT
    ) as it:
        try:
            wait_for(port, it)
            yield port
        finally:
            it.terminate()


def wait_for(port: int, process: subprocess.Popen) -> None:
    """rspamd compiles its expressions first."""
    deadline = time.monotonic() + 120
    while True:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return
        assert process.poll() is None and time.monotonic() < deadline, "rspamd does not start"
        time.sleep(0.2)


@pytest.mark.parametrize("preheader", ["", "What is new"])
@pytest.mark.parametrize("language", ["en", "fr"])
@pytest.mark.parametrize("slug", [*(starter.slug for starter in starters.STARTERS), "short"])
def test_rspamd_gives_no_points(settings, rspamd, slug, language, preheader):
    settings.BASE_URL = "https://mail.acme.example"
    starter = starters.find(slug)
    source = sent(starter.in_language(language) if starter else SHORT, preheader)
    request = urllib.request.Request(f"http://127.0.0.1:{rspamd}/checkv2", data=source)
    with urllib.request.urlopen(request, timeout=60) as answer:
        symbols = json.load(answer)["symbols"]
    assert symbols["MIME_GOOD"], "the message was read"
    points = {name: found["score"] for name, found in symbols.items() if found["score"] > 0 and name not in NOT_OURS}
    assert sum(points.values()) <= 0.5, points


@pytest.mark.parametrize(
    "html, form",
    [
        (SHORT, composing.BACKGROUND_PIXEL),
        (SHORT + "<IMG src='https://x.example/a.png'>", composing.IMAGE_PIXEL),
        ("<body>" + SHORT * 40 + "</body>", composing.IMAGE_PIXEL),
    ],
)
def test_only_a_short_message_without_pictures_has_its_pixel_in_a_background(html, form):
    assert composing.with_pixel(html) == html.removesuffix("</body>") + form + "</body>" * html.endswith("</body>")


def test_the_pixel_is_left_out_where_the_sandbox_shows_a_message(acme, as_user, alice, send_all):
    with scope(acme):
        Contact.objects.create(email="ana@x.example", status="subscribed")
    send_all(start(acme, html=SHORT))
    with scope(acme):
        pk = CapturedMessage.objects.get(recipient="ana@x.example").pk
        assert b"/o/" in bytes(CapturedMessage.objects.get(pk=pk).source)
    page = as_user(alice).get(f"/w/{acme.slug}/sending/sandbox/{pk}/html/").content.decode()
    assert "open at nine" in page and "background-image" not in page and "/o/" not in page.split("<!--")[0]


@pytest.mark.parametrize("page", ["u", "v"])
def test_pages_of_a_recipient_are_in_no_index_and_set_no_cookie(acme, client, mail_server, send_all, page):
    batch = send_all(start(acme, ["ana@x.example"], port=mail_server[1]))
    with scope(acme):
        pk = Contact.objects.get(email="ana@x.example").pk
    answer = client.get(f"/{page}/{tracking.sign(tracking.MESSAGE, acme.pk, batch.pk, pk)}/")
    assert answer.status_code == 200 and answer["X-Robots-Tag"] == "noindex" and not answer.cookies
