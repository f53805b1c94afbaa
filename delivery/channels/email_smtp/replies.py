"""What an SMTP refusal means: whose fault it is, and whether trying again helps.

Decided by the stage, then by the enhanced status (RFC 3463), then by the three digits (RFC 5321, 4.2). A policy or
authentication refusal (x.7.x) is the sender's fault: it never marks the recipient.
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
# X.1.7 and X.1.8 (RFC 3463, 3.2): the sender's address. 5.7.60: Exchange, "permissions to send as this sender".
OF_SENDER = {(1, 7), (1, 8), (7, 60)}
# After MAIL FROM only. X.7.23 and 24: SPF (RFC 7372); X.7.27: the sender's domain accepts no mail (RFC 7505); the
# others concern authentication (RFC 4954; X.7.3 and 57: Exchange).
OF_SENDER_AT_MAIL = {(7, 3), (7, 8), (7, 9), (7, 23), (7, 24), (7, 27), (7, 57)}
# X.2.1: mailbox disabled, not accepting messages. Gmail also sends it, with the words of TOO_FAST, to limit a rate.
OF_MAILBOX = {(2, 1): "mailbox_off", (2, 2): "mailbox_full"}
TOO_FAST = re.compile(r"\brate\b|too (many|often|fast|quickly)|gr[ae]y-?list", re.IGNORECASE)
NOT_LOGGED_IN = (530, 534, 535, 538)  # RFC 4954
SENDER_WORDS = re.compile(
    r"\bsender\b|\bsend(ing)? as\b|not owned by|(from|return.path) address|(not |un)verified|authenticat", re.IGNORECASE
)
PASSING = re.compile(r"\brate\b|limit|quota|too (many|much|fast)|temporar|try again|later", re.IGNORECASE)
# What some servers say about the sender only once they know the recipient (Postfix, Exim) or have the message
# (Exchange, SendGrid, Amazon SES), and what servers answer to clients that have not logged in.
SENDER_REFUSED = re.compile(
    r"sender address rejected|sender verif(y|ication) failed|not owned by (user|authenticated)|"
    r"(permissions?|allowed|authorized) to send as|SendAsDenied|verified sender identity|"
    r"sender .{0,80}not (valid|verified)|address is not verified|"
    r"relay(ing)? (access )?(is )?(denied|prohibited|not (permitted|allowed))|"
    r"authentication (is )?required|client .{0,20}not authenticated",
    re.IGNORECASE,
)
# Another server's words, quoted by this one: they concern the recipient, or are that server's opinion.
QUOTED = re.compile(r"\bsaid:|in reply to|recipient address rejected", re.IGNORECASE)


def of_sender(code: int, text: str) -> Outcome:
    """MAIL FROM was refused: because of the account or the sender's address, never because of the recipient. If the
    answer names the sender, everybody else would be refused as well. Other causes, such as a limit whose wording does
    not say "later", are recognised by how often they come."""
    if _is_temporary(code):
        return _later(code, text)
    names_sender = code in NOT_LOGGED_IN or _is_of_sender(text) or SENDER_WORDS.search(text)
    clear = names_sender and not PASSING.search(text)
    return Outcome(Result.SENDER if clear else Result.UNCLEAR, "sender", _said(code, text))


def _is_of_sender(text: str) -> bool:
    status = _status(text)
    return status is not None and (status[0] == 1 or status in OF_SENDER | OF_SENDER_AT_MAIL)


def _may_be_senders(code: int, text: str) -> bool:
    """After RCPT TO, a refusal of the sender may still concern this message only; how often it comes decides that."""
    if QUOTED.search(text):
        return False
    return code in NOT_LOGGED_IN or _status(text) in OF_SENDER or SENDER_REFUSED.search(text) is not None


def _status(text: str) -> tuple[int, int] | None:
    """(subject, detail) of the enhanced status code, if there is one."""
    found = ENHANCED.match(text)
    return (int(found[2]), int(found[3])) if found else None


def of_recipient(code: int, text: str) -> Outcome:
    if _is_temporary(code):
        return _later_for_recipient(code, text)
    if _may_be_senders(code, text):
        return Outcome(Result.UNCLEAR, "sender", _said(code, text))
    status = ENHANCED.match(text)
    if status:
        return _by_status(int(status[2]), int(status[3]), code, text)
    return _by_words(code, text)


def _by_words(code: int, text: str) -> Outcome:
    """A refused recipient without an enhanced status."""
    if POLICY.search(text):
        return Outcome(Result.REFUSED, "policy", _said(code, text))
    if NO_SUCH_USER.search(text) or code in (550, 551, 553):
        return Outcome(Result.HARD, "user_unknown", _said(code, text))
    if code == 552:
        return Outcome(Result.REFUSED, "mailbox_full", _said(code, text))
    return Outcome(Result.REFUSED, "policy", _said(code, text))


def of_content(code: int, text: str) -> Outcome:
    """Refused after RCPT TO: content, size or policy, unless the text says that there is no mailbox."""
    if _is_temporary(code):
        return _later_for_recipient(code, text)
    if _may_be_senders(code, text):
        return Outcome(Result.UNCLEAR, "sender", _said(code, text))
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


def _later_for_recipient(code: int, text: str) -> Outcome:
    """A temporary refusal. The mailbox's own state gets its own reason; limits, reputation and greylisting (X.2.0) may
    be the sender's fault."""
    outcome = _later(code, text)
    reason = OF_MAILBOX.get(_status(text) or (0, 0))
    if outcome.result is not Result.LATER or reason is None or TOO_FAST.search(text):
        return outcome
    return Outcome(Result.LATER, reason, outcome.detail)


def _later(code: int, text: str) -> Outcome:
    if code == -1:
        return Outcome(Result.NOT_STARTED, "not_started", text[:300])
    return Outcome(Result.LATER, "temporary", _said(code, text))


def _said(code: int, text: str) -> str:
    return f"{code} {text}"[:300]
