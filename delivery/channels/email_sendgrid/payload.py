"""A message as SendGrid's Mail Send takes it (POST /v3/mail/send), and SendGrid's answers.

https://www.twilio.com/docs/sendgrid/api-reference/mail-send/mail-send. One message a call: with several, one lost reply
would put all of them in doubt.
"""

from __future__ import annotations

import json

from django.utils.translation import gettext as _

from delivery.channels import http_pieces
from delivery.channels.base import AccountProblem, Outcome, Outgoing, Result
from delivery.channels.http_api import Answer, Api, Call, as_key, base_url

BASE_URLS = {"global": "https://api.sendgrid.com", "eu": "https://api.eu.sendgrid.com"}
#: links and the pixel are ours already, and the way to unsubscribe too
NO_TRACKING = json.dumps(
    {
        "click_tracking": {"enable": False, "enable_text": False},
        "open_tracking": {"enable": False},
        "subscription_tracking": {"enable": False},
        "ganalytics": {"enable": False},
    }
).encode()


class SendGridApi(Api):
    label = "SendGrid"
    key_place = "Settings → API Keys"

    def __init__(self, options: dict, secret: dict):
        key = as_key(secret.get("api_key"), self.label)
        usual = BASE_URLS.get(options.get("region") or "global", BASE_URLS["global"])
        self._base = base_url("sendgrid", usual)
        self._headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
        self.secrets = (key,)

    def sending(self, outgoing: Outgoing) -> Call:
        return Call("POST", f"{self._base}/v3/mail/send", self._headers, body(outgoing))

    def checking(self) -> Call:
        return Call("GET", f"{self._base}/v3/scopes", self._headers)

    def found(self, answer: Answer) -> str:
        if "mail.send" not in answer.json().get("scopes", []):
            raise AccountProblem(_("SendGrid knows the key, but it may not send. Give it the permission “Mail Send”."))
        return _("SendGrid knows the key, and it may send e-mail.")

    def message_id(self, answer: Answer) -> str:
        return answer.headers.get("X-Message-Id", "")

    def said(self, answer: Answer) -> str:
        return "; ".join(error["message"] for error in _errors(answer))

    def refused(self, answer: Answer) -> Outcome | None:
        if answer.status == 503:  # documented: the Web API is not available
            return Outcome(Result.LATER, "temporary", self.quote(answer))
        if answer.status == 400 and any(_is_about_recipient(error) for error in _errors(answer)):
            return Outcome(Result.HARD, "user_unknown", self.quote(answer))
        return None


def body(outgoing: Outgoing) -> bytes:
    """The request's JSON; the texts, its bulk, are JSON already. Raises http_pieces.NotOurLayout."""
    pieces = http_pieces.of(outgoing)
    about = {
        "personalizations": [
            {
                "to": [_mailbox(outgoing.recipient, pieces.to_name)],
                # SendGrid's events bring them back, and SendGrid reads them: ids, nothing personal.
                "custom_args": {"batch": str(outgoing.batch_id), "contact": str(outgoing.contact_id)},
            }
        ],
        "from": _mailbox(outgoing.sender, pieces.from_name),
        "subject": outgoing.subject,
        "headers": pieces.headers,
    }
    if pieces.reply_to:
        about["reply_to"] = {"email": pieces.reply_to}
    parts = ((b"text/plain", pieces.text), (b"text/html", pieces.html))  # plain first: SendGrid insists
    content = b", ".join(b'{"type": "%b", "value": %b}' % part for part in parts if part[1] != http_pieces.EMPTY)
    return b'%b, "tracking_settings": %b, "content": [%b]}' % (json.dumps(about).encode()[:-1], NO_TRACKING, content)


def _mailbox(address: str, name: str) -> dict:
    return {"email": address, "name": name} if name else {"email": address}


def _errors(answer: Answer) -> list[dict]:
    errors = answer.json().get("errors")
    found = errors if isinstance(errors, list) else []
    return [error for error in found if isinstance(error, dict) and isinstance(error.get("message"), str)]


def _is_about_recipient(error: dict) -> bool:
    field = str(error.get("field"))
    return field.startswith("personalizations") and field.endswith(".email") and "valid address" in error["message"]
