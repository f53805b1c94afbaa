"""A sender that the provider refuses for good. Whoever else of the batch were tried would be refused as well, so the
batch is held, and those who met the refusal wait without having lost a try.

Some refusals name the sender (Result.SENDER): the batch is held for the first one. Others may be an exception
(Result.UNCLEAR): the batch is held for many in a row with nobody accepted in between, or where a range was handed out
and nothing of the batch was ever accepted. Once something was, a single one costs its message a try, so that it ends.
"""

from __future__ import annotations

from django.utils.translation import gettext as _

from delivery.channels.base import Outcome, Result
from delivery.models import Batch
from delivery.sending.settling import SENDER

MOST_IN_A_ROW = 20
LONGEST = 300  # characters of a batch's problem


class Refusals:
    """What a lane has met of them in a batch."""

    def __init__(self, purpose: Batch.Purpose, *, accepted: int, refused: int):
        """`refused` are those that lanes met before: where nothing was ever accepted, they came in a row. A workspace
        that is being warmed up sends no 20 messages in a lane's time."""
        self._purpose, self._has_sent = purpose, accepted > 0
        self._in_a_row, self._words = 0 if accepted else refused, ""

    def judge(self, outcome: Outcome) -> Outcome:
        """What the outcome means for its message. Result.SENDER: and the batch is to be held."""
        if outcome.result is Result.ACCEPTED:
            self._in_a_row, self._has_sent = 0, True
        if outcome.result not in (Result.SENDER, Result.UNCLEAR):
            return outcome
        if self._purpose != Batch.Purpose.MARKETING:
            return self._of_one(outcome)
        self._in_a_row, self._words = self._in_a_row + 1, outcome.detail
        if outcome.result is Result.SENDER or self._in_a_row >= MOST_IN_A_ROW:
            self._in_a_row = 0
            return Outcome(Result.SENDER, SENDER, outcome.detail)
        return Outcome(Result.LATER if self._has_sent else Result.NOT_STARTED, SENDER, outcome.detail)

    def _of_one(self, outcome: Outcome) -> Outcome:
        """A batch of one that no page lets anybody resume. Who asked for a mail gets it where the sender is mended
        soon; a test says at once that it failed."""
        result = Result.LATER if self._purpose == Batch.Purpose.SERVICE else Result.REFUSED
        return Outcome(result, SENDER, outcome.detail)

    def doubt(self) -> str:
        """At the end of a range: the provider's words, where it met refusals and nothing was ever accepted."""
        if self._has_sent or not self._in_a_row:
            return ""
        self._in_a_row = 0
        return self._words


def sentence(sender: str, account: str, words: str) -> str:
    """For the merchant: who is refused, where, what to do, and the provider's own words, as far as there is room."""
    said = _(
        "“%(account)s” can't send from %(sender)s. Verify this address or its domain with the provider, or "
        "choose another sender, then resume. The provider says: “%(words)s”"
    )
    words = words.replace("\0", "")
    about = {"account": _short(account, 40), "sender": _short(sender, 70)}
    room = max(LONGEST - len(said % {**about, "words": ""}), 0)
    return said % {**about, "words": _short(words, room)}


def _short(text: str, most: int) -> str:
    return text if len(text) <= most else text[: max(most - 1, 0)] + "…"
