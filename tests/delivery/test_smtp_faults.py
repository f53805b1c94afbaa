"""An SMTP server with faults: it hangs, sends garbage, closes. A message without an answer to its body is unknown;
before that, nothing was sent; and the account's problems become sentences."""

import asyncio
import contextlib
import socket
import threading
from dataclasses import replace

import pytest
import uvloop
from django.utils import translation

from delivery.channels.base import AccountProblem, Outbox, Outcome, Result
from delivery.channels.email.outgoing import Email
from delivery.providers.smtp import replies
from delivery.providers.smtp.connecting import open_session
from delivery.providers.smtp.transport import SmtpTransport

MESSAGE = Email(1, "a@x.example", "b@x.example", "S", b"Subject: S\r\n\r\nline\r\n.\r\n..two\r\n")
GREETING, EHLO, OK, GO = b"220 hi\r\n", b"250 x\r\n", b"250 ok\r\n", b"354 go\r\n"


@contextlib.contextmanager
def script(*answers):
    """A server that answers each line with the next of `answers`: bytes to send, None to close, "hang" to say nothing.
    The body counts as one line. Yields (port, what it received)."""
    listener = socket.create_server(("127.0.0.1", 0))
    received: list[bytes] = []
    stop = threading.Event()

    def serve():
        listener.settimeout(20)
        with contextlib.suppress(OSError):
            client, _ = listener.accept()
            client.settimeout(20)
            with client:
                client.sendall(answers[0])
                for n, answer in enumerate(answers[1:]):
                    end = b"\r\n.\r\n" if n and answers[n] == GO else b"\r\n"
                    data = b""
                    while not data.endswith(end):
                        data += client.recv(65536) or exec_stop()
                    received.append(data)
                    if answer is None:
                        return
                    if answer == "hang":
                        stop.wait(20)
                        return
                    client.sendall(answer)
                stop.wait(1)

    def exec_stop():
        raise OSError

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        yield listener.getsockname()[1], received
    finally:
        stop.set()
        listener.close()
        thread.join()


PLACE = {"host": "127.0.0.1", "security": "none", "user": ""}


def transport(messages: list[Email], port: int) -> dict[int, Outcome]:
    """Send them as a lane would, over one connection; the outcomes by contact id."""

    async def run() -> dict[int, Outcome]:
        outbox, source = Outbox(), MessageSource()
        transport = SmtpTransport(outbox, PLACE | {"port": port, "connections": 1}, {})
        outbox.put(source, messages)
        async with asyncio.timeout(60):
            while len(source.outcomes) < len(messages):
                await asyncio.sleep(0.01)
        await transport.close()
        return source.outcomes

    return uvloop.run(run())


class MessageSource:
    def __init__(self):
        self.outcomes: dict[int, Outcome] = {}

    def make(self, outgoing):
        outgoing.settle = self.settle
        return outgoing

    def settle(self, contact_id, outcome):
        assert contact_id not in self.outcomes, "settled twice"
        self.outcomes[contact_id] = outcome


def send(*answers):
    with script(GREETING, EHLO, *answers) as (port, received):
        return transport([replace(MESSAGE)], port)[1], received


@pytest.fixture(autouse=True)
def _patient(settings):
    """A busy machine answers late. Tests of a server that hangs set less."""
    settings.SMTP_TIMEOUT = 20


@pytest.mark.parametrize(
    "answers, result",
    [
        ((OK, OK, GO, b"250 taken\r\n"), Result.ACCEPTED),
        ((OK, OK, GO, None), Result.UNKNOWN),
        ((OK, OK, GO, "hang"), Result.UNKNOWN),
        ((OK, OK, GO, b"what?\r\n"), Result.UNKNOWN),
        ((OK, OK, GO, b"999 beyond\r\n"), Result.UNKNOWN),
        ((OK, OK, GO, b"451 later\r\n"), Result.LATER),
        ((OK, OK, GO, b"554 5.7.1 spam\r\n"), Result.REFUSED),
        ((OK, OK, GO, b"552 too big\r\n"), Result.REFUSED),
        ((OK, OK, None), Result.NOT_STARTED),
        ((OK, OK, "hang"), Result.NOT_STARTED),
        ((OK, None), Result.NOT_STARTED),
        ((None,), Result.NOT_STARTED),
        (("hang",), Result.NOT_STARTED),
        ((OK, b"garbage\r\n"), Result.NOT_STARTED),
        ((b"421 closing\r\n",), Result.LATER),
        ((b"550 5.7.1 sender denied\r\n", OK), Result.SENDER),
        ((OK, b"550 5.1.1 unknown\r\n", OK), Result.HARD),
        ((OK, b"450 4.2.0 greylisted\r\n", OK), Result.LATER),
        ((OK, OK, b"503 no\r\n", OK), Result.REFUSED),
    ],
)
def test_the_stage_decides_what_a_failure_means(answers, result, settings):
    settings.SMTP_TIMEOUT = 2 if "hang" in answers else 20
    assert send(*answers)[0].result == result


def test_lines_that_begin_with_dots_arrive_unchanged():
    _, received = send(OK, OK, GO, b"250 taken\r\n")
    body = received[-1]
    assert b"\r\n..\r\n...two\r\n" in body  # stuffed on the wire (RFC 5321, 4.5.2)


@pytest.mark.parametrize(
    "reply, result, reason",
    [
        ("5.1.1 User unknown", Result.HARD, "user_unknown"),
        ("5.1.10 Null MX", Result.HARD, "user_unknown"),
        ("5.1.2 Bad destination system", Result.HARD, "host_unknown"),
        ("5.2.2 Mailbox full", Result.REFUSED, "mailbox_full"),
        ("5.7.1 Relaying denied", Result.UNCLEAR, "account_refused"),
        ("5.7.515 Access denied, sending domain does not meet the required level", Result.UNCLEAR, "sender"),
        ("5.1.8 Sender rejected", Result.UNCLEAR, "sender"),
        ("5.7.26 Unauthenticated email is not accepted due to DMARC policy", Result.UNCLEAR, "sender"),
        ("5.0.0 no such user here", Result.HARD, "user_unknown"),
        ("No such user", Result.HARD, "user_unknown"),
        ("Blocked, see our policy", Result.REFUSED, "policy"),
    ],
)
def test_recipients_are_marked_for_their_own_faults_only(reply, result, reason):
    outcome = replies.of_recipient(550, reply)
    assert (outcome.result, outcome.reason) == (result, reason)


@pytest.mark.parametrize(
    "reply, reason",
    [
        ("4.2.2 The account is over quota", "mailbox_full"),
        ("4.2.1 Mailbox disabled", "mailbox_off"),
        ("4.2.1 The user you are trying to contact is receiving mail at a rate that prevents it", "temporary"),
        ("4.2.0 Greylisted", "temporary"),
        ("4.3.1 Insufficient system storage", "temporary"),
        ("Try again later", "temporary"),
    ],
)
def test_only_what_the_mailbox_is_says_something_of_the_mailbox(reply, reason):
    for of_stage in (replies.of_recipient, replies.of_content):
        outcome = of_stage(452, reply)
        assert (outcome.result, outcome.reason) == (Result.LATER, reason)
    assert replies.of_sender(452, reply).reason == "temporary"


def log_in(*answers) -> list[bytes]:
    """What the server receives from a client that logs in."""
    with script(GREETING, *answers, b"235 2.7.0 welcome\r\n") as (port, received):
        asyncio.run(open_session(None, PLACE | {"port": port, "user": "tim"}, {"password": "tanstaaftanstaaf"}, 30))
    return received[1:]


@pytest.mark.parametrize("offered", [b"250 AUTH=PLAIN\r\n", b"250-AUTH GSSAPI\r\n250 auth=PLAIN LOGIN\r\n"])
def test_auth_in_its_old_spelling(offered):
    assert log_in(b"250-x\r\n" + offered) == [b"AUTH PLAIN AHRpbQB0YW5zdGFhZnRhbnN0YWFm\r\n"]


def test_cram_md5():
    """The example of RFC 2195, section 2."""
    challenge = b"334 PDE4OTYuNjk3MTcwOTUyQHBvc3RvZmZpY2UucmVzdG9uLm1jaS5uZXQ+\r\n"
    assert log_in(b"250-x\r\n250 AUTH CRAM-MD5\r\n", challenge) == [
        b"AUTH CRAM-MD5\r\n",
        b"dGltIGI5MTNhNjAyYzdlZGE3YTQ5NWI0ZTZlNzMzNGQzODkw\r\n",
    ]


@pytest.mark.parametrize(
    "options, answers, words",
    [
        ({}, (b"554 go away\r\n",), "554"),
        ({}, (b"HTTP/1.1 400 Bad Request\r\n",), r"doesn't speak SMTP on this port. Check the port\.$"),
        ({}, (b"* OK IMAP4rev1 ready\r\n",), r"doesn't speak SMTP on this port. Check the port\.$"),
        ({"user": "u"}, (GREETING, EHLO), "doesn't support these settings"),
        (
            {"user": "u"},
            (GREETING, b"250-x\r\n250 AUTH PLAIN\r\n", b"535 5.7.8 bad\r\n"),
            "refused the user name or password",
        ),
        ({"security": "starttls"}, (GREETING, EHLO), "doesn't support these settings"),
        ({"security": "tls"}, (GREETING,), "Can't connect securely"),
    ],
)
def test_the_accounts_troubles_are_told_in_words(options, answers, words):
    with script(*answers) as (port, _):
        values = {"host": "127.0.0.1", "port": port, "security": "none", "user": ""} | options
        with pytest.raises(AccountProblem, match=words):
            asyncio.run(open_session(None, values, {"password": "secret-word"}, timeout=20))


@pytest.mark.parametrize("host", ["10.0.0.1", "169.254.169.254", "[::1]", "2130706433", "no-such-host.invalid"])
def test_private_and_unknown_hosts_are_refused(host, settings):
    settings.SMTP_ALLOWED_PRIVATE_HOSTS = []
    with pytest.raises(AccountProblem, match=r"private address|can't be found"):
        asyncio.run(open_session(None, PLACE | {"host": host.strip("[]"), "port": 25}, {}, timeout=20))


def test_what_is_wrong_with_a_host_is_said_in_the_readers_language(settings):
    """The name is looked up in another thread, which has no language of its own."""
    settings.SMTP_ALLOWED_PRIVATE_HOSTS = []
    with translation.override("fr"), pytest.raises(AccountProblem, match="adresse privée"):
        asyncio.run(open_session(None, PLACE | {"host": "10.0.0.1", "port": 25}, {}, timeout=20))


@pytest.mark.parametrize(
    "code, reply, result",
    [
        (550, "5.1.8 Domain not found", Result.SENDER),
        (501, "5.1.7 Bad address syntax", Result.SENDER),
        (550, "5.1.0 Address rejected", Result.SENDER),
        (550, "5.7.27 Null MX", Result.SENDER),
        (550, "5.7.23 SPF validation failed", Result.SENDER),
        (550, "5.7.60 Client does not have permissions to send as this one", Result.SENDER),
        (530, "5.7.0 Log in first", Result.ACCOUNT),
        (553, "<a@x.example>: Sender address rejected: not owned by user bob", Result.SENDER),
        (550, "Address not verified", Result.SENDER),
        (554, "5.7.1 Access denied", Result.UNCLEAR),
        (550, "No", Result.UNCLEAR),
        (503, "5.5.1 Bad sequence", Result.UNCLEAR),
        (550, "5.7.1 Sender has exceeded its hourly limit", Result.LIMIT),
        (550, "5.1.8 Sender unknown, try again later", Result.UNCLEAR),
        (450, "4.1.8 Sender's domain not found", Result.UNCLEAR),
    ],
)
def test_the_answer_to_mail_from_is_clear_or_is_counted(code, reply, result):
    outcome = replies.of_sender(code, reply)
    assert outcome.result is result and outcome.detail == f"{code} {reply}"


@pytest.mark.parametrize("classify", [replies.of_recipient, replies.of_content])
@pytest.mark.parametrize(
    "code, reply, result",
    [
        (553, "5.7.1 <a@x.example>: Sender address rejected: not owned by user bob", Result.UNCLEAR),
        (550, "Sender verify failed", Result.UNCLEAR),
        (550, "The from address does not match a verified Sender Identity.", Result.UNCLEAR),
        (554, "Message rejected: Email address is not verified. The following identities failed", Result.UNCLEAR),
        (554, "5.2.252 SendAsDenied; a@x.example not allowed to send as b@x.example", Result.UNCLEAR),
        (530, "5.7.0 Authentication required", Result.UNCLEAR),
        (550, "5.1.1 <b@x.example>: host mx.x.example said: 550 5.1.8 Sender address rejected", Result.REFUSED),
        (550, "5.1.1 Recipient address rejected: Sender address rejected there", Result.UNCLEAR),
        (550, "5.7.133 Sender not authenticated for group", Result.REFUSED),
        (451, "4.1.8 Sender address rejected: Domain not found", Result.UNCLEAR),
    ],
)
def test_later_answers_about_the_sender_are_counted(classify, code, reply, result):
    assert classify(code, reply).result is result


def test_what_follows_a_refused_mail_from_is_no_refusal_of_the_recipient():
    """With pipelining, the server has RCPT and DATA already, and refuses them as well."""
    extended = b"250-x\r\n250 PIPELINING\r\n"
    for after in (b"503 5.5.1 No MAIL\r\n503 5.5.1 No RCPT\r\n", b"550 5.1.1 No such user\r\n554 No recipients\r\n"):
        with script(GREETING, extended, b"550 5.1.8 No such sender\r\n" + after) as (port, received):
            outcome = transport([replace(MESSAGE)], port)[1]
        assert (outcome.result, outcome.detail) == (Result.SENDER, "550 5.1.8 No such sender")
        assert received[-1].endswith(b"DATA\r\n")
