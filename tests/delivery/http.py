"""A provider's HTTP interface with faults on demand, in a thread. The recipient's local part decides what happens."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import json
import threading
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from email import message_from_bytes, policy

from aiohttp import web

SEND_PATHS = {"sendgrid": "/v3/mail/send", "brevo": "/v3/smtp/email", "ses": "/v2/email/outbound-emails"}


@dataclass
class Seen:
    path: str
    headers: dict[str, str]
    body: bytes
    recipients: list[str] = field(default_factory=list)

    @property
    def json(self) -> dict:
        return json.loads(self.body)


class Server:
    """`answers` has, by a recipient's local part, the answers to consecutive calls: (status, headers, body), or one of
    "hang", "close" (without an answer), "noise" (not HTTP), "half" (a 2xx whose body breaks off). The last one is
    repeated. A bulk call gets the answer of its first recipient who has an entry in `answers`."""

    def __init__(self, slug: str):
        self.slug = slug
        self.base = ""
        self.answers: dict[str, list] = {}
        self.account: tuple = (200, {}, b"{}")  # the answer to the GET of a check
        self.seen: list[Seen] = []
        self.pause = 0.0
        self.refused_senders: set[str] = set()
        self.at_once = self.most_at_once = 0
        self._calls: Counter[str] = Counter()

    @property
    def recipients(self) -> list[str]:
        return [recipient for seen in self.seen for recipient in seen.recipients]

    async def handle(self, request: web.Request) -> web.StreamResponse:
        seen = Seen(request.path, dict(request.headers), await request.read())
        self.seen.append(seen)
        if request.method == "GET":
            return _response(*self.account)
        assert request.path == SEND_PATHS[self.slug]
        seen.recipients = recipients_of(self.slug, seen.json)
        self.at_once += 1
        self.most_at_once = max(self.at_once, self.most_at_once)
        try:
            await asyncio.sleep(self.pause)
            sender = sender_of(self.slug, seen.json)
            if sender in self.refused_senders:
                seen.recipients = []
                return _response(*refused_sender(self.slug, sender))
            return await self._answer(request, [recipient.partition("@")[0] for recipient in seen.recipients])
        finally:
            self.at_once -= 1

    async def _answer(self, request: web.Request, people: list[str]) -> web.StreamResponse:
        who = next((who for who in people if who in self.answers), people[0])
        planned = self.answers.get(who, [accepted(self.slug, *people)])
        answer = planned[min(self._calls[who], len(planned) - 1)]
        self._calls[who] += 1
        if answer == "hang":
            await asyncio.sleep(30)
        elif answer == "half":
            half = web.StreamResponse(status=201, headers={"Content-Length": "100"})
            await half.prepare(request)
            await half.write(b'{"messageId')
            request.transport.close()
            return half
        elif answer in ("close", "noise"):
            if answer == "noise":
                request.transport.write(b"220 not the server you want\r\n\r\n")
            request.transport.close()
        else:
            return _response(*_placed(answer, people.index(who)))
        return web.Response()


def accepted(slug: str, who: str, *others: str) -> tuple:
    """The provider's answer for an accepted message, or several."""
    if slug == "sendgrid":
        return 202, {"X-Message-Id": f"id-{who}"}, b""
    if others:
        return 201, {}, json.dumps({"messageIds": [f"id-{one}" for one in (who, *others)]}).encode()
    name = {"brevo": "messageId", "ses": "MessageId"}[slug]
    return (201 if slug == "brevo" else 200), {}, json.dumps({name: f"id-{who}"}).encode()


def refused(slug: str, status: int, message: str, code: str = "invalid_parameter", **headers: str) -> tuple:
    """The provider's answer for a refusal."""
    if slug == "sendgrid":
        body = {"errors": [{"message": message, "field": "personalizations.0.to.0.email", "help": None}]}
    elif slug == "brevo":
        body = {"code": code, "message": message}
    else:
        body, headers = {"message": message}, {"x-amzn-ErrorType": f"{code}:http://internal.amazon.com/", **headers}
    return status, headers, json.dumps(body).encode()


def refused_sender(slug: str, sender: str = "news@shop.example") -> tuple:
    """The provider's answer if the sender is not verified."""
    if slug == "sendgrid":
        words = "The from address does not match a verified Sender Identity. Mail cannot be sent until this is resolved"
        return 403, {}, json.dumps({"errors": [{"message": words, "field": "from", "help": None}]}).encode()
    if slug == "brevo":
        words = f"Sending has been rejected because the sender you used {sender} is not valid. Validate your sender"
        return refused("brevo", 400, words)
    words = "Email address is not verified. The following identities failed the check in region EU-WEST-3: "
    return refused("ses", 400, words + sender, "MessageRejected")


def _placed(answer: tuple, place: int) -> tuple:
    """SendGrid names the position of the recipient who caused the refusal of a bulk call."""
    status, headers, body = answer
    return status, headers, body.replace(b"personalizations.0.", b"personalizations.%d." % place)


def recipients_of(slug: str, sent: dict) -> list[str]:
    if slug == "ses":
        return sent["Destination"]["ToAddresses"]
    each = sent["personalizations"] if slug == "sendgrid" else sent.get("messageVersions", [sent])
    return [one["to"][0]["email"] for one in each]


def sender_of(slug: str, sent: dict) -> str:
    return sent["FromEmailAddress"] if slug == "ses" else sent["from" if slug == "sendgrid" else "sender"]["email"]


@dataclass
class Arrived:
    """A message as the provider would make it from a call."""

    sender: tuple[str, str]  # name, address
    recipient: tuple[str, str]
    subject: str
    text: str
    html: str
    reply_to: str
    headers: dict[str, str]


def arrived(slug: str, sent: dict) -> Arrived:
    if slug == "ses":
        return _from_mime(base64.b64decode(sent["Content"]["Raw"]["Data"]))
    if slug == "brevo":
        sender, to, reply_to = sent["sender"], sent["to"][0], sent["replyTo"]
        text, html = sent["textContent"], sent["htmlContent"]
    else:
        sender, to, reply_to = sent["from"], sent["personalizations"][0]["to"][0], sent["reply_to"]
        assert [part["type"] for part in sent["content"]] == ["text/plain", "text/html"]
        text, html = (part["value"] for part in sent["content"])
    names = [(who.get("name", ""), who["email"]) for who in (sender, to)]
    return Arrived(*names, sent["subject"], text, html, reply_to["email"], sent["headers"])


def _from_mime(source: bytes) -> Arrived:
    message = message_from_bytes(source, policy=policy.default)
    people = [message[name].addresses[0] for name in ("From", "To")]
    text, html = (message.get_body((kind,)).get_content().replace("\r\n", "\n") for kind in ("plain", "html"))
    names = [(who.display_name, who.addr_spec) for who in people]
    headers = {name: str(value) for name, value in message.items()}
    return Arrived(*names, message["Subject"], text, html, message["Reply-To"], headers)


def _response(status: int, headers: dict, body: bytes) -> web.Response:
    return web.Response(status=status, headers=headers, body=body)


@contextlib.contextmanager
def serving(slug: str) -> Iterator[Server]:
    server, loop, ready = Server(slug), asyncio.new_event_loop(), threading.Event()

    async def start() -> web.AppRunner:
        app = web.Application(client_max_size=10_000_000)
        app.router.add_route("*", "/{path:.*}", server.handle)
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        server.base = f"http://127.0.0.1:{runner.addresses[0][1]}"
        return runner

    def run():
        runner = loop.run_until_complete(start())
        ready.set()
        loop.run_forever()
        loop.run_until_complete(runner.cleanup())
        loop.close()

    thread = threading.Thread(target=run)
    thread.start()
    ready.wait(10)
    try:
        yield server
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
