"""Compiles a batch's content into pieces, for providers that take many people's messages in one call.

The pieces, put together, are what Composer makes; property tests hold the two equal. Whatever is doubtful is not
compiled: a text that is more than its literal parts and slots, values that could be taken for a mark, too many or too
large values. Those messages are composed one by one, and refused there if necessary."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

from delivery.channels.email import http_pieces
from delivery.channels.email.bulk_calls import Pieces, RecipientPart, SharedPart
from delivery.channels.email.composing import ADDRESSES, Composer, Content, mailbox, to_ascii
from templates_app.merging import Encode, Outline, parse

# What tags are made of (SharedPart.tag): too long to occur in the tokens of links. Compared without regard to case,
# because no provider documents whether it distinguishes case.
MARKS = ("_slot", "_place", "_value", "qslot", "xplace", "zvalue")
MAX_SLOTS = 100  # SendGrid's limit per person
MAX_SLOT_BYTES = 8000  # per person, tags included. SendGrid documents 10,000, but reportedly refuses from 8,000
MAX_TEXT_BYTES = 600_000  # far below the length at which the merge library stops
TRIAL = 20  # so many misfits are allowed before bulk calls are given up for a batch of which most don't fit


class NotBulkable(Exception):
    """Raised for content or a person that can't go in a bulk call."""


class BulkCompiler:
    """Makes the parts of bulk calls for a batch. For use by one thread."""

    def __init__(self, composer: Composer):
        """Raises NotBulkable and BadAddress."""
        self._composer = composer
        content = composer.content
        if content.to or content.as_contact:
            raise NotBulkable
        self._mark, self._encode, text, html = _outlines(content)
        self._slots = text.slots + html.slots
        self._begins = text.begin, html.begin
        pieces = text.pieces, _renumbered(html.pieces, len(text.slots))
        # A text without literal parts may be empty for some people, and Composer leaves an empty text out.
        if len(self._slots) > MAX_SLOTS or any(not _has_text(text) for text in pieces if text) or not html.pieces:
            raise NotBulkable
        places = Counter(piece for piece in pieces[0] + pieces[1] if isinstance(piece, int))
        self._max_places = max(places.values(), default=0)
        self.shared_part = self._shared_part(*pieces)
        self._max_bytes = MAX_SLOT_BYTES - sum(len(self.shared_part.tag(slot)) for slot in range(len(self._slots)))
        self._seen, self._misfits = 0, 0

    @property
    def is_worthwhile(self) -> bool:
        """False if most messages turned out not to fit, as with large conditions, for instance."""
        return self._misfits < TRIAL or self._misfits * 2 < self._seen

    def recipient_part(self, contact_id: int, recipient: str, merge_values: dict) -> RecipientPart:
        """One person's part. Raises NotBulkable, and everything that Composer.compose() raises."""
        self._seen += 1
        try:
            return self._make_recipient_part(contact_id, recipient, merge_values)
        except Exception:
            self._misfits += 1
            raise

    def _make_recipient_part(self, contact_id: int, recipient: str, merge_values: dict) -> RecipientPart:
        composer = self._composer
        token = composer.token(contact_id)
        values = composer.filled(contact_id, token, merge_values, self._encode)
        for begin in self._begins:
            begin()
        slots = [slot(values) for slot in self._slots]
        subject, recipient = composer.subject(values), to_ascii(recipient)  # one that needs SMTPUTF8 goes alone
        if not subject or self._mark in (subject + token).lower():
            raise NotBulkable
        size = sum([len(slot) for slot in slots])
        if size > self._max_bytes or self.shared_part.size + size * self._max_places > MAX_TEXT_BYTES:
            raise NotBulkable
        to = mailbox(str(merge_values.get("full_name") or ""), recipient).replace("\r\n ", " ")
        name = http_pieces.display_name(to)
        return RecipientPart(self.shared_part, contact_id, recipient, name, subject, composer.unsubscribe(token), slots)

    def _shared_part(self, text: Pieces, html: Pieces) -> SharedPart:
        """The shared part. All but the texts is read from a message that Composer made, so that it is the same."""
        composer = self._composer
        plain = replace(composer.content, subject="-", html="-", text="-")
        blank = Composer(*composer.ids, plain, unsubscribable=composer.unsubscribable)
        seen = http_pieces.of(blank.compose(0, composer.sender, {}))
        return SharedPart(
            batch_id=composer.ids[1],
            sender=composer.sender,
            from_name=seen.from_name,
            reply_to=seen.reply_to,
            headers={name: value for name, value in seen.headers.items() if name != "List-Unsubscribe"},
            text=text,
            html=html,
            size=sum(len(piece) for piece in text + html if isinstance(piece, bytes)),
            mark=self._mark,
        )


def _outlines(content: Content) -> tuple[str, Encode, Outline, Outline]:
    """(mark, its encoder, outlines of text and HTML) with the first mark that occurs in neither. Raises NotBulkable."""
    for mark in MARKS:
        encode = _encoder(mark)
        try:
            encode(content.reply_to)  # SendGrid replaces tags there, too
            text = parse(content.text, html=False).outline(encode, ADDRESSES)
            html = parse(content.html, html=True).outline(encode, ADDRESSES)
        except NotBulkable:
            continue
        if text is None or html is None:
            break
        return mark, encode, text, html
    raise NotBulkable


def _encoder(mark: str) -> Encode:
    """Return a function that makes a JSON string without its quotes. It raises NotBulkable for a text that contains the
    mark or ends with a beginning of it. So the mark can't arise from texts side by side, in whatever order slots are
    filled in."""
    beginnings = tuple(mark[:n] for n in range(1, len(mark)))

    def encode(text: str) -> bytes:
        text = text.replace("\r", "")  # dropped from every message (decision 6)
        lowered = text.lower()
        if mark in lowered or lowered.endswith(beginnings):
            raise NotBulkable
        return http_pieces.json_string(text.encode("utf-8", "replace"))[1:-1]

    return encode


def _renumbered(pieces: Pieces, by: int) -> Pieces:
    """The pieces with their slot numbers raised by `by`."""
    return tuple(piece + by if isinstance(piece, int) else piece for piece in pieces)


def _has_text(pieces: Pieces) -> bool:
    return any(isinstance(piece, bytes) and piece for piece in pieces)
