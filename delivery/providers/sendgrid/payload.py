"""SendGrid's Mail Send (POST /v3/mail/send), and SendGrid's answers.

https://www.twilio.com/docs/sendgrid/api-reference/mail-send/mail-send.
"""

from __future__ import annotations

import re

from django.utils.translation import gettext as _

from delivery.channels.base import AccountProblem, Outcome, Result
from delivery.channels.email.bulk_calls import RecipientPart
from delivery.channels.email.outgoing import Email
from delivery.providers.http_api import Answer, BulkApi, Call, as_key, base_url
from delivery.providers.sendgrid import message, personalizations

PLACE = re.compile(r"personalizations\.(\d+)\.to\.0\.email", re.ASCII)
BASE_URLS = {"global": "https://api.sendgrid.com", "eu": "https://api.eu.sendgrid.com"}


class SendGridApi(BulkApi):
    label = "SendGrid"
    key_place = "Settings → API Keys"
    messages_per_call = 1000

    def __init__(self, options: dict, secret: dict):
        key = as_key(secret.get("api_key"), self.label)
        usual = BASE_URLS.get(options.get("region") or "global", BASE_URLS["global"])
        self._base = base_url("sendgrid", usual)
        self._headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
        self.secrets = (key,)

    def send_request(self, outgoing: Email) -> Call:
        return self._sending(message.body(outgoing))

    def bulk_request(self, recipient_parts: list[RecipientPart]) -> Call:
        return self._sending(personalizations.body(recipient_parts))

    def _sending(self, body: bytes) -> Call:
        return Call("POST", f"{self._base}/v3/mail/send", self._headers, body)

    def check_request(self) -> Call:
        return Call("GET", f"{self._base}/v3/scopes", self._headers)

    def account_summary(self, answer: Answer) -> str:
        if "mail.send" not in answer.json().get("scopes", []):
            raise AccountProblem(_("The key is valid but can't send. Give it the “Mail Send” permission in SendGrid."))
        return _("The key works and can send e-mail with SendGrid.")

    def message_id(self, answer: Answer) -> str:
        return answer.headers.get("X-Message-Id", "")

    def error_text(self, answer: Answer) -> str:
        return "; ".join(error["message"] for error in _errors(answer))

    def particular_outcome(self, answer: Answer, sender: str) -> Outcome | None:
        if answer.status == 503:  # documented as: the Web API is not available
            return Outcome(Result.LATER, "temporary", self.quote(answer))
        if answer.status == 400 and any(_is_about_recipient(error) for error in _errors(answer)):
            return Outcome(Result.HARD, "user_unknown", self.quote(answer))
        if answer.status in (400, 403) and any(_is_about_sender(error) for error in _errors(answer)):
            return self.refused_sender(answer)
        return None

    def outcomes_by_position(self, answer: Answer, n: int) -> dict[int, Outcome]:
        """SendGrid names the position: `"field": "personalizations.3.to.0.email"`."""
        named: dict[int, Outcome] = {}
        for error in _errors(answer):
            found = PLACE.fullmatch(str(error.get("field")))
            if found is None or not _is_about_recipient(error) or int(found[1]) >= n:
                return {}
            named[int(found[1])] = Outcome(Result.HARD, "user_unknown", self.quote(answer))
        return named


def _errors(answer: Answer) -> list[dict]:
    errors = answer.json().get("errors")
    found = errors if isinstance(errors, list) else []
    return [error for error in found if isinstance(error, dict) and isinstance(error.get("message"), str)]


def _is_about_sender(error: dict) -> bool:
    return error.get("field") in ("from", "from.email") or "verified Sender Identity" in error["message"]


def _is_about_recipient(error: dict) -> bool:
    field = str(error.get("field"))
    return field.startswith("personalizations") and field.endswith(".email") and "valid address" in error["message"]
