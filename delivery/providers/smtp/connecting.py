"""Opens an SMTP session that can send: address check, TLS, EHLO, log-in. Errors become sentences for the merchant."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import re
import ssl

from asgiref.sync import sync_to_async
from django.conf import settings
from django.utils.translation import gettext as _

from delivery.channels.base import AccountProblem
from delivery.providers.smtp.session import Owner, Session
from kernel import outbound


class _Said(Exception):
    """An error whose text is a sentence for the merchant."""


async def open_session(owner: Owner | None, options: dict, secret: dict, timeout: float) -> tuple[Session, str]:
    """Return (session, the server's banner). `timeout` in seconds, for everything together. Raises AccountProblem."""
    host, port = options["host"], int(options["port"])
    where = {"host": host, "port": port}
    session: Session | None = None
    try:
        async with asyncio.timeout(timeout):
            session = await _connect(owner, options)
            banner = await _greet(session, options)
            if options.get("user"):
                await _log_in(session, where, options["user"], secret.get("password", ""))
            return session, banner
    except outbound.Refused as problem:
        sentence = str(problem)
    except _Said as problem:
        sentence = str(problem)
    except ssl.SSLCertVerificationError as problem:
        sentence = _(
            "The certificate of %(host)s can't be verified (%(detail)s). If you issued it yourself, enter its"
            " SHA-256 fingerprint in the account's settings."
        ) % {
            **where,
            "detail": problem.verify_message,
        }
    except ssl.SSLError as problem:
        sentence = _(
            "Can't connect securely to %(host)s:%(port)d (%(detail)s). Check that the encryption fits this port."
        ) % {
            **where,
            "detail": _short(problem),
        }
    except TimeoutError:
        sentence = _("%(host)s:%(port)d doesn't answer. Check the port and any firewalls.") % where
    except ConnectionRefusedError:
        sentence = _("%(host)s refuses connections on port %(port)d. Check the port.") % where
    except (OSError, UnicodeError) as problem:
        sentence = _("%(host)s:%(port)d: %(detail)s") % {**where, "detail": _short(problem)}
    if session is not None:
        session.drop("")
    raise AccountProblem(sentence)


async def _connect(owner: Owner | None, options: dict) -> Session:
    loop = asyncio.get_running_loop()
    host, port = options["host"], int(options["port"])
    # Connect to the address that was checked, not to what the name may resolve to a moment later.
    # In a thread that knows the reader's language: neither run_in_executor() nor to_thread() takes it along.
    address = await sync_to_async(outbound.resolve, thread_sensitive=False)(host, port)
    context = _tls(options) if options["security"] == "tls" else None
    name = host if context else None
    _transport, session = await loop.create_connection(
        lambda: Session(owner), address, port, ssl=context, server_hostname=name
    )
    return session


def _tls(options: dict) -> ssl.SSLContext:
    """With a fingerprint, that alone decides (`_check_fingerprint`): no authority vouches for such a certificate."""
    context = ssl.create_default_context()
    if options.get("fingerprint"):
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context


def _check_fingerprint(session: Session, options: dict) -> None:
    """Must be called before anything secret is sent."""
    wanted = options.get("fingerprint")
    if not wanted or options["security"] == "none":
        return
    found = hashlib.sha256(session.certificate).hexdigest()
    if not hmac.compare_digest(found, wanted):
        raise _Said(
            _("%(host)s shows a certificate with another fingerprint: %(found)s. Check it before you accept it.")
            % {"host": options["host"], "found": found.upper()}
        )


async def _greet(session: Session, options: dict) -> str:
    host, security = options["host"], options["security"]
    code, banner = await session.greeting
    if code < 200:
        # Whatever else listens there, its words are not for the merchant: a form that showed them would be a scanner.
        raise _Said(_("%(host)s doesn't speak SMTP on this port. Check the port.") % {"host": host})
    if code != 220:
        raise _Said(f"{host}: {code} {banner}"[:300])
    offers = await _ehlo(session)
    if security == "starttls":
        if "STARTTLS" not in offers:
            raise _Said(_not_offered(host))
        code, text = await session.command(b"STARTTLS")
        if code != 220:
            raise _Said(f"{host}: {code} {text}"[:300])
        await session.start_tls(_tls(options), host)
        offers = await _ehlo(session)
    _check_fingerprint(session, options)
    session.pipelines = "PIPELINING" in offers
    session.takes_utf8 = "SMTPUTF8" in offers
    session.max_size = int(size) if (size := offers.get("SIZE", "").strip()).isdigit() else 0
    session.mechanisms = offers.get("AUTH", "").upper().split()
    return " ".join(banner.split())


async def _ehlo(session: Session) -> dict[str, str]:
    """The server's extensions: keyword -> parameters. Falls back to HELO if it does not know EHLO (RFC 5321, 3.2)."""
    name = settings.BASE_URL.partition("://")[2].partition(":")[0].partition("/")[0].encode()
    code, text = await session.command(b"EHLO " + name)
    if code != 250:
        code, text = await session.command(b"HELO " + name)
        if code != 250:
            raise _Said(f"{code} {text}"[:300])
        return {}
    offers: dict[str, str] = {}
    for line in text.splitlines()[1:]:
        # Old servers write AUTH=LOGIN, some beside AUTH.
        keyword, _blank, parameters = re.sub(r"(?i)^AUTH=", "AUTH ", line).partition(" ")
        offers[keyword.upper()] = f"{offers.get(keyword.upper(), '')} {parameters}".strip()
    return offers


async def _log_in(session: Session, where: dict, user: str, password: str) -> None:
    """AUTH PLAIN, LOGIN or CRAM-MD5 (RFC 4954, RFC 4616, RFC 2195)."""
    if "PLAIN" in session.mechanisms:
        code, text = await session.command(b"AUTH PLAIN " + _b64(f"\0{user}\0{password}"))
    elif "LOGIN" in session.mechanisms:
        code, text = await session.command(b"AUTH LOGIN")
        for answer in (user, password):
            if code == 334:
                code, text = await session.command(_b64(answer))
    elif "CRAM-MD5" in session.mechanisms:
        code, text = await session.command(b"AUTH CRAM-MD5")
        if code == 334:
            code, text = await session.command(_cram_md5(text, user, password))
    else:
        raise _Said(_not_offered(where["host"]))
    if code != 235:
        raise _Said(
            _("%(host)s refused the user name or password: %(detail)s")
            % {**where, "detail": f"{code} {' '.join(text.split())}"[:160]}
        )


def _cram_md5(challenge: str, user: str, password: str) -> bytes:
    try:
        asked = base64.b64decode(challenge, validate=True)
    except ValueError:
        asked = b""
    return _b64(f"{user} {hmac.new(password.encode(), asked, hashlib.md5).hexdigest()}")


def _b64(text: str) -> bytes:
    return base64.b64encode(text.encode())


def _not_offered(host: str) -> str:
    return _("%(host)s doesn't support these settings. Try another encryption, or leave the user name empty.") % {
        "host": host
    }


def _short(problem: Exception) -> str:
    return (str(problem) or type(problem).__name__)[:200]
