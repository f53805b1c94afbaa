"""What a column about consent can say of a channel, and the meanings of the columns that say it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from contacts.imports.moments import Moment

#: What a value can mean, from the weakest to the strongest no. Where a file contradicts itself, the strongest counts.
STATES = ("granted", "pending", "bounced", "withdrawn", "complained")
RANK = {state: rank for rank, state in enumerate(STATES)}
REFUSALS = frozenset({"bounced", "withdrawn", "complained"})
CHANNELS = ("email", "sms", "whatsapp")
#: The meanings of columns that say yes or no, with the channels each is about.
ANSWERS: dict[str, tuple[str, ...]] = {
    "email_consent": ("email",),
    "sms_consent": ("sms",),
    "whatsapp_consent": ("whatsapp",),
    "consent": CHANNELS,
}
#: The meanings of columns that prove a yes.
PROOFS = ("consent_at", "consent_wording", "consent_ip", "consent_source")
#: All meanings of columns that are about a person's history with the merchant: read together, never an error.
MEANINGS = frozenset({*ANSWERS, *PROOFS, "created_at"})
#: Several columns of a file may have one of these meanings.
REPEATABLE = frozenset(ANSWERS)
#: Columns of Fanfare's own export that an import neither needs nor makes fields of.
OWN_EXPORT_ONLY = frozenset({"fanfare id", "tracking status", "consent recorded at"})
#: The columns about consent in Fanfare's own export. Its other columns hold the workspace's own fields, whatever these
#: are called.
OWN_EXPORT = {
    "email_status": "email_consent",
    "sms_status": "sms_consent",
    "whatsapp_status": "whatsapp_consent",
    "created_at": "created_at",
    "consent_source": "consent_source",
    "consent_at": "consent_at",
    "consent_wording": "consent_wording",
}


@dataclass(frozen=True)
class Answer:
    """What one cell says, with the heading and the cell for the ledger; `at` if the cell is a date."""

    state: str
    reason: str = ""
    at: Moment | None = None


def by_channel(answer: Answer, channels: Sequence[str]) -> dict[str, Answer]:
    """What a cell of a column about these channels says about each."""
    if len(channels) == 1:
        return {channels[0]: answer}
    return {channel: _of_channel(answer, channel) for channel in channels}


def _of_channel(answer: Answer, channel: str) -> Answer:
    """What a column about all channels says about one: a bounce and a complaint are about e-mail."""
    if channel == "email" or answer.state not in ("bounced", "complained"):
        return answer
    return Answer("pending" if answer.state == "bounced" else "withdrawn", answer.reason, answer.at)
