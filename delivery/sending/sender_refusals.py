"""A sender or an account that the provider refuses permanently. Everybody else in the batch would be refused as well,
so the batch is held, and the messages that met the refusal wait without losing a try.

Some refusals name the sender or the account (Result.SENDER, Result.ACCOUNT): the first one holds the batch. Others may
concern a single message (Result.UNCLEAR): the batch is held after many in a row with nothing accepted in between, or
when a lease's range has been handed out and nothing of the batch was ever accepted. After an acceptance, such a refusal
costs its message a try, so that the message ends at some point."""

from __future__ import annotations

from django.utils.translation import gettext as _

from delivery.channels.base import Outcome, Result
from delivery.models import Batch
from delivery.sending.settling import ACCOUNT, SENDER

MAX_IN_A_ROW = 20
MAX_PROBLEM_LENGTH = 300  # characters of a batch's problem
HOLDING = (Result.SENDER, Result.ACCOUNT)


class SenderRefusals:
    """The refusals of the sender or the account that a lane has met in a batch."""

    def __init__(self, purpose: Batch.Purpose, *, accepted: int, refused: int):
        """`refused`: how many refusals lanes have met before. If nothing was ever accepted, they came in a row; during
        a warm-up, one lane alone never sends 20 messages."""
        self._purpose, self._has_sent = purpose, accepted > 0
        self._in_a_row = 0 if accepted else refused
        self._last: Outcome | None = None

    def judge(self, outcome: Outcome) -> Outcome:
        """Return the outcome for the message. One of HOLDING means that the batch has to be held as well."""
        if outcome.result is Result.ACCEPTED:
            self._in_a_row, self._has_sent = 0, True
        if outcome.result not in (*HOLDING, Result.UNCLEAR):
            return outcome
        if self._purpose != Batch.Purpose.MARKETING:
            return self._in_batch_of_one(outcome)
        self._in_a_row, self._last = self._in_a_row + 1, outcome
        if outcome.result in HOLDING or self._in_a_row >= MAX_IN_A_ROW:
            self._in_a_row = 0
            return _holding(outcome)
        result = Result.LATER if self._has_sent else Result.NOT_STARTED
        return Outcome(result, _holding(outcome).reason, outcome.detail)

    def _in_batch_of_one(self, outcome: Outcome) -> Outcome:
        """The outcome in a batch of one, which no page can resume. A service mail is tried again, so that it arrives if
        the sender is fixed soon; a test fails at once."""
        result = Result.LATER if self._purpose == Batch.Purpose.SERVICE else Result.REFUSED
        return Outcome(result, _holding(outcome).reason, outcome.detail)

    def pending_refusal(self) -> Outcome | None:
        """At the end of a lease's range: the last refusal if there were some and nothing was ever accepted."""
        if self._has_sent or not self._in_a_row or self._last is None:
            return None
        self._in_a_row = 0
        return _holding(self._last)


def _holding(outcome: Outcome) -> Outcome:
    """The same refusal as one that holds the batch."""
    if outcome.result is Result.ACCOUNT or outcome.reason == ACCOUNT:
        return Outcome(Result.ACCOUNT, ACCOUNT, outcome.detail)
    return Outcome(Result.SENDER, SENDER, outcome.detail)


def sentence(sender: str, account: str, refusal: Outcome) -> str:
    """A sentence for the merchant: who is refused, where, what to do, and the provider's words as far as they fit."""
    if refusal.result is Result.ACCOUNT:
        text = _(
            "The server refuses everything from the account “%(account)s”. Check its log-in and IP address with the "
            "provider, then resume. Nobody was marked as bounced. The provider says: “%(words)s”"
        )
    else:
        text = _(
            "“%(account)s” can't send from %(sender)s. Verify this address or its domain with the provider, or "
            "choose another sender, then resume. The provider says: “%(words)s”"
        )
    words = refusal.detail.replace("\0", "")
    about = {"account": _short(account, 40), "sender": _short(sender, 70)}
    room = max(MAX_PROBLEM_LENGTH - len(text % {**about, "words": ""}), 0)
    return text % {**about, "words": _short(words, room)}


def _short(text: str, most: int) -> str:
    return text if len(text) <= most else text[: max(most - 1, 0)] + "…"
