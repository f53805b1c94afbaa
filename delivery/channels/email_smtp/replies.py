"""What an SMTP refusal means: whose fault it is, and whether trying again helps.

By stage, then enhanced status (RFC 3463), then the three digits (RFC 5321, 4.2). A policy or authentication refusal
(x.7.x) is the sender's: it never marks the recipient.
"""

import re

from delivery.channels.base import Outcome, Result

LEADING_DOT = re.compile(rb"(?m)^\.")
ENHANCED = re.compile(r"^\s*([245])\.(\d{1,3})\.(\d{1,3})\b")
NO_SUCH_USER = re.compile(
    r"user unknown|unknown user|no such (user|mailbox|recipient|address)|does ?n.t exist|not exist|unknown recipient|"
    r"recipient (address )?rejected: undeliverable|mailbox (unavailable|not found)|invalid (recipient|mailbox)|"
    r"unrouteable",
    re.IGNORECASE,
)
POLICY = re.compile(
    r"spam|policy|blocked|blacklist|reputation|dmarc|spf|dkim|relay|authenticat|not permitted", re.IGNORECASE
)


def of_sender(code: int, text: str) -> Outcome:
    """MAIL FROM was refused: the account's or the sender address's fault, never the recipient's."""
    if _is_temporary(code):
        return _later(code, text)
    return Outcome(Result.REFUSED, "policy", _said(code, text))


def of_recipient(code: int, text: str) -> Outcome:
    if _is_temporary(code):
        return _later(code, text)
    status = ENHANCED.match(text)
    if status:
        return _by_status(int(status[2]), int(status[3]), code, text)
    if POLICY.search(text):
        return Outcome(Result.REFUSED, "policy", _said(code, text))
    if NO_SUCH_USER.search(text) or code in (550, 551, 553):
        return Outcome(Result.HARD, "user_unknown", _said(code, text))
    if code == 552:
        return Outcome(Result.REFUSED, "mailbox_full", _said(code, text))
    return Outcome(Result.REFUSED, "policy", _said(code, text))


def of_content(code: int, text: str) -> Outcome:
    """After the recipient was taken: content, size or policy, unless the server says that the mailbox is none."""
    if _is_temporary(code):
        return _later(code, text)
    status = ENHANCED.match(text)
    if status and (status[2], status[3]) in (("1", "1"), ("1", "10")):
        return Outcome(Result.HARD, "user_unknown", _said(code, text))
    if code == 552 or (status and (status[2], status[3]) in (("2", "3"), ("3", "4"))):
        return Outcome(Result.REFUSED, "too_large", _said(code, text))
    return Outcome(Result.REFUSED, "policy", _said(code, text))


def _by_status(subject: int, detail: int, code: int, text: str) -> Outcome:
    if subject == 1 and detail in (0, 1, 3, 6, 10):
        return Outcome(Result.HARD, "user_unknown", _said(code, text))
    if (subject, detail) in ((1, 2), (4, 4)):
        return Outcome(Result.HARD, "host_unknown", _said(code, text))
    if (subject, detail) == (2, 2):
        return Outcome(Result.REFUSED, "mailbox_full", _said(code, text))
    if (subject, detail) in ((2, 0), (2, 1)) or (subject in (0, 5) and NO_SUCH_USER.search(text)):
        return Outcome(Result.HARD, "user_unknown", _said(code, text))
    if (subject, detail) in ((2, 3), (3, 4)):
        return Outcome(Result.REFUSED, "too_large", _said(code, text))
    return Outcome(Result.REFUSED, "policy", _said(code, text))


def _is_temporary(code: int) -> bool:
    return not 500 <= code < 600


def _later(code: int, text: str) -> Outcome:
    if code == -1:
        return Outcome(Result.NOT_STARTED, "not_started", text[:300])
    return Outcome(Result.LATER, "temporary", _said(code, text))


def _said(code: int, text: str) -> str:
    return f"{code} {text}"[:300]
