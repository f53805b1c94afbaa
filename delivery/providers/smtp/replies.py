"""What an SMTP refusal means for the message: by whose fault it is (delivery.providers.refusals) and when it came.

The stage says only who can't be meant: after MAIL FROM, the server does not know the recipient yet. A refusal that
names the sender or the account is clear there (Result.SENDER, Result.ACCOUNT). Later it may still concern this message
alone, so it is counted (Result.UNCLEAR). A limit is clear at any stage (Result.LIMIT).
"""

import re
from enum import StrEnum

from delivery.channels.base import Outcome, Result
from delivery.models.message import MAILBOX_REASONS
from delivery.providers import refusals
from delivery.providers.refusals import Fault, Verdict

LEADING_DOT = re.compile(rb"(?m)^\.")
PASSING = re.compile(r"\brate\b|limit|quota|too (many|much|fast)|temporar|try again|later", re.IGNORECASE)
NAMES_SENDER = re.compile(r"\bsender\b|(not |un)verified", re.IGNORECASE)


class Stage(StrEnum):
    MAIL = "mail"
    RCPT = "rcpt"
    DATA = "data"  # and the answer to the body


def of_sender(code: int, text: str) -> Outcome:
    return _outcome(Stage.MAIL, code, text)


def of_recipient(code: int, text: str) -> Outcome:
    return _outcome(Stage.RCPT, code, text)


def of_content(code: int, text: str) -> Outcome:
    return _outcome(Stage.DATA, code, text)


def _outcome(stage: Stage, code: int, text: str) -> Outcome:
    verdict = refusals.judge(code, text)
    detail = f"{code} {text}"[:300]
    if verdict.is_quoted:
        # Another server's opinion of this one's relay or sender concerns the message for that server only.
        return _of_message(verdict, code, text)
    if verdict.reason == "limit":
        return Outcome(Result.LIMIT, "limit", detail, verdict.wait)
    if verdict.fault is Fault.ACCOUNT:
        is_clear = stage is Stage.MAIL and code >= 500
        return Outcome(Result.ACCOUNT if is_clear else Result.UNCLEAR, verdict.reason, detail)
    if verdict.fault is Fault.SENDER or (stage is Stage.MAIL and _may_be_senders(verdict, code)):
        return Outcome(_of_sender(stage, verdict, code, text), "sender", detail)
    if stage is Stage.MAIL and code < 500:
        return Outcome(Result.LATER, "temporary", detail)
    return _of_message(verdict, code, text)


def _may_be_senders(verdict: Verdict, code: int) -> bool:
    return code >= 500 and verdict.reason != "too_large"


def _of_sender(stage: Stage, verdict: Verdict, code: int, text: str) -> Result:
    """Clear if MAIL FROM was refused for good, and the answer names the sender or its address (X.1.x)."""
    status = refusals.status_of(text)
    names_it = verdict.fault is Fault.SENDER or NAMES_SENDER.search(text) or (status is not None and status[0] == 1)
    is_clear = stage is Stage.MAIL and code >= 500 and names_it and not PASSING.search(text)
    return Result.SENDER if is_clear else Result.UNCLEAR


def _of_message(verdict: Verdict, code: int, text: str) -> Outcome:
    """The refusal of this message only."""
    detail = f"{code} {text}"[:300]
    if code < 500:
        return Outcome(Result.LATER, _passing_reason(verdict, text), detail)
    if verdict.reason in refusals.DEAD:
        return Outcome(Result.HARD, verdict.reason, detail)
    is_its_own = verdict.fault in (Fault.RECIPIENT, Fault.CONTENT)
    return Outcome(Result.REFUSED, verdict.reason if is_its_own else "policy", detail)


def _passing_reason(verdict: Verdict, text: str) -> str:
    if verdict.reason in MAILBOX_REASONS:
        return verdict.reason
    # X.2.1: mailbox disabled, not accepting messages.
    is_off = verdict.fault is Fault.RECIPIENT and refusals.status_of(text) == (2, 1)
    return "mailbox_off" if is_off else "temporary"
