"""Makes the bytes of a message (RFC 5322, MIME) from frozen content and one person's values.

The content is prepared and compiled once per batch (links numbered, pixel, preheader, literal text encoded); for each
person only the merge tags are filled in. Assembled by hand, because email.message takes a hundred times as long; tests
compare the parsed result with what Django's own classes build.
"""

from __future__ import annotations

import binascii
import html as html_module
import re
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from email.header import Header
from email.headerregistry import Address
from email.utils import format_datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Any, ClassVar

from django.conf import settings
from django.utils.translation import gettext as _

from contacts.identity.addresses import BadAddress
from delivery import tracking
from delivery.channels.email.header_text import one_line
from delivery.channels.email.outgoing import Email
from delivery.channels.email.quoted_printable import encode_chunk, end
from kernel import domains
from templates_app.merging import Encode, TooCostly, localising, message_tags, parse, spintax
from templates_app.merging.spintax_nodes import SEED
from templates_app.message_links import Link, counted_links, replace_links

if TYPE_CHECKING:
    from delivery.models import Batch

BODY = re.compile(r"<body\b[^>]*>", re.IGNORECASE)
IMAGE = re.compile(r"<img\b", re.IGNORECASE)
BODY_END = re.compile(r"</body\s*>", re.IGNORECASE)
ATOMS = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+( [A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*")
MAX_ENCODED_BYTES = 39  # bytes of UTF-8 that fit into one encoded word of 75 characters (RFC 2047, 2)
MAX_SUBJECT_BYTES = 20_000
ADDRESSES = frozenset(tracking.ADDRESSES)
# No colour: spam filters give points for text that can't be seen against its background. Without the padding, mailbox
# lists show the first words of the body behind the preheader.
HIDDEN = (
    '<div style="display:none;max-height:0;overflow:hidden;mso-hide:all;font-size:1px;line-height:1px">{}'
    + "&zwnj;&nbsp;" * 80
    + "</div>"
)
IMAGE_PIXEL = '<img src="{{ fanfare_open }}" width="1" height="1" alt="" style="display:block;border:0">'
# SpamAssassin gives up to 2.8 points for an <img> in HTML of at most 3200 bytes. Outlook with Word's engine shows no
# backgrounds, and reads conditional comments.
SHORT_HTML = 4000  # characters with merge tags, which may be longer than what they become
BACKGROUND_PIXEL = (
    "<div style=\"background-image:url('{{ fanfare_open }}');width:1px;height:1px;line-height:1px\"></div>"
    '<!--[if mso]><img src="{{ fanfare_open }}" width="1" height="1" alt=""><![endif]-->'
)


PARTS = ("subject", "preheader", "html", "text")  # what a content row holds for each language


@dataclass(frozen=True)
class Content:
    """What a batch sends: its content row and its parameters, frozen when it is opened."""

    channel: ClassVar[str] = "email"
    kind: ClassVar[str] = "html"

    subject: str
    html: str
    text: str
    from_name: str
    from_email: str
    preheader: str = ""
    reply_to: str = ""
    envelope_sender: str = ""  # where bounces go, for providers that take it; empty: to from_email
    postal_address: str = ""
    tracks_opens: bool = True
    list_name: str = ""
    to: str = ""  # a test's recipient in place of the contact's address
    as_contact: int | None = None  # a test's merge values come from this contact
    values: dict[str, str] = field(default_factory=dict)  # merge values of the batch's own, such as one person's link
    # Whose language is not known reads this one; dates are in this zone (templates_app.merging.localising.defaults).
    locale: dict[str, str] = field(default_factory=dict)
    is_prepared: bool = False  # whether the HTML has the counted links, the preheader and the pixel
    # The message in other languages: PARTS by code. Whose language isn't among them gets the parts above.
    translations: dict[str, dict[str, str]] = field(default_factory=dict)

    @classmethod
    def of(cls, batch: Batch) -> Content:
        """Raises TypeError for a batch whose content is gone or has other parts than these."""
        if batch.content is None:
            raise TypeError(f"batch {batch.pk} has no content")
        return cls(**batch.content.body, **batch.parameters)

    def body(self) -> dict:
        """What a content row holds: the same for everybody and for every sender."""
        body = {name: getattr(self, name) for name in PARTS}
        # Left out where there is none: contents that say the same keep their hash.
        return {**body, "translations": self.translations} if self.translations else body

    def parameters(self) -> dict:
        """What the batch holds beside its content."""
        of_content = (*PARTS, "translations", "is_prepared")
        return {name: value for name, value in asdict(self).items() if name not in of_content}

    def bodies(self) -> Iterator[tuple[str, str]]:
        """(language, HTML) of each body, in the order in which their links are counted: the one for everybody else,
        whose language is empty, first."""
        yield "", self.html
        for language in sorted(self.translations):
            yield language, self.translations[language]["html"]

    def links(self) -> list[Link]:
        """The links whose clicks are counted, of all bodies, by position."""
        return [link for _language, html in self.bodies() for link in counted_links(html)]

    def in_language(self, language: str) -> Content:
        """The message in one language alone; the one for everybody else where there is no such translation."""
        parts: dict[str, Any] = dict(self.translations.get(language, {}))
        return replace(self, **parts, translations={})

    def prepared(self, *, is_tracked: bool) -> Content:
        """With the preheader in the HTML; where opens and clicks are counted, with redirects and the pixel, too."""
        if self.is_prepared:
            return self
        html, first = {}, 0
        for language, source in self.bodies():
            preheader = self.translations[language]["preheader"] if language else self.preheader
            html[language], n = self._prepared_html(source, preheader, first, is_tracked=is_tracked)
            first += n
        translations = {code: {**parts, "html": html[code]} for code, parts in self.translations.items()}
        return replace(self, html=html[""], translations=translations, is_prepared=True)

    def _prepared_html(self, html: str, preheader: str, first: int, *, is_tracked: bool) -> tuple[str, int]:
        """The HTML of one body, and how many links it has. `first`: the position of its first one."""
        found: list[Link] = []
        if is_tracked:
            html, found = number_links(html, first)
        html = with_preheader(html, preheader)
        return (with_pixel(html) if is_tracked and self.tracks_opens else html), len(found)


def number_links(html: str, first: int = 0) -> tuple[str, list[Link]]:
    """Return the HTML with its web links replaced by the click redirect, and the links by position, counted from
    `first`. Where a target has merge tags, what comes from the first one on is given to the redirect as its query
    string."""
    found: list[Link] = []

    def address(link: Link) -> str:
        found.append(link)
        return f"{{{{ {message_tags.CLICK} }}}}{first + len(found) - 1}/{'?' if link.prefix else ''}"

    return replace_links(html, address), found


def with_preheader(html: str, preheader: str) -> str:
    """The HTML with the preheader hidden at the top of its body. The preheader is escaped outside its merge tags."""
    if not preheader:
        return html
    hidden = HIDDEN.format(escape_outside_tags(preheader))
    return BODY.sub(lambda match: match[0] + hidden, html, count=1) if BODY.search(html) else hidden + html


def with_pixel(html: str) -> str:
    """The HTML with the picture that tells of an open at its end (decision 15)."""
    pixel = BACKGROUND_PIXEL if len(html) < SHORT_HTML and not IMAGE.search(html) else IMAGE_PIXEL
    found = list(BODY_END.finditer(html))
    if not found:
        return html + pixel
    return html[: found[-1].start()] + pixel + html[found[-1].start() :]


def escape_outside_tags(text: str) -> str:
    parts = re.split(r"(\{\{.*?\}\}|\{%.*?%\})", text, flags=re.DOTALL)
    return "".join(part if n % 2 else html_module.escape(part, quote=False) for n, part in enumerate(parts))


class Composer:
    """Makes a batch's messages. For use by one thread. The constructor raises MergeError for broken content.

    What is the same for everybody (literal text, static headers) is encoded once, in the constructor.
    """

    def __init__(
        self, workspace_id: int, batch_id: int, content: Content, *, unsubscribable: bool = True, is_test: bool = False
    ):
        self.ids = (workspace_id, batch_id)
        self.content = content
        self._constants = {"postal_address": content.postal_address, **content.values}
        self._defaults = localising.hidden(content.locale)
        # The token of a contact's links. A test's opens the same pages, where it changes nothing.
        self.token = tracking.signer(tracking.TEST if is_test else tracking.MESSAGE, *self.ids).sign
        self._name = tracking.signer(tracking.MESSAGE_ID, *self.ids).sign
        self._html = parse(content.html, html=True)
        text, subject = parse(content.text, html=False), parse(content.subject, html=False)
        self._render_html = self._html.compile(encode_chunk, ADDRESSES)
        self._render_text = text.compile(encode_chunk, ADDRESSES)
        self._render_subject = subject.compile(lambda piece: piece.encode("utf-8", "replace"))
        self._has_spintax = bool(self._html.options or text.options or subject.options)
        used = self._html.variables() | text.variables()
        self._addresses = [(name, *address) for name, address in tracking.ADDRESSES.items() if name in used]
        self.sender = to_ascii(content.from_email)
        self._envelope_sender = to_ascii(content.envelope_sender)
        self._host = domain(self.sender)
        self._boundary = f"=_{tracking.sign('boundary', *self.ids)}"
        self._head = f"From: {mailbox(content.from_name, content.from_email)}\r\nTo: "
        self._tail = self._static_headers(unsubscribable)
        self.unsubscribable = unsubscribable
        self._before_text = self._part_head("plain")
        self._before_html = b"\r\n" + self._part_head("html")
        self._end = f"\r\n--{self._boundary}--\r\n".encode()

    def values(self, contact_id: int, merge_values: dict) -> dict:
        """All values that merge tags can use."""
        addresses = tracking.addresses(self.token(contact_id))
        return {**self._values(contact_id, merge_values), **addresses}

    def html(self, contact_id: int, merge_values: dict) -> str:
        return self._html.render(self.values(contact_id, merge_values))

    def compose(self, contact_id: int, recipient: str, merge_values: dict) -> Email:
        """One person's message. Raises MergeError, and BadAddress for a domain that is none."""
        token = self.token(contact_id)
        values = self.filled(contact_id, token, merge_values, encode_chunk)
        recipient = for_wire(self.content.to or recipient)
        subject = self.subject(values)
        source = b"".join(
            [
                self._headers(contact_id, token, recipient, merge_values, subject),
                self._before_text,
                end(self._render_text(values)),
                self._before_html,
                end(self._render_html(values)),
                self._end,
            ]
        )
        return Email(
            contact_id,
            self.sender,
            recipient,
            subject,
            source,
            batch_id=self.ids[1],
            may_have_dots=False,
            envelope_sender=self._envelope_sender,
        )

    def filled(self, contact_id: int, token: str, merge_values: dict, encode: Encode) -> dict:
        """The values for compiled texts, which also need our links encoded, under their names with a NUL before."""
        values = self._values(contact_id, merge_values)
        base = settings.BASE_URL
        for name, before, after in self._addresses:
            values[name] = address = f"{base}{before}{token}{after}"
            values["\0" + name] = encode(address)
        return values

    def _values(self, contact_id: int, merge_values: dict) -> dict:
        values = {**self._defaults, **merge_values, **self._constants}
        if self._has_spintax:
            values[SEED] = spintax.seed(self.content.text, contact_id)
        return values

    def subject(self, filled: dict) -> str:
        """Raises TooCostly for one that no header can hold, but that would be folded and encoded for a long time."""
        subject = self._render_subject(filled)
        if len(subject) > MAX_SUBJECT_BYTES:
            raise TooCostly(_("The subject is too long."))
        return one_line(subject.decode())

    def unsubscribe(self, token: str) -> str:
        """The value of List-Unsubscribe, or an empty string."""
        if not self.unsubscribable:
            return ""
        before, after = tracking.ADDRESSES["unsubscribe_url"]
        return f"<{settings.BASE_URL}{before}{token}{after}>"

    def _headers(self, contact_id: int, token: str, recipient: str, merge_values: dict, subject: str) -> bytes:
        unsubscribe = self.unsubscribe(token)
        if unsubscribe:
            unsubscribe = f"\r\nList-Unsubscribe: {unsubscribe}"
        return (
            f"{self._head}{mailbox(str(merge_values.get('full_name') or ''), recipient)}\r\n"
            f"Subject: {encoded('Subject', subject)}\r\nDate: {_date(int(time.time()))}\r\n"
            f"Message-ID: {tracking.message_id(self._name(contact_id), self._host)}{unsubscribe}{self._tail}"
        ).encode()

    def _static_headers(self, unsubscribable: bool) -> str:
        content, lines = self.content, [""]
        if content.reply_to:
            lines.append(f"Reply-To: {to_ascii(content.reply_to)}")
        if unsubscribable:
            lines += [
                "List-Unsubscribe-Post: List-Unsubscribe=One-Click",
                f"List-Id: {_phrase('List-Id', one_line(content.list_name))} <w{self.ids[0]}.{self._host}>",
                f"Feedback-ID: {self.ids[1]}:w{self.ids[0]}:marketing:fanfare",
            ]
        lines += ["MIME-Version: 1.0", f'Content-Type: multipart/alternative; boundary="{self._boundary}"', "", ""]
        return "\r\n".join(lines)

    def _part_head(self, subtype: str) -> bytes:
        return (
            f"--{self._boundary}\r\nContent-Type: text/{subtype}; charset=utf-8\r\n"
            "Content-Transfer-Encoding: quoted-printable\r\n\r\n"
        ).encode()


def domain(address: str) -> str:
    return address.rpartition("@")[2]


@lru_cache(maxsize=4)
def _date(second: int) -> str:
    return format_datetime(datetime.fromtimestamp(second, UTC))


@lru_cache(maxsize=8192)
def encoded(name: str, value: str) -> str:
    """A header's value, folded, and as RFC 2047 encoded words if it is not ASCII."""
    if value.isascii() and len(name) + len(value) < 76:
        return value
    # A word without a blank can't be folded (RFC 5322, 2.2.3), and on the second line it would leave the first
    # one empty. Encoded words can be split.
    is_plain = value.isascii() and len(name) + len(value.partition(" ")[0]) < 75
    return Header(value, "ascii" if is_plain else "utf-8", header_name=name, maxlinelen=76).encode(linesep="\r\n")


def mailbox(name: str, address: str) -> str:
    """The value of a From or To header."""
    address, name = for_wire(address), one_line(name)
    if not name:
        return address
    if len(name) <= 60 and ATOMS.fullmatch(name):
        return f"{name} <{address}>"
    if not name.isascii():
        return f"{_encoded_phrase(name)} <{address}>"
    local, _, domain = address.rpartition("@")
    try:
        return str(Address(display_name=name, username=local, domain=domain))
    except ValueError:
        return address


def _phrase(header: str, name: str) -> str:
    """A name before an address in angle brackets (RFC 2919, 3): quoted if it is more than atoms (RFC 5322, 3.2.5)."""
    if not name.isascii() or ATOMS.fullmatch(name):
        return encoded(header, name)
    return '"' + name.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _encoded_phrase(name: str) -> str:
    plain = name.encode("utf-8", "replace")
    if len(plain) <= MAX_ENCODED_BYTES:
        return f"=?utf-8?b?{binascii.b2a_base64(plain, newline=False).decode()}?="
    return encoded("From", name)


def to_ascii(address: str) -> str:
    """The address with an internationalised domain in its ASCII form (RFC 5891). Raises BadAddress if the part before
    the @ is not ASCII: that needs SMTPUTF8 (RFC 6531) on every server on the way."""
    address = for_wire(address)
    if not address.isascii():
        raise BadAddress("not_valid")
    return address


def for_wire(address: str) -> str:
    """The address of a recipient, with its domain in ASCII. A transport sends it, or says that it can't, where the part
    before the @ is not ASCII (SMTPUTF8, RFC 6531). Raises BadAddress."""
    try:
        return address if address.isascii() else domains.address_to_ascii(address)
    except domains.BadDomain:
        raise BadAddress("domain") from None
