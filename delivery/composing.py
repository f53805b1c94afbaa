"""From frozen content and one person's values to the bytes of a message (RFC 5322, MIME).

The content is prepared once per batch (links numbered, pixel, preheader); per person only the merge tags are filled in
and the parts encoded. Assembled by hand, because email.message costs ten times as much; tests compare the parsed result
with what the standard library reads.
"""

from __future__ import annotations

import binascii
import html as html_module
import re
from dataclasses import asdict, dataclass
from email.header import Header
from email.headerregistry import Address
from email.utils import format_datetime

from django.utils import timezone

from contacts.addresses import BadAddress
from delivery import tracking
from delivery.channels.base import Outgoing
from templates_app.merging import parse

LINK = re.compile(r"""(<a\b[^>]*?\shref\s*=\s*)(["'])(https?://[^"'<>\s{}]+)\2""", re.IGNORECASE)
BODY = re.compile(r"<body\b[^>]*>", re.IGNORECASE)
BODY_END = re.compile(r"</body\s*>", re.IGNORECASE)
HIDDEN = (
    '<div style="display:none;max-height:0;overflow:hidden;mso-hide:all;font-size:1px;line-height:1px;'
    'color:transparent">{}</div>'
)


@dataclass(frozen=True)
class Content:
    """What a batch says, frozen when it is opened."""

    subject: str
    html: str
    text: str
    from_name: str
    from_email: str
    preheader: str = ""
    reply_to: str = ""
    postal_address: str = ""
    tracks_opens: bool = True
    list_name: str = ""
    to: str = ""  # a test's recipient in place of the contact's address
    as_contact: int | None = None  # a test's merge values come from this contact

    def data(self) -> dict:
        return asdict(self)


def number_links(html: str) -> tuple[str, list[str]]:
    """The HTML with its plain web links sent through the click redirect, and their targets by number. Links that
    contain merge tags differ by person and stay as they are."""
    urls: list[str] = []

    def swap(match: re.Match) -> str:
        url = html_module.unescape(match[3])
        if url not in urls:
            urls.append(url)
        return f"{match[1]}{match[2]}{{{{ fanfare_click }}}}{urls.index(url)}/{match[2]}"

    return LINK.sub(swap, html), urls


def with_preheader(html: str, preheader: str) -> str:
    """The preheader's Liquid, escaped as text where it is no merge tag, hidden at the top of the body."""
    if not preheader:
        return html
    hidden = HIDDEN.format(escape_outside_tags(preheader))
    return BODY.sub(lambda match: match[0] + hidden, html, count=1) if BODY.search(html) else hidden + html


def with_pixel(html: str) -> str:
    pixel = '<img src="{{ fanfare_open }}" width="1" height="1" alt="" style="display:block;border:0">'
    found = list(BODY_END.finditer(html))
    if not found:
        return html + pixel
    return html[: found[-1].start()] + pixel + html[found[-1].start() :]


def escape_outside_tags(text: str) -> str:
    parts = re.split(r"(\{\{.*?\}\}|\{%.*?%\})", text, flags=re.DOTALL)
    return "".join(part if n % 2 else html_module.escape(part, quote=False) for n, part in enumerate(parts))


class Composer:
    """Makes a batch's messages. Thread-safe: it holds only compiled texts. Raises MergeError for broken content."""

    def __init__(self, workspace_id: int, batch_id: int, content: Content, *, unsubscribable: bool = True):
        self._ids = (workspace_id, batch_id)
        self._content = content
        self._unsubscribable = unsubscribable
        self._subject = parse(content.subject, html=False)
        self._html = parse(content.html, html=True)
        self._text = parse(content.text, html=False)
        self._from = mailbox(content.from_name, content.from_email)
        self._domain = content.from_email.rpartition("@")[2]
        self._boundary = f"=_{tracking.sign('boundary', *self._ids)}"

    def values(self, contact_id: int, merge_values: dict) -> dict:
        """Everything a merge tag may say."""
        return {
            **merge_values,
            **tracking.addresses(*self._ids, contact_id),
            "postal_address": self._content.postal_address,
        }

    def html(self, contact_id: int, merge_values: dict) -> str:
        return self._html.render(self.values(contact_id, merge_values))

    def compose(self, contact_id: int, recipient: str, merge_values: dict) -> Outgoing:
        """One person's message. Raises MergeError, or BadAddress where SMTP without SMTPUTF8 can't carry it."""
        values = self.values(contact_id, merge_values)
        recipient = to_ascii(self._content.to or recipient)
        subject = one_line(self._subject.render(values))
        text, html = self._text.render(values), self._html.render(values)
        headers = self._headers(contact_id, recipient, merge_values, subject, values)
        source = b"".join(
            [headers, self._part("plain", text), self._part("html", html), f"--{self._boundary}--\r\n".encode()]
        )
        return Outgoing(contact_id, to_ascii(self._content.from_email), recipient, subject, source)

    def _headers(self, contact_id, recipient, merge_values, subject, values) -> bytes:
        content = self._content
        message_id = tracking.sign("message", *self._ids, contact_id)
        lines = [
            f"From: {self._from}",
            f"To: {mailbox(str(merge_values.get('full_name') or ''), recipient)}",
            f"Subject: {encoded('Subject', subject)}",
            f"Date: {format_datetime(timezone.now())}",
            f"Message-ID: <{message_id}@{to_ascii('x@' + self._domain)[2:]}>",
        ]
        if content.reply_to:
            lines.append(f"Reply-To: {to_ascii(content.reply_to)}")
        if self._unsubscribable:
            lines += [
                f"List-Unsubscribe: <{values['unsubscribe_url']}>",
                "List-Unsubscribe-Post: List-Unsubscribe=One-Click",
                f"List-Id: {encoded('List-Id', one_line(content.list_name))} <w{self._ids[0]}.{self._list_host()}>",
                f"Feedback-ID: {self._ids[1]}:w{self._ids[0]}:marketing:fanfare",
            ]
        lines += ["MIME-Version: 1.0", f'Content-Type: multipart/alternative; boundary="{self._boundary}"', "", ""]
        return "\r\n".join(lines).encode()

    def _list_host(self) -> str:
        return to_ascii("x@" + self._domain)[2:]

    def _part(self, subtype: str, body: str) -> bytes:
        head = (
            f"--{self._boundary}\r\nContent-Type: text/{subtype}; charset=utf-8\r\n"
            "Content-Transfer-Encoding: quoted-printable\r\n\r\n"
        )
        return head.encode() + quoted_printable(body) + b"\r\n"


def quoted_printable(text: str) -> bytes:
    """RFC 2045, 6.7, with CRLF line ends."""
    plain = text.replace("\r\n", "\n").replace("\r", "\n").encode("utf-8", "replace")
    return binascii.b2a_qp(plain, istext=True).replace(b"\n", b"\r\n")


def one_line(text: str) -> str:
    """A header's value: no line break or control character gets through (header injection, ASVS 1.3.11)."""
    return " ".join("".join(char if char.isprintable() else " " for char in text).split())


def encoded(name: str, value: str) -> str:
    """A header's value in RFC 2047 words where it is not ASCII, folded."""
    if value.isascii() and len(name) + len(value) < 76:
        return value
    return Header(value, "utf-8" if not value.isascii() else "ascii", header_name=name, maxlinelen=76).encode(
        linesep="\r\n"
    )


def mailbox(name: str, address: str) -> str:
    """A From or To value."""
    address, name = to_ascii(address), one_line(name)
    if not name:
        return address
    if name.isascii():
        local, _, domain = address.rpartition("@")
        try:
            return str(Address(display_name=name, username=local, domain=domain))
        except ValueError:
            return address
    return f"{encoded('From', name)} <{address}>"


def to_ascii(address: str) -> str:
    """The address with an internationalised domain in its ASCII form (RFC 5891). Raises BadAddress where the part
    before the @ is not ASCII: that needs SMTPUTF8 (RFC 6531) all the way."""
    if address.isascii():
        return address
    local, _, domain = address.rpartition("@")
    try:
        return f"{local.encode('ascii').decode()}@{domain.encode('idna').decode()}"
    except UnicodeError:
        raise BadAddress("not_valid") from None
