"""Messages to send, and helpers that send them to a provider's server, for the tests of all providers."""

import asyncio
from dataclasses import dataclass, field
from typing import Any

import uvloop

from delivery import registry
from delivery.channels.base import Outbox, Outcome
from delivery.channels.email.composing import Composer, Content
from delivery.channels.email.outgoing import Email

SLUGS = ("sendgrid", "brevo", "ses")
SECRET = "SG.very-secret-word"
OPTIONS = {"sendgrid": {}, "brevo": {}, "ses": {"region": "eu-west-3", "access_key_id": "AKIDEXAMPLE"}}
CONTENT = Content(
    subject="Voilà, {{ first_name }} — 20 % = “off”",
    html="<html><body><p>Été {{ first_name }}</p>\n<p>" + "a long line = ✓ " * 20 + "</p>\n.\n</body></html>",
    text="Bonjour {{ first_name }},\n\n.dots\nété ✓\n",
    from_name="Zoë’s Boutique",
    from_email="news@shop.example",
    reply_to="hello@shop.example",
    list_name="Les nouvelles de l’été",
)


@dataclass
class Account:
    options: dict
    secret: dict = field(default_factory=lambda: {"api_key": SECRET, "secret_access_key": SECRET})


class MessageSource:
    def __init__(self):
        self.outcomes: list[tuple[int, Outcome]] = []

    def shared_part(self, _outgoing):
        return None

    def make(self, outgoing):
        outgoing.settle = self.settle
        return outgoing

    def settle(self, contact_id, outcome):
        self.outcomes.append((contact_id, outcome))


def account_of(slug: str, **options) -> Account:
    return Account(OPTIONS[slug] | options)


def message(who: str, contact_id: int = 1, **values) -> Email:
    composer = Composer(7, 12, CONTENT)
    return composer.compose(contact_id, f"{who}@x.example", {"first_name": "Zoé", "full_name": "Zoé Müller"} | values)


def deliver(
    slug: str, people: list, source: MessageSource | None = None, **options
) -> tuple[dict[int, Outcome], Outbox]:
    """Send as a lane would. Returns the outcomes by contact id, and the outbox. Each is settled once."""
    source = source or MessageSource()
    return deliver_from(slug, [(source, person) for person in people], source.outcomes, **options)


def deliver_from(
    slug: str, people: list[tuple[MessageSource, Any]], outcomes: list[tuple[int, Outcome]], **options
) -> tuple[dict[int, Outcome], Outbox]:
    """The same for people of several message sources, which append to one list of `outcomes`."""

    async def run():
        outbox = Outbox()
        transport = registry.find(slug).transport(account_of(slug, **options), outbox)
        put(outbox, people)
        async with asyncio.timeout(60):
            while len(outcomes) < len(people):
                await asyncio.sleep(0.01)
        await transport.close()
        return outbox

    outbox = uvloop.run(run())
    assert sorted(contact_id for contact_id, _ in outcomes) == sorted(person.contact_id for _, person in people)
    return dict(outcomes), outbox


def put(outbox: Outbox, people: list[tuple[MessageSource, Any]]) -> None:
    """Put all of them in the outbox before the transport is notified."""
    kick, outbox.kick = outbox.kick, lambda: None
    for source, person in people:
        outbox.put(source, [person])
    outbox.kick = kick
    kick()


def send(server, answer=None, who="who") -> tuple[Outcome, Outbox]:
    if answer is not None:
        server.answers[who] = answer if isinstance(answer, list) else [answer]
    outcomes, outbox = deliver(server.slug, [message(who)])
    return outcomes[1], outbox
