"""What a provider's HTTP interface says: requests to make, and what its answers mean for a message or an account.

Nothing here touches the network; http_transport.py does. The provider's secrets are in an Api's headers
only, and cut out of every sentence that quotes the provider.
"""

from __future__ import annotations

import json
import time
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime

from django.conf import settings
from django.utils.translation import gettext as _

from delivery.channels.base import AccountProblem, Outcome, Outgoing, Result
from delivery.channels.bulk_calls import RecipientPart, SharedPart

USUAL_WAIT = 10.0  # seconds after "too many requests", where the provider does not say how long
AN_EPOCH = 1e9  # a reset header above this is a point in time, not a number of seconds
LONGEST_QUOTE = 200  # characters of a provider's words


@dataclass(frozen=True, slots=True)
class Call:
    """One request, ready to be written."""

    method: str
    url: str
    headers: dict[str, str]
    body: bytes = b""
    sender: str = ""  # the address that a message comes from


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    headers: Mapping[str, str] = field(default_factory=dict)  # names in any case
    body: bytes = b""

    def json(self) -> dict:
        """Empty where the body is no JSON object."""
        try:
            value = json.loads(self.body)
        except ValueError:
            return {}
        return value if isinstance(value, dict) else {}


class Api(ABC):
    """One account's way to speak with its provider. Made anew for each carrier and check; raises AccountProblem where
    the account's settings can't make a request."""

    label: str  # the provider's name, as it appears in sentences
    key_place: str  # where the provider shows keys, as text
    secrets: tuple[str, ...] = ()
    #: the provider drops a request whose key it has seen: a lost reply may be asked for once more
    is_idempotent = False

    @abstractmethod
    def sending(self, outgoing: Outgoing) -> Call:
        """Any exception means that the message can't be said in the provider's form."""

    @abstractmethod
    def checking(self) -> Call:
        """A cheap authenticated GET."""

    @abstractmethod
    def found(self, answer: Answer) -> str:
        """A sentence about the account from the answer (2xx) to `checking`. Raises AccountProblem."""

    @abstractmethod
    def message_id(self, answer: Answer) -> str:
        """The provider's id for an accepted message, or empty."""

    @abstractmethod
    def said(self, answer: Answer) -> str:
        """The provider's own words for a failure, or empty."""

    def refused(self, answer: Answer, sender: str) -> Outcome | None:
        """What this provider alone says with a 4xx or 503; None for what the status says anyway. May raise
        AccountProblem."""
        return None

    def is_repeat(self, answer: Answer) -> bool:
        """The provider has seen this request's key and did not act again."""
        return False

    # --- the same for all

    def outcome(self, answer: Answer, sender: str = "") -> Outcome:
        """What came of a message from `sender`. Raises AccountProblem for a definite no that is the account's, not the
        message's.

        4xx is a definite no; 5xx is none, as the request may have been acted upon.
        """
        status = answer.status
        if 200 <= status < 300:
            return Outcome(Result.ACCEPTED, "", self.message_id(answer)[:120])
        recipient_part = self.refused(answer, sender)
        if recipient_part is not None:
            return recipient_part
        if status in (401, 402, 403, 404, 405, 429):
            raise self.problem(answer)
        if status == 408:
            return Outcome(Result.LATER, "temporary", self.quote(answer))
        if status == 413:
            return Outcome(Result.REFUSED, "too_large", self.quote(answer))
        if 400 <= status < 500:
            return Outcome(Result.REFUSED, "policy", self.quote(answer))
        return Outcome(Result.UNKNOWN, "lost_reply", self.quote(answer))

    def refused_sender(self, answer: Answer) -> Outcome:
        return Outcome(Result.SENDER, "sender", self.quote(answer))

    def problem(self, answer: Answer) -> AccountProblem:
        """The account's trouble in a sentence that says what to do."""
        about = {"provider": self.label, "detail": self.quote(answer)}
        if answer.status == 429:
            wait = wait_of(answer)
            return AccountProblem(_("%(provider)s isn't accepting more messages for now: %(detail)s") % about, wait)
        if answer.status == 401:
            return self.wrong_key(answer)
        if answer.status == 402:
            return AccountProblem(_("Your %(provider)s account has no credit left. Its answer: %(detail)s") % about)
        if answer.status == 403:
            return AccountProblem(
                _(
                    "%(provider)s doesn't allow this. Check the key's permissions, its allowed IP addresses and "
                    "the sender's address. Its answer: %(detail)s"
                )
                % about
            )
        return AccountProblem(_("Unexpected answer from %(provider)s: %(detail)s") % about)

    def wrong_key(self, answer: Answer) -> AccountProblem:
        about = {"provider": self.label, "place": self.key_place, "detail": self.quote(answer)}
        return AccountProblem(
            _("%(provider)s rejects the key. Enter a valid one from %(place)s. Its answer: %(detail)s") % about
        )

    def quote(self, answer: Answer) -> str:
        words = f"{answer.status} {self.said(answer)}"
        for secret in self.secrets:
            words = words.replace(secret, "…")
        return " ".join(words.split())[:LONGEST_QUOTE]


class BulkApi(Api):
    """One that takes several messages in one call."""

    messages_per_call: int  # at the most

    @abstractmethod
    def bulk_sending(self, recipient_parts: list[RecipientPart]) -> Call:
        """Any exception means that these messages can't be said in one call."""

    def fitting(self, shared_part: SharedPart) -> int:
        """How many messages of this batch one call may carry."""
        return self.messages_per_call

    def message_ids(self, answer: Answer, n: int) -> list[str]:
        """The provider's ids for the messages of an accepted call, in their order."""
        return [self.message_id(answer)] * n

    def refused_of(self, answer: Answer, n: int) -> dict[int, Outcome]:
        """Whose fault a refused call for `n` messages was, by their place in it; empty where the provider does not
        say, or not of all faults."""
        return {}


def wait_of(answer: Answer) -> float:
    """Seconds that the provider asks for: Retry-After (RFC 9110, 10.2.3), or its own reset header."""
    after = answer.headers.get("Retry-After", "")
    if after.strip().isdigit():
        return float(after)
    if after:
        try:
            return max(parsedate_to_datetime(after).timestamp() - time.time(), 1.0)
        except ValueError:
            pass
    for name in ("X-RateLimit-Reset", "x-sib-ratelimit-reset"):
        try:
            reset = float(answer.headers.get(name, ""))
        except ValueError:
            continue
        return max(reset - time.time(), 1.0) if reset > AN_EPOCH else max(reset, 1.0)
    return USUAL_WAIT


def base_url(slug: str, usual: str) -> str:
    """Where the provider is. Only the operator can name another place (PROVIDER_BASE_URLS), never a merchant."""
    return getattr(settings, "PROVIDER_BASE_URLS", {}).get(slug, usual).rstrip("/")


def as_key(value: str | None, label: str) -> str:
    """A key that may stand in a header. Raises AccountProblem, which does not quote it."""
    value = (value or "").strip()
    if not value or not value.isascii() or not value.isprintable() or " " in value:
        raise AccountProblem(
            _("The %(provider)s key is missing or contains invalid characters. Copy it again.") % {"provider": label}
        )
    return value
