"""Brevo's transactional e-mail (POST /v3/smtp/email), and Brevo's answers.

https://developers.brevo.com/reference/send-transac-email. Brevo drops a request whose idempotencyKey it has seen within
the last 15 minutes (changelog of 2021; its guide says 30) and answers "duplicate_parameter":
https://developers.brevo.com/docs/heterogenous-versions-batch-emails
"""

from __future__ import annotations

import re

from django.conf import settings
from django.utils.translation import gettext as _

from delivery.channels.base import AccountProblem, Outcome, Result
from delivery.channels.email.bulk_calls import RecipientPart, SharedPart
from delivery.channels.email.outgoing import Email
from delivery.providers.brevo import message, versions
from delivery.providers.http_api import Answer, BulkApi, Call, as_key, base_url

BASE_URLS = {"global": "https://api.brevo.com"}
REPEAT = "duplicate_parameter"
# "Sending has been rejected because the sender you used x is not valid. Validate your sender or authenticate your
# domain", "valid sender email required": the sender is the same for everybody in the batch.
BAD_SENDER = re.compile(
    r"\bsender\b.*\b(not (valid|verified|validated|authenticated|active)|invalid|unverified|inactive)\b|"
    r"\b(invalid|unverified|valid) sender\b",
    re.IGNORECASE | re.DOTALL,
)


class BrevoApi(BulkApi):
    label = "Brevo"
    key_place = "SMTP & API → API Keys"
    messages_per_call = versions.MAX_VERSIONS

    def __init__(self, options: dict, secret: dict):
        # Off until somebody has verified on a real account that Brevo respects the key: if it did not, a repeated call
        # would send a second message.
        self.is_idempotent = settings.BREVO_REPEATS
        key = as_key(secret.get("api_key"), self.label)
        self._base = base_url("brevo", BASE_URLS["global"])
        self._headers = {"api-key": key, "Content-Type": "application/json", "Accept": "application/json"}
        self.secrets = (key,)

    def send_request(self, outgoing: Email) -> Call:
        key = message.idempotency_key(outgoing)
        return self._sending(message.body(outgoing, key), key)

    def max_in_call(self, shared_part: SharedPart) -> int:
        return min(self.messages_per_call, versions.MAX_CALL_BYTES // (shared_part.size + 1))

    def bulk_request(self, recipient_parts: list[RecipientPart]) -> Call:
        key = versions.idempotency_key(recipient_parts)
        return self._sending(versions.body(recipient_parts, key), key)

    def _sending(self, body: bytes, key: str) -> Call:
        # The guide calls the key a header and shows it in the body.
        return Call("POST", f"{self._base}/v3/smtp/email", {**self._headers, "idempotencyKey": key}, body)

    def check_request(self) -> Call:
        return Call("GET", f"{self._base}/v3/account", self._headers)

    def account_summary(self, answer: Answer) -> str:
        account = answer.json()
        relay = account.get("relay")
        if isinstance(relay, dict) and relay.get("enabled") is False:
            raise AccountProblem(
                _("Brevo hasn't enabled transactional e-mail for this account yet. Contact Brevo support.")
            )
        name = account.get("companyName") or account.get("email") or "?"
        return _("The key works. Brevo account: “%(account)s”.") % {"account": str(name)[:120]}

    def message_id(self, answer: Answer) -> str:
        return str(answer.json().get("messageId") or "")

    def message_ids(self, answer: Answer, n: int) -> list[str]:
        ids = answer.json().get("messageIds")
        return [str(found) for found in ids] if isinstance(ids, list) and len(ids) == n else [""] * n

    def error_text(self, answer: Answer) -> str:
        words = answer.json()
        return f"{words.get('code') or ''} {words.get('message') or ''}"

    def particular_outcome(self, answer: Answer, sender: str) -> Outcome | None:
        if self.is_repeat(answer):
            # The answer to a first call: Brevo has seen a call of an earlier run, and does not tell its outcome.
            return Outcome(Result.UNKNOWN, "lost_reply", self.quote(answer))
        words = answer.json()
        code, message = str(words.get("code")), str(words.get("message"))
        if code == "not_enough_credits":
            raise AccountProblem(
                _("Your %(provider)s account has no credit left. Its answer: %(detail)s")
                % {"provider": self.label, "detail": self.quote(answer)}
            )
        if code == "invalid_parameter" and "not valid" in message and message.endswith(" in to"):
            return Outcome(Result.HARD, "user_unknown", self.quote(answer))
        if answer.status in (400, 403, 422) and BAD_SENDER.search(message):
            return self.refused_sender(answer)
        return None

    def is_repeat(self, answer: Answer) -> bool:
        return answer.status in (400, 409) and answer.json().get("code") == REPEAT
