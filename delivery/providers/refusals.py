"""Whose fault a refusal is: one table for the replies of all servers and providers, whatever the stage they came at.

Servers differ in what their numbers mean. 550 5.1.1 may be a full mailbox, a blocked IP address or "too many messages
this hour"; 5.7.1 may be an unknown user; and a server that delays its checks (Postfix, smtpd_delay_reject) says of the
recipient what it holds against the sender or the client. So words come first, then the enhanced status (RFC 3463 and
the IANA registry), then the three digits (RFC 5321, 4.2). The replies that the table was written for are in
tests/delivery/replies.tsv, each with the page that describes it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

HOUR, DAY = 3600.0, 86400.0  # seconds
SOON = 60.0  # seconds: a rate or a number of connections


class Fault(StrEnum):
    RECIPIENT = "recipient"  # this address: dead, full, or its owner does not want the message
    CONTENT = "content"  # this message, or a refusal without a reason
    SENDER = "sender"  # the address or domain that the message is from: everybody else would be refused as well
    ACCOUNT = "account"  # the log-in, its limits, its IP address: other senders and batches would be refused as well
    SERVER = "server"  # the server's own trouble, or greylisting


@dataclass(frozen=True, slots=True)
class Verdict:
    fault: Fault
    reason: str  # of delivery.models.message.REASONS
    wait: float | None = None  # reason "limit": seconds until the limit is over, at the latest
    is_quoted: bool = False  # another server's words, which this one passes on


DEAD = ("user_unknown", "host_unknown")
UNKNOWN_USER = Verdict(Fault.RECIPIENT, "user_unknown")
UNKNOWN_HOST = Verdict(Fault.RECIPIENT, "host_unknown")
FULL = Verdict(Fault.RECIPIENT, "mailbox_full")
OFF = Verdict(Fault.RECIPIENT, "mailbox_off")
UNWANTED = Verdict(Fault.RECIPIENT, "policy")
REFUSED = Verdict(Fault.CONTENT, "policy")
TOO_LARGE = Verdict(Fault.CONTENT, "too_large")
SENDER = Verdict(Fault.SENDER, "sender")
ACCOUNT = Verdict(Fault.ACCOUNT, "account_refused")
LIMIT = Verdict(Fault.ACCOUNT, "limit", SOON)
SERVER = Verdict(Fault.SERVER, "temporary")

# The first row whose words are found decides. Narrow rows stand before wide ones.
WORDS: tuple[tuple[Verdict, str], ...] = (
    (SERVER, r"gr[ae]y-?\s?list|this (session|connection)|per (session|connection)"),
    # What one recipient gets or wants.
    (
        SERVER,
        r"receiving (e-?)?mail (too|at a rate)|recipient.{0,60}receiv\w+ (rate|limit)|receiving limit",
    ),
    (
        UNWANTED,
        r"(rejected|blocked|blacklisted|refused|denied|filtered) by (the )?(recipient|addressee|user)|"
        r"recipient preferences|customer block list|authenticated ?for ?group|resolver\.rst\.(notauth|authreq)|"
        r"permission to send to (this|the) |not allowed to send (messages? )?to (this|the) |"
        r"recipient.{0,40}(only accepts|does not accept).{0,40}(sender|from)|multiple .{0,30}addresses in from",
    ),
    # Limits of the account. A message has one recipient here, so "too many recipients" is a limit on messages.
    (
        LIMIT,
        r"\b(daily|hourly|monthly)\b.{0,60}\b(quota|limit)|\b(quota|limit)\b.{0,20}\b(per (hour|day)|daily|hourly)\b|"
        r"(sending|send|sent|message|messages|mail|relay|submission|recipients?|credits?|count)( count)?( rate)? "
        r"(quota|limit)s? .{0,20}(exceed|reach|used up|over)|submissionquota|maximum (sending rate|credits)|"
        r"(reached|exceeded|over|hit) (your|the|its|his|their) .{0,30}(sending|send|daily|hourly|message|relay|smtp|"
        r"outgoing|outbound).{0,30}(limit|quota)|"
        r"(sender|customer|client|domain) .{0,80}(exceeded|reached|over) .{0,40}(limit|quota|max|threshold)|"
        r"tenant has exceeded|exceeded .{0,30}(number of|max\w*).{0,20}(e-?mails?|messages?|mails?|recipients?)|"
        r"(e-?mails?|messages?|mails?|recipients?).{0,20}per (hour|day|minute).{0,20}(exceed|allowed)?|"
        r"too many (recipients|messages|mails|e-?mails)|policy rejection.{0,10}quota|"
        r"rate ?-?limit.{0,20}(exceed|reach)|(limite|quota) d.envoi|limited? to \d+ (messages|mails|e-?mails)",
    ),
    (LIMIT, r"unusual rate|thread limit|connection limit"),
    # Authentication of the sender's domain.
    (
        SENDER,
        r"\bdmarc\b|\bdkim\b|\bspf\b|sender policy framework|unauthenticated|"
        r"authentication (checks|information|results)",
    ),
    (
        LIMIT,
        r"rate.?limit|too many (connections|concurrent|errors|spams?|bad|invalid|unknown|failed)|"
        r"(maximum|max) (number of )?(concurrent )?connections|connection rate|too much mail|"
        r"unexpected volume|user complaints|throttl|slow(er| down)|trop de connexions|"
        r"temporar\w+ (deferred|blocked|black|restrict|limited|suspended)|sending too (fast|many|much)|"
        r"(ofr|lpn)_?\d*_?(104|105|107|999|201)\b|suspicious activity",
    ),
    # Domains on lists of bad domains.
    (SENDER, r"mail ?from domain.{0,40}(listed|black|block)|banned sender"),
    (REFUSED, r"\bdbl\b|surbl|uribl|(url|link|domain)s? (in|of) (your|the|this) (message|mail|e-?mail|body)"),
    # The client: its IP address, its name, its log-in.
    (
        ACCOUNT,
        r"client host|source ip|ip source|\bip (source )?(bloqu|black|is |has |not )|"
        r"sending.{0,3}(ip|mta|mail ?server|server|host)\b|(your|this) (ip|network|netblock|mail ?server|server)\b|"
        r"their network|"
        r"messages from .{0,45}(were|was)n.t sent|\bip address|(from|mail from|the) ip\b|blocked using|"
        r"(black|block|deny)-?\s?(listed|list)\b|spamhaus|spamcop|barracuda|sorbs|senderscore|ipcheck|"
        r"cloudmark\.com/reset|"
        r"\brbl\b|dnsbl|rbldns|\b(helo|ehlo)\b|reverse[ -](dns|hostname|lookup)|\bptr\b|\brdns\b|"
        r"not accepting connections|"
        r"connections? (will )?not (be )?accepted|no access from mail server|mta.s poor reputation|"
        r"very low reputation of the sending (ip|domain)|(ofr|lpn)_?\d*_?(102|103|510|630)\b",
    ),
    (
        ACCOUNT,
        r"relay(ing)?\b.{0,30}(denied|prohibited|not (permitted|allowed)|refused|access|disallowed)|unable to relay|"
        r"(not|cannot|can.t|configured to) relay|do not relay|relay not|rcpthosts|credentials|"
        r"authenticat\w+ (is )?required|must (be )?authenticat|not authenticated|log ?-?in first|"
        r"authentification requise|"
        r"must issue a starttls|starttls (is )?(required|first)|(tls|encryption) (is )?required|"
        r"not authori[sz]ed to (send|relay|use)|not allowed to (send|relay)( mail|\.|$)|"
        r"outbound sender|"
        r"(your|sending|sender.?s?|smtp|hosting) account.{0,40}(suspen|disabl|lock|block|compromis|restrict)|"
        r"sending (has been |is |was )?(disabled|suspended|paused|blocked|restricted)|"
        r"account.{0,30}send\w* .{0,20}(suspend|disabled)|"
        r"out(going|bound).{0,40}(suspend|block|disabl|restrict)|unregistered domain|tenant|"
        r"domain.{0,80}(not allowed|is disabled|not permitted) to send|service (is )?suspended",
    ),
    # The sender's address or domain.
    (
        SENDER,
        r"sender( ?'?s)?( e-?mail| mail)?( address| domain| identity| id)?.{0,60}"
        r"(reject|denied|refus|invalid|unknown|not |n't |fail|block|blacklist|unverified|misconfigured|no mx|null)|"
        r"(invalid|bad|unverified|unknown|unauthorized|forged|wrong) (sender|from|return.path|"
        r"envelope.from|originator)|"
        r"verified sender|(from|return.path|envelope) (address|header|domain).{0,60}(not|reject|invalid|denied|n't)|"
        r"send(ing)? as\b|sendas|not owned by|address (is )?not verified|identit(y|ies) .{0,20}failed the check|"
        r"(mail from|mailfrom|originator)\b.{0,60}(reject|not (allowed|owned|permitted|accept)|denied|invalid|n't)|"
        r"badmailfrom|.metteur invalide|exp.diteur.{0,30}(refus|invalide|inconnu|bloqu)|sender valid|"
        r"backscatterer|sending domain",
    ),
    # The mailbox.
    (
        FULL,
        r"(mailbox|mail box|inbox|boite|bo.te|user|recipient|account|maildir|storage|disk).{0,60}"
        r"(full\b|quota|exceed|pleine|out of storage)|over-?\s?quota|quota (is )?(exceed|full|overuse)|"
        r"exceeded storage|storage (full|exceed)|not enough (space|storage)|overquota|mailbox limit",
    ),
    (UNKNOWN_HOST, r"(host|domain)( name)?( of .{1,60})? (unknown|not found)|bad destination (system|host)"),
    (
        UNKNOWN_USER,
        r"user unknown|unknown (user|recipient|local part|address|mailbox|account)|"
        r"user.{0,40}not (found|exist|known)|"
        r"no such (user|mailbox|recipient|address|account|person|local|domain)|(does ?n.t|does not|not) exist|"
        r"doesn.t have a|recipient.{0,30}not (found|exist|known)|"
        r"(address|mailbox|account|alias) (was |is )?not found|"
        r"recipientnotfound|recipient unknown|"
        r"mailbox (is )?(unavailable|unknown|invalid)|(invalid|bad|illegal) (recipient|mailbox|destination|user)|"
        r"recipient (address )?(rejected: undeliverable|is invalid)|unrouteable|destinataire (invalide|inconnu)|"
        r"no mailbox (here|by)|not (our|a local|a known|a valid) (user|customer|mailbox|recipient)|"
        r"no longer (on|with|valid|here)|"
        r"not listed in|unknown or illegal",
    ),
    (
        UNKNOWN_USER,
        r"(mailbox|account|user|recipient|e-?mail address|address).{0,60}(disabled|inactiv|"
        r"discontinued|deactivated|closed|"
        r"deleted|abandoned)|inactive (e-?mail )?(address|account|user|mailbox)",
    ),
    (
        OFF,
        r"(mailbox|account|user|recipient|destinataire|address).{0,60}(suspend|frozen|bloqu|archiv|temporar|locked|"
        r"on hold|blocked)",
    ),
    (
        TOO_LARGE,
        r"too (large|big|long)|size.{0,60}(limit|exceed|maximum)|exceed\w*.{0,60}(size|length)|length.{0,20}exceed|"
        r"message size|taille limite",
    ),
    (UNWANTED, r"recipient address rejected|recipient.{0,30}(rejected|refused|denied)"),
    (
        REFUSED,
        r"spam|virus|malware|phish|content|attachment|unsolicited|suspicious|header|policy|polic(y|ies)|\bube\b|"
        r"rejet",
    ),
    (
        SERVER,
        r"system (storage|resources)|insufficient (system|disk)|try (again )?later|veuillez essayer plus tard|"
        r"lookup fail|"
        r"local error|internal error|server (is )?(busy|error)|busy\b|service (not|un)(currently)? ?available|"
        r"service currently unavailable|time ?d? ?out|connection (refused|lost)|temporar",
    ),
)

# (subject, detail) of an enhanced status. X.1.0, X.2.0, X.5.0 and X.7.0 say nothing by themselves.
STATUS: dict[tuple[int, int], Verdict] = {
    **dict.fromkeys([(1, 1), (1, 3), (1, 6), (1, 10), (2, 1), (7, 17)], UNKNOWN_USER),
    **dict.fromkeys([(1, 2), (4, 4), (7, 18)], UNKNOWN_HOST),
    **dict.fromkeys([(1, 7), (1, 8), (1, 9), (7, 26), (7, 27), (7, 60), (7, 509)], SENDER),
    **dict.fromkeys([(7, number) for number in range(20, 25)], SENDER),  # DKIM (RFC 6376), SPF (RFC 7372)
    # Log-in (RFC 4954, RFC 5248), reverse DNS (RFC 7372), Exchange's (5.7.57: not authenticated; 606-649: banned IP).
    **dict.fromkeys([(7, 3), (7, 8), (7, 11), (7, 13), (7, 25), (7, 57), (7, 64), (7, 506), (7, 508)], ACCOUNT),
    **dict.fromkeys([(7, number) for number in (501, 502, 503, 511, *range(606, 650), *range(700, 709), 750)], ACCOUNT),
    **dict.fromkeys([(7, number) for number in (504, 505, 507, 513, *range(120, 137))], UNWANTED),
    (2, 2): FULL,
    **dict.fromkeys([(2, 3), (3, 4)], TOO_LARGE),
    **dict.fromkeys([(5, 3), (4, 5), (7, 28)], LIMIT),
    **dict.fromkeys([(3, number) for number in (0, 1, 2, 3, 5)], SERVER),
    **dict.fromkeys([(4, number) for number in (0, 1, 2, 3, 6, 7)], SERVER),
}
# Exchange Online says this of a recipient that its directory does not have (directory-based edge blocking).
NOT_IN_DIRECTORY = re.compile(r"5\.4\.1\b.*recipient address rejected: access denied", re.IGNORECASE)
LOG_IN_CODES = (530, 534, 535, 538)  # RFC 4954

ENHANCED = re.compile(r"^[\s'#(]*([245])\.(\d{1,3})\.(\d{1,3})\b")
ANY_STATUS = re.compile(r"(?<![\d.])[245]\.\d{1,3}\.\d{1,3}(?![\d.])")
ADDRESS = re.compile(r"[^\s<>()\[\]:;,\"']+@[^\s<>()\[\]:;,\"']+")  # its local part may have any word
QUOTE = re.compile(r"\bsaid:\s*(?:(\d{3})[ -])?(.*)", re.IGNORECASE | re.DOTALL)
PERIOD = re.compile(r"\b(?:in|after|for|within)\s+(\d{1,5})\s*(second|sec\b|minute|min\b|hour|day)", re.IGNORECASE)
OF_A_DAY, OF_AN_HOUR = re.compile(r"\bda(y|ily)\b|24 ?h", re.IGNORECASE), re.compile(r"\bhour", re.IGNORECASE)
SECONDS = {"sec": 1.0, "min": 60.0, "hou": HOUR, "day": DAY}
_TABLE = [(verdict, re.compile(words, re.IGNORECASE)) for verdict, words in WORDS]


def judge(code: int, text: str) -> Verdict:
    """Whose fault is this refusal? `text` is the reply without its three digits, on one line."""
    quoted = QUOTE.search(text)
    if quoted is not None and quoted[2].strip():
        inner = judge(int(quoted[1] or code), quoted[2])
        return Verdict(inner.fault, inner.reason, inner.wait, is_quoted=True)
    if NOT_IN_DIRECTORY.search(text):
        return UNKNOWN_USER
    status = status_of(text)
    verdict = _by_words(text) or STATUS.get(status) if status else _by_words(text)
    verdict = verdict or _by_code(code)
    return Verdict(verdict.fault, verdict.reason, period_of(text)) if verdict.reason == "limit" else verdict


def status_of(text: str) -> tuple[int, int] | None:
    """(subject, detail) of the enhanced status, if the reply begins with one."""
    found = ENHANCED.match(text)
    return (int(found[2]), int(found[3])) if found else None


def period_of(text: str) -> float:
    """Seconds after which the limit that the words name is over, at the latest."""
    if found := PERIOD.search(text):
        return min(max(int(found[1]) * SECONDS[found[2][:3].lower()], SOON), DAY)
    if OF_A_DAY.search(text):
        return DAY
    return HOUR if OF_AN_HOUR.search(text) else SOON


def _by_words(text: str) -> Verdict | None:
    plain = " ".join(ADDRESS.sub("@", ANY_STATUS.sub(" ", text)).split())
    return next((verdict for verdict, words in _TABLE if words.search(plain)), None)


def _by_code(code: int) -> Verdict:
    """The three digits alone. 550 and 553 may be anything (RFC 5321, 4.2.3), so they don't prove an address dead."""
    if code in LOG_IN_CODES:
        return ACCOUNT
    if code in (551, 556):
        return UNKNOWN_USER
    if code in (552, 523):
        return TOO_LARGE
    return SERVER if code < 500 else REFUSED
