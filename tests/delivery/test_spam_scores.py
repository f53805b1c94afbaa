"""What the operator's spam filter says of a template: real filters where they are installed, and one that hangs, lies and
floods."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

import pytest

from delivery.spam_filters import asking, verdict
from delivery.spam_filters.verdict import NoAnswer
from kernel.tenancy import scope
from templates_app.models import MessageTemplate
from tests import factories

HTTP = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s"
GOOD = {
    "score": 2.5,
    "required_score": 15,
    "symbols": {
        "A": {"name": "MIME_HTML_ONLY", "score": 0.2, "description": "Message has only an HTML part"},
        "B": {"name": "BAD_SUBJECT", "score": 2.3, "description": "Subject is suspicious"},
        "C": {"name": "NOTHING", "score": 0.0},
    },
}
REPORT = (
    b"SPAMD/1.1 0 EX_OK\r\nContent-length: 300\r\nSpam: True ; 7.2 / 5.0\r\n\r\n"
    b"Content analysis details:   (7.2 points, 5.0 required)\n\n pts rule name              description\n"
    b"---- ---------------------- --------------------------------------------------\n"
    b" 7.0 GTUBE_LIKE             BODY: Something that only\n                            spam says\n"
    b" 0.2 HTML_MESSAGE           BODY: HTML included in message\n-0.0 NO_RELAYS              Informational\n"
)


@contextmanager
def served(answer: Callable[[socket.socket], None]) -> Iterator[int]:
    """A server that reads what comes and answers once; its port."""
    with closing(socket.create_server(("127.0.0.1", 0))) as server:

        def run() -> None:
            with suppress(OSError), closing(server.accept()[0]) as made:
                made.settimeout(20)
                made.recv(1 << 20)
                answer(made)

        threading.Thread(target=run, daemon=True).start()
        yield server.getsockname()[1]


@pytest.fixture
def mail(acme):
    with scope(acme):
        template = factories.campaign().template
        return asking.message(template, acme)


def ask(mail, settings, kind: str, port: int) -> verdict.Verdict:
    settings.SPAM_CHECK_URL = f"{kind}://127.0.0.1:{port}"
    return asking.ask(mail)


def test_rspamds_answer_is_read(mail, settings):
    data = json.dumps(GOOD).encode()
    with served(lambda made: made.sendall(HTTP % (len(data), data))) as port:
        found = ask(mail, settings, "rspamd", port)
    assert (found.points, found.limit, found.is_spam) == (2.5, 15, False)
    assert [(rule.name, rule.points) for rule in found.rules] == [("BAD_SUBJECT", 2.3), ("MIME_HTML_ONLY", 0.2)]
    assert found.rules[0].words == "Subject is suspicious"


def test_spamassassins_answer_is_read(mail, settings):
    with served(lambda made: made.sendall(REPORT)) as port:
        found = ask(mail, settings, "spamd", port)
    assert found.is_spam and [rule.name for rule in found.rules] == ["GTUBE_LIKE", "HTML_MESSAGE"]
    assert found.rules[0].words == "BODY: Something that only spam says"


def _drip(made: socket.socket) -> None:
    with suppress(OSError):
        for _byte in range(2000):
            made.sendall(b"H")
            time.sleep(0.05)


def _flood(made: socket.socket) -> None:
    with suppress(OSError):
        made.sendall(HTTP % (10_000_000, b"{" + b" " * 10_000_000))


LIES = [
    b"",
    b"{",
    b"[]",
    b"[" * 100_000,
    b'{"score": "NaN", "required_score": 5}',
    b'{"score": 1e999, "required_score": 5}',
    b'{"score": null}',
    b'{"score": 1, "required_score": 5, "symbols": {"a": {"score": {}}}}',
    b'{"score": 1, "required_score": 5, "symbols": 7}',
    b'{"score": ' + b"9" * 5000 + b', "required_score": 5}',
]


@pytest.mark.parametrize("said", LIES, ids=range(len(LIES)))
def test_an_answer_that_can_not_be_is_none(mail, settings, said):
    with served(lambda made: made.sendall(HTTP % (len(said), said))) as port, pytest.raises(NoAnswer):
        ask(mail, settings, "rspamd", port)
    with served(lambda made: made.sendall(b"SPAMD/1.1 0 EX_OK\r\nSpam: " + said)) as port, pytest.raises(NoAnswer):
        ask(mail, settings, "spamd", port)


@pytest.mark.parametrize("kind", ["rspamd", "spamd"])
@pytest.mark.parametrize("answer", [_drip, _flood, lambda made: time.sleep(3)], ids=["drips", "floods", "hangs"])
def test_a_filter_that_hangs_or_floods_is_left_in_time(mail, settings, monkeypatch, kind, answer):
    monkeypatch.setattr(verdict, "SECONDS", 0.4)
    with served(answer) as port, pytest.raises(NoAnswer):
        ask(mail, settings, kind, port)


@pytest.mark.parametrize(
    "address", ["", "rspamd://", "http://127.0.0.1:1", "rspamd://127.0.0.1:x", "spamd://127.0.0.1:1"]
)
def test_an_address_that_is_wrong_gives_no_answer(mail, settings, address):
    settings.SPAM_CHECK_URL = address
    with pytest.raises(NoAnswer):
        asking.ask(mail)


def test_the_row_is_there_where_a_filter_is_named_only(acme, bob, rita, as_user, settings):
    with scope(acme):
        template = MessageTemplate.objects.create(name="T", html=factories.HTML)
    page, row = f"/w/acme/templates/{template.pk}/checks/", f"/w/acme/sending/templates/{template.pk}/spam-score/"
    assert "spam-score" not in as_user(bob).get(page).content.decode() and as_user(bob).post(row).status_code == 404
    settings.SPAM_CHECK_URL = "rspamd://127.0.0.1:1"
    assert row in as_user(bob).get(page).content.decode()
    assert "gives no answer" in as_user(bob).post(row).content.decode()
    assert as_user(rita).post(row).status_code == 403
    data = json.dumps(GOOD).encode()
    with served(lambda made: made.sendall(HTTP % (len(data), data))) as port:
        settings.SPAM_CHECK_URL = f"rspamd://127.0.0.1:{port}"
        said = as_user(bob).post(row).content.decode()
    assert "2.5" in said and "Subject is suspicious" in said and "limit 15" in said
    settings.SPAM_CHECKS_PER_HOUR = 2
    assert "Try again later" in as_user(bob).post(row).content.decode()


def _free_port() -> int:
    with closing(socket.create_server(("127.0.0.1", 0))) as server:
        return server.getsockname()[1]


@contextmanager
def _started(command: list[str], port: int, **kwargs) -> Iterator[None]:
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, **kwargs)
    try:
        for _try in range(600):
            with suppress(OSError), closing(socket.create_connection(("127.0.0.1", port), timeout=1)):
                break
            assert process.poll() is None, "it ended"
            time.sleep(0.1)
        yield
    finally:
        process.terminate()
        process.wait(20)


@pytest.mark.skipif(not shutil.which("spamd"), reason="SpamAssassin is not installed")
def test_spamassassin_itself(mail, settings, tmp_path, monkeypatch):
    monkeypatch.setattr(verdict, "SECONDS", 120)  # on a busy machine it takes its time
    port = _free_port()
    command = ["spamd", "--local", "--port", str(port), "--listen", "127.0.0.1", "--max-children", "1"]
    command += ["--helper-home-dir", str(tmp_path), "--pidfile", str(tmp_path / "pid"), "--nouser-config"]
    if os.getuid() == 0:
        tmp_path.chmod(0o777)
        command += ["--username", "nobody"]
    with _started(command, port):
        found = ask(mail, settings, "spamd", port)
        assert (found.limit, found.is_spam) == (5, False)
        # The text that every filter takes for spam (https://spamassassin.apache.org/gtube/), in two pieces here.
        mail.source = (
            b"From: a@example.com\r\nSubject: Hi\r\n\r\nXJS*C4JDBQADN1.NSBN3*2IDNEN*"
            + b"GTUBE-STANDARD-ANTI-UBE-TEST-EMAIL*C.34X\r\n"
        )
        found = ask(mail, settings, "spamd", port)
    assert found.is_spam and found.rules[0].name == "GTUBE" and found.rules[0].words


RSPAMD = """
options {{ pidfile = "{folder}/pid"; dns {{ nameserver = ["127.0.0.1:1"]; timeout = 0.05s; retransmits = 1; }} filters = "chartable,regexp"; }}
logging {{ type = "file"; filename = "{folder}/log"; level = "error"; }}
worker "normal" {{ bind_socket = "127.0.0.1:{port}"; count = 1; task_timeout = 5s; }}
actions {{ reject = 15; add_header = 6; }}
lua = "/usr/share/rspamd/rules/rspamd.lua"
"""


@pytest.mark.skipif(not shutil.which("rspamd"), reason="rspamd is not installed")
def test_rspamd_itself(mail, settings, monkeypatch):
    monkeypatch.setattr(verdict, "SECONDS", 120)
    port = _free_port()
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o777)
        Path(folder, "rspamd.conf").write_text(RSPAMD.format(folder=folder, port=port))
        command = ["rspamd", "-f", "-c", f"{folder}/rspamd.conf", "--insecure"]
        with _started(command, port):
            found = ask(mail, settings, "rspamd", port)
    assert found.limit == 15 and found.points < 15
