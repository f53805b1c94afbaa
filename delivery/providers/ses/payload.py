"""One message in the form that Amazon SES takes (API v2, SendEmail with Content.Raw), and the answers of SES.

https://docs.aws.amazon.com/ses/latest/APIReference-V2/API_SendEmail.html. SES has no idempotency key. One message per
call: SendBulkEmail takes a template in Amazon's own language (stored at Amazon or sent along) and no finished message
(Content.Raw), so MIME, headers and escaping would all need a second implementation.
"""

from __future__ import annotations

import base64
import json
import re
from dataclasses import replace
from datetime import UTC, datetime
from email.utils import parseaddr

from django.utils.translation import gettext as _

from delivery.channels.base import AccountProblem, Outcome
from delivery.channels.email.outgoing import Email
from delivery.providers.http_api import Answer, Api, Call, as_key, base_url, wait_of
from delivery.providers.refusals import DAY
from delivery.providers.ses.signing import signed_headers

BASE_URLS = {"amazonaws": "https://email.{region}.amazonaws.com"}
REGIONS = (
    *("us-east-1", "us-east-2", "us-west-1", "us-west-2", "ca-central-1", "ca-west-1", "mx-central-1", "sa-east-1"),
    *("eu-central-1", "eu-central-2", "eu-north-1", "eu-south-1", "eu-south-2", "eu-west-1", "eu-west-2", "eu-west-3"),
    *("af-south-1", "il-central-1", "me-central-1", "me-south-1", "ap-east-2", "ap-south-1", "ap-south-2"),
    *("ap-southeast-1", "ap-southeast-2", "ap-southeast-3", "ap-southeast-4", "ap-southeast-5", "ap-southeast-6"),
    *("ap-southeast-7", "ap-northeast-1", "ap-northeast-2", "ap-northeast-3"),
)
THROTTLED = {"TooManyRequestsException", "ThrottlingException", "Throttling", "LimitExceededException"}
STOPPED = {"AccountSuspendedException", "SendingPausedException"}
REJECTED = {"MessageRejected", "MessageRejectedException"}
# "Email address is not verified. The following identities failed the check in region EU-WEST-3: a@x.example, x.example"
UNVERIFIED = re.compile(r"not verified", re.IGNORECASE)
WRONG_KEY = {
    "UnrecognizedClientException",
    "InvalidClientTokenId",
    "InvalidSignatureException",
    "SignatureDoesNotMatch",
}
RATE_WAIT = 1.0  # seconds: the quota is per second


class SesApi(Api):
    label = "Amazon SES"
    key_place = "IAM → Users → Security credentials"

    def __init__(self, options: dict, secret: dict):
        region = options.get("region")
        if region not in REGIONS:
            raise AccountProblem(_("Choose the region where Amazon SES is set up."))
        self._place = (region, "ses")
        self._base = base_url("ses", BASE_URLS["amazonaws"].format(region=region))
        self._key_id = as_key(options.get("access_key_id"), self.label)
        self._key = as_key(secret.get("secret_access_key"), self.label)
        self._configuration_set = options.get("configuration_set") or ""
        self.secrets = (self._key,)

    def send_request(self, outgoing: Email) -> Call:
        call = self._signed("POST", "/v2/email/outbound-emails", body(outgoing, self._configuration_set))
        return replace(call, sender=outgoing.sender)

    def check_request(self) -> Call:
        return self._signed("GET", "/v2/email/account", b"")

    def _signed(self, method: str, path: str, content: bytes) -> Call:
        url, headers = self._base + path, {"Content-Type": "application/json"}
        now = datetime.now(UTC)
        headers = signed_headers(method, url, headers, content, now, self._place, self._key_id, self._key)
        return Call(method, url, headers, content)

    def account_summary(self, answer: Answer) -> str:
        """A sentence about the answer to GetAccount. Raises AccountProblem, also for an account in the sandbox of SES:
        it can write to verified addresses only."""
        account = answer.json()
        if account.get("EnforcementStatus") == "SHUTDOWN" or account.get("SendingEnabled") is False:
            raise AccountProblem(_("AWS has suspended sending for this account. Check the SES console for details."))
        if account.get("ProductionAccessEnabled") is False:
            raise self._in_sandbox()
        quota = account.get("SendQuota")
        quota = quota if isinstance(quota, dict) else {}
        return _("The key works. Amazon SES allows %(rate)s messages per second and %(day)s per day.") % {
            "rate": f"{quota.get('MaxSendRate', 0):g}",
            "day": f"{quota.get('Max24HourSend', 0):g}",
        }

    def _in_sandbox(self) -> AccountProblem:
        return AccountProblem(
            _(
                "This account is in the Amazon SES sandbox and can only send to verified addresses. Request "
                "production access for the region %(region)s in the SES console."
            )
            % {"region": self._place[0]}
        )

    def message_id(self, answer: Answer) -> str:
        return str(answer.json().get("MessageId") or "")

    def error_text(self, answer: Answer) -> str:
        words = answer.json()
        return f"{_kind(answer)} {words.get('message') or words.get('Message') or ''}"

    def problem(self, answer: Answer) -> AccountProblem:
        # AWS answers 403 both for an unknown key and for one without the permission.
        return self.wrong_key(answer) if _kind(answer) in WRONG_KEY else super().problem(answer)

    def particular_outcome(self, answer: Answer, sender: str) -> Outcome | None:
        kind = _kind(answer)
        if kind == "MailFromDomainNotVerifiedException":
            return self.refused_sender(answer)
        if kind in REJECTED and UNVERIFIED.search(self.error_text(answer)):
            if _is_about_recipient(self.error_text(answer), sender):
                raise self._in_sandbox()
            return self.refused_sender(answer)
        if kind in STOPPED:
            raise AccountProblem(_("AWS has suspended sending for this account. Check the SES console for details."))
        if kind in THROTTLED or answer.status == 429:
            raise AccountProblem(
                _("%(provider)s isn't accepting more messages for now: %(detail)s")
                % {"provider": self.label, "detail": self.quote(answer)},
                _wait(answer, self.error_text(answer).lower()),
                limit=DAY if "daily" in self.error_text(answer).lower() else None,
            )
        return None


def body(outgoing: Email, configuration_set: str) -> bytes:
    """The request's JSON. The message is most of it and needs no escaping."""
    about = {
        "FromEmailAddress": outgoing.sender,
        "Destination": {"ToAddresses": [outgoing.recipient]},
        # SES returns them in its events: ids, nothing personal.
        "EmailTags": [
            {"Name": "batch", "Value": str(outgoing.batch_id)},
            {"Name": "contact", "Value": str(outgoing.contact_id)},
        ],
    }
    if configuration_set:
        about["ConfigurationSetName"] = configuration_set
    source = base64.b64encode(outgoing.source)
    return b'%b, "Content": {"Raw": {"Data": "%b"}}}' % (json.dumps(about).encode()[:-1], source)


def _kind(answer: Answer) -> str:
    """The error's name: `x-amzn-ErrorType: Name:http://...`, or in the body as `__type: prefix#Name`."""
    kind = answer.headers.get("x-amzn-ErrorType") or str(answer.json().get("__type") or "")
    return kind.partition(":")[0].rpartition("#")[2]


def _is_about_recipient(words: str, sender: str) -> bool:
    """Whether an address other than the sender is unverified: in Amazon's sandbox, recipients must be verified, too."""
    _, colon, names = words.rpartition(": ")
    found = {parseaddr(name)[1].lower() for name in names.split(",")} if colon else set()
    return bool(found) and not {sender.lower(), sender.lower().rpartition("@")[2]} & found


def _wait(answer: Answer, words: str) -> float:
    return RATE_WAIT if "sending rate" in words else wait_of(answer)
