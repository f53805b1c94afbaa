"""A batch's content in pieces, for providers that take many people's messages in one call.

What the pieces make, put together, is what Composer makes; property tests hold the two equal. Whatever is in doubt is
not put this way: a text that is more than the sum of its places, values that could be taken for a mark, values too many
or too large. Those messages are composed one by one, and refused there where they have to be.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

from delivery import tracking
from delivery.channels import http_pieces
from delivery.channels.bulk_calls import Pieces, RecipientPart, SharedPart
from delivery.composing import ADDRESSES, Composer, Content, mailbox, to_ascii
from templates_app.merging import Encode, Outline, parse

# What tags are made of (Common.tag): too long to come up in the tokens of addresses. Taken without regard to case, as
# no provider says whether it looks at that.
MARKS = ("_slot", "_place", "_value", "qslot", "xplace", "zvalue")
MOST_SLOTS = 100  # SendGrid's limit a person
LARGEST_SLOTS = 8000  # bytes a person, tags included; SendGrid says 10,000 and is said to refuse from 8,000
LARGEST_TEXT = 600_000  # bytes, far from where the merge library ends a text
TRIAL = 20  # messages after which it is asked whether most can be put this way at all


class NotBulkable(Exception):
    """The message can't be put this way."""


class BulkCompiler:
    """Takes a batch's messages apart, for one thread."""

    def __init__(self, composer: Composer):
        """Raises NotAlike, and BadAddress."""
        self._composer = composer
        content = composer.content
        if content.to or content.as_contact:
            raise NotBulkable
        self._mark, self._encode, text, html = _outlines(content)
        self._slots = text.slots + html.slots
        pieces = text.pieces, _later(html.pieces, len(text.slots))
        # Without words of its own, a text may be empty for some, and is left out of their messages then.
        if len(self._slots) > MOST_SLOTS or any(not _has_words(text) for text in pieces if text) or not html.pieces:
            raise NotBulkable
        places = Counter(piece for piece in pieces[0] + pieces[1] if isinstance(piece, int))
        self._most_places = max(places.values(), default=0)
        self.shared_part = self._shared_part(*pieces)
        self._largest = LARGEST_SLOTS - sum(len(self.shared_part.tag(slot)) for slot in range(len(self._slots)))
        self._given, self._misfits = 0, 0

    @property
    def is_worthwhile(self) -> bool:
        """Most can be put this way: with large conditions, for instance, none could."""
        return self._misfits < TRIAL or self._misfits * 2 < self._given

    def recipient_part(self, contact_id: int, recipient: str, merge_values: dict) -> RecipientPart:
        """One person's part. Raises NotAlike, and whatever Composer.compose() would raise."""
        self._given += 1
        try:
            return self._own(contact_id, recipient, merge_values)
        except Exception:
            self._misfits += 1
            raise

    def _own(self, contact_id: int, recipient: str, merge_values: dict) -> RecipientPart:
        composer = self._composer
        token = tracking.sign("message", *composer.ids, contact_id)
        values = composer.filled(token, merge_values, self._encode)
        slots = [slot(values) for slot in self._slots]
        subject, recipient = composer.subject(values), to_ascii(recipient)
        if not subject or self._mark in (subject + token).lower():
            raise NotBulkable
        size = sum([len(slot) for slot in slots])
        if size > self._largest or self.shared_part.size + size * self._most_places > LARGEST_TEXT:
            raise NotBulkable
        to = mailbox(str(merge_values.get("full_name") or ""), recipient).replace("\r\n ", " ")
        name = http_pieces.display_name(to)
        return RecipientPart(self.shared_part, contact_id, recipient, name, subject, composer.unsubscribe(token), slots)

    def _shared_part(self, text: Pieces, html: Pieces) -> SharedPart:
        """Everything but the texts is read from a message that Composer made, so that it is the same."""
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
    """Of the text and the HTML, with the first mark that is in neither. Raises NotAlike."""
    for mark in MARKS:
        encode = _encoder(mark)
        try:
            encode(content.reply_to)  # SendGrid fills in tags there, too
            text = parse(content.text, html=False).outline(encode, ADDRESSES)
            html = parse(content.html, html=True).outline(encode, ADDRESSES)
        except NotBulkable:
            continue
        if text is None or html is None:
            break
        return mark, encode, text, html
    raise NotBulkable


def _encoder(mark: str) -> Encode:
    """To a JSON string without its quotes. Raises NotAlike for a text in which the mark is, or that ends as it begins:
    no matter what such texts are put beside, and in which order slots are filled in, it does not come about."""
    beginnings = tuple(mark[:n] for n in range(1, len(mark)))

    def encode(text: str) -> bytes:
        text = text.replace("\r", "")  # dropped from every message (decision 6)
        lowered = text.lower()
        if mark in lowered or lowered.endswith(beginnings):
            raise NotBulkable
        return http_pieces.json_string(text.encode("utf-8", "replace"))[1:-1]

    return encode


def _later(pieces: Pieces, by: int) -> Pieces:
    """With the numbers of slots raised."""
    return tuple(piece + by if isinstance(piece, int) else piece for piece in pieces)


def _has_words(pieces: Pieces) -> bool:
    return any(isinstance(piece, bytes) and piece for piece in pieces)
