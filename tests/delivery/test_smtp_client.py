"""The SMTP client with real servers: how often it waits, how it logs in, what it does after refusals; and how few
statements the engine needs for it."""

import asyncio
import contextlib
import os
import shutil
import socket
import ssl
import subprocess
import time
from dataclasses import replace
from pathlib import Path

import pytest
import uvloop
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from django.db import connections
from django.utils import timezone

from benchmarks.send_smtp import sink
from campaigns import sending
from delivery import batching
from delivery.channels.base import AccountProblem, Outbox, Result
from delivery.channels.email.outgoing import Email
from delivery.providers.smtp import transport as transports
from delivery.providers.smtp.connecting import open_session
from delivery.providers.smtp.forms import SmtpForm
from delivery.sending import lane, lease_runner
from kernel.tenancy import scope
from tests import factories
from tests.delivery.batches import check_sums
from tests.delivery.smtp import Mailbox, serving
from tests.delivery.test_smtp_faults import MessageSource


def letters(*recipients: str) -> list[Email]:
    source = b"Subject: S\r\n\r\n.dot\r\nline\r\n"
    return [Email(n, "a@x.example", recipient, "S", source) for n, recipient in enumerate(recipients)]


def transport(messages, port, seconds: float = 120, **options):
    """Return (outcomes by contact id, the largest number of connections at once)."""

    async def run():
        outbox, source = Outbox(), MessageSource()
        place = {"host": "127.0.0.1", "port": port, "security": "none", "user": ""} | options
        transport = transports.SmtpTransport(outbox, place, {"password": "secret-word"})
        outbox.put(source, [replace(message) for message in messages])
        most = 0
        async with asyncio.timeout(seconds):
            while len(source.outcomes) < len(messages):
                most = max(most, len(transport._sessions))
                await asyncio.sleep(0.005)
        await transport.close()
        return source.outcomes, most

    return uvloop.run(run())


@pytest.mark.parametrize("options, most", [((), 1.05), (("--lock-step",), 4.05)])
def test_round_trips_a_message(options, most):
    with sink(*options) as (port, count):
        messages = letters(*(f"p{n}@x.example" for n in range(400)))
        outcomes, _ = transport(messages, port, connections=2)
        counted = count()
    assert {outcome.result for outcome in outcomes.values()} == {Result.ACCEPTED}
    assert counted["messages"] == 400
    # Without greeting, EHLO and QUIT of each connection, which hardly count in a long run.
    assert (counted["round_trips"] - 2 * counted["connections"]) / 400 <= most


def test_refusals_between_messages_leave_the_others_alone():
    with serving() as (mailbox, port):
        people = [f"{kind}{n}@x.example" for n in range(12) for kind in ("ok", "hard", "policy", "soft")]
        outcomes, _ = transport(letters(*people), port, connections=3)
    wanted = {"ok": Result.ACCEPTED, "hard": Result.HARD, "policy": Result.REFUSED, "soft": Result.LATER}
    for n, person in enumerate(people):
        assert outcomes[n].result is next(result for kind, result in wanted.items() if person.startswith(kind))
    assert mailbox.addresses() == sorted(person for person in people if person.startswith("ok"))
    assert all(content.startswith(b"Subject: S") and b"\r\n.dot\r\n" in content for _, content in mailbox.taken)


def test_a_connection_is_renewed_after_a_number_of_messages(monkeypatch):
    monkeypatch.setattr(transports, "RECYCLE_AFTER", 10)
    with sink() as (port, count):
        outcomes, most = transport(letters(*(f"p{n}@x.example" for n in range(45))), port, connections=1)
        assert count()["connections"] == 5
    assert len(outcomes) == 45 and most <= 1


def test_connections_to_a_host_are_limited_over_all_accounts(settings):
    settings.SMTP_CONNECTIONS_PER_HOST = 2
    with sink() as (port, count):
        _, most = transport(letters(*(f"p{n}@x.example" for n in range(100))), port, connections=10)
        assert most <= 2 and count()["connections"] <= 2
    assert transports._open_to_host["127.0.0.1"] == 0, "every place is given back"


class Busy(Mailbox):
    """Answers 421 to every third body and closes."""

    async def handle_DATA(self, server, session, envelope):
        self.seen.append("body")
        if self.seen.count("body") % 3 == 0:
            return "421 4.3.2 Closing, come back"
        return await super().handle_DATA(server, session, envelope)


def test_a_server_that_closes_is_come_back_to():
    with serving(Busy()) as (mailbox, port):
        outcomes, _ = transport(letters(*(f"p{n}@x.example" for n in range(20))), port, connections=2)
    results = [outcome.result for outcome in outcomes.values()]
    assert results.count(Result.LATER) == 6 and Result.UNKNOWN not in results
    assert results.count(Result.ACCEPTED) == len(mailbox.taken)


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    """(certificate, key) for localhost, self-signed."""
    folder = tmp_path_factory.mktemp("tls")
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = timezone.now()
    builder = x509.CertificateBuilder(name, name, key.public_key(), 1, now, now.replace(year=now.year + 1))
    names = x509.SubjectAlternativeName([x509.DNSName("localhost")])
    made = builder.add_extension(names, critical=False).sign(key, hashes.SHA256())
    (folder / "cert.pem").write_bytes(made.public_bytes(serialization.Encoding.PEM))
    pem, plain = serialization.Encoding.PEM, serialization.NoEncryption()
    (folder / "key.pem").write_bytes(key.private_bytes(pem, serialization.PrivateFormat.PKCS8, plain))
    return str(folder / "cert.pem"), str(folder / "key.pem")


@pytest.fixture
def trusted(certificate, monkeypatch):
    real = ssl.create_default_context
    monkeypatch.setattr(ssl, "create_default_context", lambda *a, **k: real(*a, cafile=certificate[0], **k))


@contextlib.contextmanager
def aiosmtpd(certificate, security):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*certificate)

    def authenticate(server, session, envelope, mechanism, login):
        mailbox.logins.append(login.login)
        good = login.login == b"ana" and login.password == b"secret-word"
        return AuthResult(success=good, handled=good)

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    mailbox = Mailbox()
    options = {"hostname": "127.0.0.1", "port": port, "authenticator": authenticate, "auth_required": True}
    if security == "tls":
        options |= {"ssl_context": context, "auth_require_tls": False, "server_hostname": "localhost"}
    else:
        options |= {"tls_context": context, "require_starttls": True}
    controller = Controller(mailbox, ready_timeout=10, **options)
    try:
        controller.start()
    except (ssl.SSLError, OSError):
        pass  # aiosmtpd checks itself with a context that does not know the certificate; it serves nevertheless
    try:
        yield mailbox, port
    finally:
        controller.stop()


@pytest.mark.parametrize("security", ["starttls", "tls"])
def test_tls_and_log_in(certificate, trusted, security):
    with aiosmtpd(certificate, security) as (mailbox, port):
        options = {"host": "localhost", "security": security, "user": "ana"}
        outcomes, _ = transport(letters("one@x.example", "two@x.example"), port, connections=1, **options)
        assert {outcome.result for outcome in outcomes.values()} == {Result.ACCEPTED}
        assert mailbox.addresses() == ["one@x.example", "two@x.example"]
        place = options | {"port": port}
        with pytest.raises(AccountProblem, match="refused the user name or password"):
            asyncio.run(open_session(None, place, {"password": "wrong"}, timeout=30))


def test_a_certificate_nobody_vouches_for_is_refused(certificate):
    with aiosmtpd(certificate, "starttls") as (_, port):
        place = {"host": "localhost", "port": port, "security": "starttls", "user": "ana"}
        with pytest.raises(AccountProblem, match=r"can't be verified .* SHA-256 fingerprint"):
            asyncio.run(open_session(None, place, {"password": "secret-word"}, timeout=30))


def fingerprint_of(certificate) -> str:
    pem = Path(certificate[0]).read_bytes()
    return x509.load_pem_x509_certificate(pem).fingerprint(hashes.SHA256()).hex()


@pytest.mark.parametrize("security", ["starttls", "tls"])
def test_a_certificate_is_trusted_by_its_fingerprint(certificate, security):
    with aiosmtpd(certificate, security) as (_, port):
        # The address is none of the certificate's names: the fingerprint alone decides.
        options = {"host": "127.0.0.1", "security": security, "user": "ana", "fingerprint": fingerprint_of(certificate)}
        outcomes, _ = transport(letters("one@x.example"), port, connections=1, **options)
        assert [outcome.result for outcome in outcomes.values()] == [Result.ACCEPTED]


@pytest.mark.parametrize("security", ["starttls", "tls"])
def test_another_fingerprint_is_refused_before_the_password_is_sent(certificate, security):
    with aiosmtpd(certificate, security) as (mailbox, port):
        place = {"host": "127.0.0.1", "port": port, "security": security, "user": "ana", "fingerprint": "0" * 64}
        with pytest.raises(AccountProblem, match=fingerprint_of(certificate).upper()):
            asyncio.run(open_session(None, place, {"password": "secret-word"}, timeout=30))
        assert mailbox.logins == []


@pytest.mark.parametrize(
    "typed, kept",
    [
        ("", ""),
        ("ab" * 32, "ab" * 32),
        ("AB:" * 31 + "AB", "ab" * 32),
        (" sha256 Fingerprint=" + "AB:" * 31 + "AB ", "ab" * 32),
        ("ab" * 20, None),
        ("zz" * 32, None),
    ],
)
def test_fingerprints_as_programs_write_them(typed, kept):
    form = SmtpForm({"name": "Mail", "host": "mail.x.example", "port": 587, "security": "tls", "fingerprint": typed})
    form.is_valid()
    assert ("fingerprint" in form.errors) == (kept is None)
    assert form.cleaned_data.get("fingerprint") == kept


class Small(Mailbox):
    """Says that it takes messages of 1,000 bytes at most."""

    async def handle_EHLO(self, server, session, envelope, hostname, responses):
        session.host_name = hostname
        return [line for line in responses[:-1] if "SIZE" not in line] + ["250-SIZE 1000", responses[-1]]


def test_what_the_server_says_is_too_large_is_not_offered_to_it():
    large = replace(letters("large@x.example")[0], contact_id=7, source=b"Subject: S\r\n\r\n" + b"line\r\n" * 200)
    with serving(Small()) as (mailbox, port):
        outcomes, _ = transport([large, *letters("small@x.example")], port, connections=1)
    assert outcomes[7].result is Result.UNCLEAR and outcomes[7].reason == "too_large"
    assert outcomes[0].result is Result.ACCEPTED
    assert mailbox.seen == ["small@x.example"]


def test_postfix_smtp_sink(tmp_path):
    program = shutil.which("smtp-sink") or shutil.which("smtp-sink", path="/usr/sbin")
    if program is None:
        pytest.skip("no smtp-sink on this machine: install Debian's postfix")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    # -c counts; -p would switch pipelining off; soft errors for some RCPT by -Q come as disconnects.
    # It refuses to run as root, and only root may change to somebody else.
    user = ["-u", "nobody"] if os.geteuid() == 0 else []
    process = subprocess.Popen(
        [program, *user, f"127.0.0.1:{port}", "100"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        _wait_for(port)
        outcomes, _ = transport(letters(*(f"p{n}@x.example" for n in range(300))), port, connections=5)
    finally:
        process.kill()
        process.wait()
    assert {outcome.result for outcome in outcomes.values()} == {Result.ACCEPTED}


def _wait_for(port):
    deadline = time.monotonic() + 10
    while True:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return
        assert time.monotonic() < deadline, "smtp-sink does not start"
        time.sleep(0.05)


# --- the engine's statements


def wal() -> int:
    with connections["owner"].cursor() as cursor:
        cursor.execute("SELECT pg_current_wal_insert_lsn() - '0/0'::pg_lsn")
        return int(cursor.fetchone()[0])


def test_statements_and_wal_a_message(acme, settings, monkeypatch, without_autovacuum):
    """3,000 messages in sub-batches of 200: at most 25 statements per thousand, apart from looking for work, and at
    most 550 bytes of write-ahead log per message, filled and settled."""
    statements = count_statements(monkeypatch)
    monkeypatch.setattr(lane.AccountLane, "count", lambda self, outcome: None)
    # A busy machine settles by the clock, in smaller sets. Here only full ones are counted.
    monkeypatch.setattr(lease_runner, "SETTLE_SECONDS", 60)
    monkeypatch.setattr(transports.SmtpTransport, "width", 200, raising=False)
    settings.SMTP_CONNECTIONS = 200
    settings.SMTP_CONNECTIONS_PER_HOST = 10
    with sink() as (port, _):
        with scope(acme):
            factories.smtp_account(port)
            factories.contacts(3000)
        # The log is the whole server's, and the tests beside this one write to it, too: the least is nearest.
        written = min(wal_of_a_batch(acme) for _ in range(3))
    # How often a lane reads the workspace queue depends on how busy the machine is, not on the messages.
    assert sum("delivery_workspacequeue" not in sql for sql in statements) / 9 <= 25
    if _writes_full_pages():
        pytest.skip("this server logs whole pages after a checkpoint, whose time is not ours")
    assert written / 3000 <= 550


def count_statements(monkeypatch) -> list[str]:
    """The statements that lanes execute from now on."""
    statements = []

    def count(execute, sql, params, many, context):
        statements.append(sql)
        return execute(sql, params, many, context)

    real = lane.Lane.in_db

    async def in_db(self, function, *args, **kwargs):
        def counted(*args, **kwargs):
            with connections["engine"].execute_wrapper(count):
                return function(*args, **kwargs)

        return await real(self, counted, *args, **kwargs)

    monkeypatch.setattr(lane.Lane, "in_db", in_db)
    return statements


def wal_of_a_batch(workspace) -> int:
    """Send to all 3,000 contacts. Returns the bytes of write-ahead log that were written meanwhile."""
    with scope(workspace):
        batch = sending.start(factories.campaign().pk).first_batch
    with connections["owner"].cursor() as cursor:
        cursor.execute("VACUUM")  # what was there before
    before = wal()
    while not batching.fill(batch.pk):
        pass
    while lane.run():
        pass
    written = wal() - before
    assert check_sums(batch)["accepted"] == 3000
    return written


def _writes_full_pages() -> bool:
    with connections["owner"].cursor() as cursor:
        cursor.execute("SHOW full_page_writes")
        return cursor.fetchone()[0] == "on"
