"""A message as Brevo takes it (POST /v3/smtp/email), and Brevo's answers.

https://developers.brevo.com/reference/send-transac-email. Brevo drops a request whose idempotencyKey it has seen within
15 minutes (changelog of 2021; its guide says 30) and answers "duplicate_parameter":
https://developers.brevo.com/docs/heterogenous-versions-batch-emails
"""

from __future__ import annotations

import json
import uuid

from django.conf import settings
from django.utils.translation import gettext as _

from delivery.channels import http_pieces
from delivery.channels.base import AccountProblem, Outcome, Outgoing, Result
from delivery.channels.http_api import Answer, Api, Call, as_key, base_url

BASE_URLS = {"global": "https://api.brevo.com"}
LONGEST_NAME = 70  # characters, Brevo's limit
KEYS = uuid.UUID("6f6b3c52-3a0b-5d0e-9a3d-0c9d5f1f5a10")  # the name space of our keys; never to be changed
REPEAT = "duplicate_parameter"


class BrevoApi(Api):
    label = "Brevo"
    key_place = "SMTP & API → API Keys"

    def __init__(self, options: dict, secret: dict):
        # Off until somebody has seen on a real account that Brevo takes the key: if it did not, a repeated call would
        # be a second message.
        self.is_idempotent = settings.BREVO_REPEATS
        key = as_key(secret.get("api_key"), self.label)
        self._base = base_url("brevo", BASE_URLS["global"])
        self._headers = {"api-key": key, "Content-Type": "application/json", "Accept": "application/json"}
        self.secrets = (key,)

    def sending(self, outgoing: Outgoing) -> Call:
        key = idempotency_key(outgoing)
        # The guide calls it a header and shows it in the body.
        return Call(
            "POST", f"{self._base}/v3/smtp/email", {**self._headers, "idempotencyKey": key}, body(outgoing, key)
        )

    def checking(self) -> Call:
        return Call("GET", f"{self._base}/v3/account", self._headers)

    def found(self, answer: Answer) -> str:
        account = answer.json()
        relay = account.get("relay")
        if isinstance(relay, dict) and relay.get("enabled") is False:
            raise AccountProblem(_("Brevo has not yet opened this account for transactional e-mail. Ask its support."))
        name = account.get("companyName") or account.get("email") or "?"
        return _("Brevo knows the key. The account is “%(account)s”.") % {"account": str(name)[:120]}

    def message_id(self, answer: Answer) -> str:
        return str(answer.json().get("messageId") or "")

    def said(self, answer: Answer) -> str:
        words = answer.json()
        return f"{words.get('code') or ''} {words.get('message') or ''}"

    def refused(self, answer: Answer) -> Outcome | None:
        if self.is_repeat(answer):
            # To a first call: an earlier run's was seen, and what came of that one is not said.
            return Outcome(Result.UNKNOWN, "lost_reply", self.quote(answer))
        words = answer.json()
        code, message = str(words.get("code")), str(words.get("message"))
        if code == "not_enough_credits":
            raise AccountProblem(
                _("The %(provider)s account has no credit left. It says: %(detail)s")
                % {"provider": self.label, "detail": self.quote(answer)}
            )
        if code == "invalid_parameter" and "not valid" in message and message.endswith(" in to"):
            return Outcome(Result.HARD, "user_unknown", self.quote(answer))
        return None

    def is_repeat(self, answer: Answer) -> bool:
        return answer.status in (400, 409) and answer.json().get("code") == REPEAT


def idempotency_key(outgoing: Outgoing) -> str:
    """The same for every call that is for this batch and contact."""
    return str(uuid.uuid5(KEYS, f"{outgoing.batch_id}/{outgoing.contact_id}"))


def body(outgoing: Outgoing, key: str) -> bytes:
    """The request's JSON; the texts, its bulk, are JSON already. Raises http_pieces.NotOurLayout."""
    pieces = http_pieces.of(outgoing)
    about = {
        "sender": _mailbox(outgoing.sender, pieces.from_name),
        "to": [_mailbox(outgoing.recipient, pieces.to_name)],
        "subject": outgoing.subject,
        # X-Mailin-custom comes back in Brevo's events: ids, nothing personal.
        "headers": {
            **pieces.headers,
            "idempotencyKey": key,
            "X-Mailin-custom": f"batch:{outgoing.batch_id}|contact:{outgoing.contact_id}",
        },
        "tags": [f"batch-{outgoing.batch_id}"],
    }
    if pieces.reply_to:
        about["replyTo"] = {"email": pieces.reply_to}
    texts = b'"htmlContent": %b' % pieces.html
    if pieces.text != http_pieces.EMPTY:
        texts += b', "textContent": %b' % pieces.text
    return b"%b, %b}" % (json.dumps(about).encode()[:-1], texts)


def _mailbox(address: str, name: str) -> dict:
    return {"email": address, "name": name[:LONGEST_NAME]} if name else {"email": address}
