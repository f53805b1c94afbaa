"""smtplib driven stage by stage, because what a failure means depends on the stage (RFC 1047: after the final dot and
before its answer, nobody can know)."""

from __future__ import annotations

import contextlib
import re
import smtplib
import socket
import ssl

from django.conf import settings
from django.utils.translation import gettext as _

from delivery.channels.base import AccountProblem, Connection, Outcome, Outgoing, Result
from delivery.channels.email_smtp import replies
from kernel import outbound

RECYCLE_AFTER = 500  # messages on one connection; some servers grow slow or close at a limit of their own
LEADING_DOT = re.compile(rb"(?m)^\.")


class _PinnedAddress:
    """Connect to the address that was checked, not to what the name means a moment later."""

    def _get_socket(self, host, port, timeout):
        address = outbound.resolve(host, port)
        plain = socket.create_connection((address, port), timeout)
        # Without it smtplib over TLS waits 44 ms a message for a delayed ACK.
        plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if isinstance(self, smtplib.SMTP_SSL):
            return self.context.wrap_socket(plain, server_hostname=host)
        return plain


class _Plain(_PinnedAddress, smtplib.SMTP):
    pass


class _Tls(_PinnedAddress, smtplib.SMTP_SSL):
    pass


class SmtpConnection(Connection):
    """One connection, opened on making. Raises AccountProblem."""

    def __init__(self, options: dict, secret: dict, timeout: float | None = None):
        self._options, self._secret = options, secret
        self._timeout = timeout or settings.SMTP_TIMEOUT
        self._smtp: smtplib.SMTP | None = None
        self._sent = 0
        self.banner = ""
        self._open()

    def send(self, outgoing: Outgoing) -> Outcome:
        if self._smtp is None or self._sent >= RECYCLE_AFTER:
            self.close()
            self._open()
        self._sent += 1
        refusal = self._begin(outgoing)
        return refusal or self._finish(outgoing)

    def close(self) -> None:
        if self._smtp is not None:
            with contextlib.suppress(OSError, smtplib.SMTPException):
                self._smtp.quit()
            self._drop()

    def _begin(self, outgoing: Outgoing) -> Outcome | None:
        """MAIL, RCPT, DATA: until the body's final dot nothing is sent, whatever goes wrong (RFC 5321, 4.1.1.4)."""
        smtp = self._smtp
        try:
            code, text = smtp.mail(outgoing.sender)
            if code != 250:
                return self._refused(code, text, replies.of_sender)
            code, text = smtp.rcpt(outgoing.recipient)
            if code not in (250, 251):
                return self._refused(code, text, replies.of_recipient)
            code, text = smtp.docmd("DATA")
            if code != 354:
                return self._refused(code, text, replies.of_content)
        except (OSError, smtplib.SMTPException, UnicodeError) as problem:
            self._drop()
            return Outcome(Result.NOT_STARTED, "not_started", _short(problem))
        return None

    def _finish(self, outgoing: Outgoing) -> Outcome:
        smtp = self._smtp
        body = LEADING_DOT.sub(b"..", outgoing.source)
        if not body.endswith(b"\r\n"):
            body += b"\r\n"
        try:
            smtp.send(body + b".\r\n")
            code, text = smtp.getreply()
        except (OSError, smtplib.SMTPException) as problem:
            self._drop()
            return Outcome(Result.UNKNOWN, "lost_reply", _short(problem))
        if 200 <= code < 300:
            return Outcome(Result.ACCEPTED, detail=_decode(text)[:120])
        if not 400 <= code < 600:
            self._drop()  # not SMTP: whatever this server did with the message, it did not say
            return Outcome(Result.UNKNOWN, "lost_reply", f"{code} {_decode(text)}"[:300])
        return self._refused(code, text, replies.of_content, reset=False)

    def _refused(self, code: int, text: bytes, classify, *, reset: bool = True) -> Outcome:
        if code == -1 or code == 421:
            self._drop()
        elif reset:
            try:
                self._smtp.rset()
            except (OSError, smtplib.SMTPException):
                self._drop()
        return classify(code, _decode(text))

    def _drop(self) -> None:
        if self._smtp is not None:
            self._smtp.close()
        self._smtp = None

    def _open(self) -> None:
        host, port = self._options["host"], int(self._options["port"])
        where = {"host": host, "port": port}
        try:
            self._smtp = self._connect(host, port)
            self._log_in()
        except outbound.Refused as problem:
            raise AccountProblem(str(problem)) from None
        except smtplib.SMTPAuthenticationError as problem:
            self._fail(
                _("%(host)s refused the user name or password: %(detail)s") % {**where, "detail": _said(problem)}
            )
        except smtplib.SMTPNotSupportedError:
            self._fail(
                _("%(host)s does not offer what was asked for. Try another encryption, or no user name.") % where
            )
        except ssl.SSLError as problem:
            self._fail(
                _("No secure connection to %(host)s:%(port)d (%(detail)s). Is the encryption right for this port?")
                % {**where, "detail": _short(problem)}
            )
        except TimeoutError:
            self._fail(_("%(host)s:%(port)d does not answer. Check the port, and firewalls on the way.") % where)
        except ConnectionRefusedError:
            self._fail(_("%(host)s refuses connections on port %(port)d. Check the port.") % where)
        except (OSError, smtplib.SMTPException) as problem:
            self._fail(_("%(host)s:%(port)d: %(detail)s") % {**where, "detail": _short(problem)})
        self._sent = 0

    def _connect(self, host: str, port: int) -> smtplib.SMTP:
        context = ssl.create_default_context()
        name = settings.BASE_URL.partition("://")[2].partition(":")[0]
        if self._options["security"] == "tls":
            smtp = _Tls(timeout=self._timeout, local_hostname=name, context=context)
        else:
            smtp = _Plain(timeout=self._timeout, local_hostname=name)
        smtp._host = host  # the name that TLS verifies
        code, text = smtp.connect(host, port)
        self.banner = _decode(text)
        self._smtp = smtp
        if code != 220:
            raise smtplib.SMTPConnectError(code, text)
        smtp.ehlo()
        if self._options["security"] == "starttls":
            smtp.starttls(context=context)
            smtp.ehlo()
        return smtp

    def _log_in(self) -> None:
        if self._options.get("user"):
            self._smtp.login(self._options["user"], self._secret.get("password", ""))

    def _fail(self, sentence: str) -> None:
        self._drop()
        raise AccountProblem(sentence)


def _decode(text: bytes) -> str:
    return " ".join(text.decode("utf-8", "replace").split())


def _said(problem: smtplib.SMTPResponseException) -> str:
    error = problem.smtp_error
    return f"{problem.smtp_code} {_decode(error) if isinstance(error, bytes) else error}"[:160]


def _short(problem: Exception) -> str:
    return (str(problem) or type(problem).__name__)[:200]
