"""What Fanfare adds to a message gives spam filters and mailbox lists no reason to complain."""

import email
import email.policy
import shutil
import subprocess

import pytest

from contacts.models import Contact
from delivery import composing, tracking
from delivery.composing import Composer, Content
from delivery.quoted_printable import encode_chunk
from kernel.tenancy import scope
from templates_app import starters
from tests.delivery.test_sending import start

LIST_NAMES = ["Smith & Sons, Ltd.", "A <b@c.fr>", 'Dr. "Who"', "back\\slash", "Plain Name", "Été"]


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


@pytest.mark.skipif(shutil.which("spamassassin") is None, reason="SpamAssassin is not installed")
def test_spamassassin_finds_nothing_in_the_preheader():
    html = composing.with_preheader(starters.find("letter").in_language("en"), "News of the week")
    done = subprocess.run(["spamassassin", "-L", "-t"], input=message(html), capture_output=True, check=False)
    assert b"HTML_FONT_LOW_CONTRAST" not in done.stdout


@pytest.mark.parametrize("page", ["u", "v"])
def test_pages_of_a_recipient_are_in_no_index_and_set_no_cookie(acme, client, mail_server, send_all, page):
    batch = send_all(start(acme, ["ana@x.example"], port=mail_server[1]))
    with scope(acme):
        pk = Contact.objects.get(email="ana@x.example").pk
    answer = client.get(f"/{page}/{tracking.sign(tracking.MESSAGE, acme.pk, batch.pk, pk)}/")
    assert answer.status_code == 200 and answer["X-Robots-Tag"] == "noindex" and not answer.cookies
