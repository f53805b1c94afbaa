"""Messages to send, and the way to a provider's server, as the tests of all of them use it."""

import asyncio
from dataclasses import dataclass, field
from typing import Any

import uvloop

from delivery.channels import registry
from delivery.channels.base import Desk, Outcome, Outgoing
from delivery.composing import Composer, Content

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


class Clerk:
    common = None

    def __init__(self):
        self.outcomes: list[tuple[int, Outcome]] = []

    def make(self, outgoing):
        outgoing.settle = self.settle
        return outgoing

    def settle(self, contact_id, outcome):
        self.outcomes.append((contact_id, outcome))


def account_of(slug: str, **options) -> Account:
    return Account(OPTIONS[slug] | options)


def message(who: str, contact_id: int = 1, **values) -> Outgoing:
    composer = Composer(7, 12, CONTENT)
    return composer.compose(contact_id, f"{who}@x.example", {"first_name": "Zoé", "full_name": "Zoé Müller"} | values)


def carry(slug: str, people: list, clerk: Clerk | None = None, **options) -> tuple[dict[int, Outcome], Desk]:
    """Send them as a lane would; the outcomes by contact id, each of them told once."""
    clerk = clerk or Clerk()
    return carry_of(slug, [(clerk, person) for person in people], clerk.outcomes, **options)


def carry_of(
    slug: str, people: list[tuple[Clerk, Any]], outcomes: list[tuple[int, Outcome]], **options
) -> tuple[dict[int, Outcome], Desk]:
    """The same for people of several clerks, who write down `outcomes` on one list."""

    async def run():
        desk = Desk()
        carrier = registry.find(slug).carrier(account_of(slug, **options), desk)
        put(desk, people)
        async with asyncio.timeout(10):
            while len(outcomes) < len(people):
                await asyncio.sleep(0.01)
        await carrier.close()
        return desk

    desk = uvloop.run(run())
    assert sorted(contact_id for contact_id, _ in outcomes) == sorted(person.contact_id for _, person in people)
    return dict(outcomes), desk


def put(desk: Desk, people: list[tuple[Clerk, Any]]) -> None:
    """All of them, before the carrier looks."""
    kick, desk.kick = desk.kick, lambda: None
    for clerk, person in people:
        desk.put(clerk, [person])
    desk.kick = kick
    kick()


def send(server, answer=None, who="who") -> tuple[Outcome, Desk]:
    if answer is not None:
        server.answers[who] = answer if isinstance(answer, list) else [answer]
    outcomes, desk = carry(server.slug, [message(who)])
    return outcomes[1], desk
