"""A provider's HTTP interface: the requests to make, and what its answers mean for a message or an account.

Nothing here touches the network; http_transport.py does. The provider's secrets are only in an Api's headers, and are
removed from every sentence that quotes the provider.
"""

from __future__ import annotations

import json
import math
import time
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _

from delivery.channels.base import AccountProblem, Outcome, Result
from delivery.providers import refusals
from delivery.providers.refusals import Fault
from kernel import parameters

DEFAULT_WAIT = 10.0  # seconds after "too many requests", if the provider does not say how long
MIN_EPOCH = 1e9  # a reset header above this is a point in time, not a number of seconds
MAX_QUOTE_LENGTH = 200  # characters of a provider's words


@dataclass(frozen=True, slots=True)
class Call:
    """One request, ready to be written."""

    method: str
    url: str
    headers: dict[str, str]
    body: bytes = b""
    sender: str = ""  # the message's From address


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    headers: Mapping[str, str] = field(default_factory=dict)  # names are case-insensitive
    body: bytes = b""

    def json(self) -> dict:
        """The body's JSON object; empty if the body is none."""
        try:
            value = json.loads(self.body)
        except ValueError:
            return {}
        return value if isinstance(value, dict) else {}


class Api(ABC):
    """One account's requests to its provider. Created for each transport and each check. The constructor raises
    AccountProblem if the account's settings can't make a request."""

    label: str  # the provider's name, as it appears in sentences
    key_place: str  # where in the provider's pages its keys are, for sentences
    secrets: tuple[str, ...] = ()
    #  the provider drops a request whose idempotency key it has seen, so a request without an answer may be repeated
    # once
    is_idempotent = False

    @abstractmethod
    def send_request(self, outgoing: Any) -> Call:
        """The request that sends a message of a channel that the provider serves. Any exception means that the
        provider's form can't express it."""

    @abstractmethod
    def check_request(self) -> Call:
        """A cheap authenticated GET, to check the account."""

    @abstractmethod
    def account_summary(self, answer: Answer) -> str:
        """A sentence about the account from the answer (2xx) to `check_request`. Raises AccountProblem."""

    @abstractmethod
    def message_id(self, answer: Answer) -> str:
        """The provider's id for an accepted message, or empty."""

    @abstractmethod
    def error_text(self, answer: Answer) -> str:
        """The provider's own words for a failure, or empty."""

    def particular_outcome(self, answer: Answer, sender: str) -> Outcome | None:
        """What a 4xx or 503 means for this provider; None if the status alone decides. May raise AccountProblem."""
        return None

    def is_repeat(self, answer: Answer) -> bool:
        """The provider has seen this request's key and did not act again."""
        return False

    # --- the same for all providers

    def outcome(self, answer: Answer, sender: str = "") -> Outcome:
        """The outcome of a message from `sender`. Raises AccountProblem for a definite refusal that concerns the
        account, not the message.

        4xx is a definite refusal. 5xx is not, because the provider may have acted upon the request.
        """
        status = answer.status
        if 200 <= status < 300:
            return Outcome(Result.ACCEPTED, "", self.message_id(answer)[:120])
        refusal = self.particular_outcome(answer, sender)
        if refusal is not None:
            return refusal
        if status in (401, 402, 403, 404, 405, 429):
            raise self.problem(answer)
        if status == 408:
            return Outcome(Result.LATER, "temporary", self.quote(answer))
        if status == 413:
            return Outcome(Result.REFUSED, "too_large", self.quote(answer))
        if 400 <= status < 500:
            return self._by_words(answer)
        return Outcome(Result.UNKNOWN, "lost_reply", self.quote(answer))

    def _by_words(self, answer: Answer) -> Outcome:
        """A refusal without a number of its own, which may quote what an SMTP server said. It marks no address as dead:
        providers tell that in other ways."""
        detail, verdict = self.quote(answer), refusals.judge(550, self.error_text(answer))
        if verdict.reason == "limit" and not verdict.is_quoted:
            return Outcome(Result.LIMIT, "limit", detail, verdict.wait)
        if verdict.fault in (Fault.SENDER, Fault.ACCOUNT) and not verdict.is_quoted:
            return Outcome(Result.UNCLEAR, verdict.reason, detail)
        return Outcome(Result.REFUSED, "too_large" if verdict.reason == "too_large" else "policy", detail)

    def refused_sender(self, answer: Answer) -> Outcome:
        return Outcome(Result.SENDER, "sender", self.quote(answer))

    def problem(self, answer: Answer) -> AccountProblem:
        """The account's problem, as a sentence that says what to do."""
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
        words = f"{answer.status} {self.error_text(answer)}"
        for secret in self.secrets:
            words = words.replace(secret, "…")
        return " ".join(words.split())[:MAX_QUOTE_LENGTH]


class BulkApi(Api):
    """An Api that takes several messages in one call."""

    messages_per_call: int  # at most

    @abstractmethod
    def bulk_request(self, recipient_parts: list[Any]) -> Call:
        """The request that sends several messages. Any exception means that these can't go in one call."""

    def max_in_call(self, shared_part: Any) -> int:
        """How many messages of this batch fit in one call."""
        return self.messages_per_call

    def message_ids(self, answer: Answer, n: int) -> list[str]:
        """The provider's ids for the messages of an accepted call, in their order."""
        return [self.message_id(answer)] * n

    def outcomes_by_position(self, answer: Answer, n: int) -> dict[int, Outcome]:
        """Outcomes of the messages that caused the refusal of a call for `n` messages, by position; empty if the
        provider does not name them all."""
        return {}


def wait_of(answer: Answer) -> float:
    """Seconds that the provider asks us to wait: Retry-After (RFC 9110, 10.2.3), or a reset header of its own."""
    after = answer.headers.get("Retry-After", "").strip()
    if (seconds := parameters.as_number(after)) is not None:
        return float(seconds)
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
        if math.isfinite(reset):
            return max(reset - time.time(), 1.0) if reset > MIN_EPOCH else max(reset, 1.0)
    return DEFAULT_WAIT


def base_url(slug: str, default: str) -> str:
    """The provider's base URL. Only the operator can set another one (PROVIDER_BASE_URLS), never a merchant."""
    return getattr(settings, "PROVIDER_BASE_URLS", {}).get(slug, default).rstrip("/")


def as_key(value: str | None, label: str) -> str:
    """The key, if it may be put in a header. Raises AccountProblem, whose text does not quote the key."""
    value = (value or "").strip()
    if not value or not value.isascii() or not value.isprintable() or " " in value:
        raise AccountProblem(
            _("The %(provider)s key is missing or contains invalid characters. Copy it again.") % {"provider": label}
        )
    return value
