"""People with everything that a condition can ask about."""

from __future__ import annotations

import datetime
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal

from django.db import connection
from django.utils import timezone

from contacts.contact_events import writing
from contacts.contact_events.writing import NewEvent, key_of
from contacts.models import (
    Company,
    CompanyContact,
    Consent,
    Contact,
    ContactField,
    ContactImport,
    ContactList,
    ContactTag,
    ImportedContacts,
    ListMember,
    Segment,
    Signup,
    SignupForm,
    Tag,
    Topic,
    TopicChoice,
)
from delivery.models import Batch, Hit, Message, ProviderAccount, TrackedLink
from kernel.tenancy import require_workspace_id

SIZE = 40
CITIES = ["Lyon", "lyon", "Évry", "Saint-Étienne", "", None, "100%_"]
DOMAINS = ["a.example", "münchen.de", "sub.a.example", "b.fr"]
SENT, FAILED = Message.State.ACCEPTED, Message.State.FAILED
BATCHES = 4
EVENTS = ["Order", "Visit: shop's “A”"]
LINKS = ["https://shop.example/Sale?x=1", "https://shop.example/about"]


@dataclass
class Facts:
    """What is known about one person. Days count from today: -3 is three days ago."""

    n: int
    email: str | None
    texts: dict[str, str]
    attributes: dict
    created: int
    statuses: dict[str, str]
    address_kind: str = ""
    inactive: bool = False
    source: str = "form"
    imported: int | None = None
    forms: set[int] = field(default_factory=set)
    tags: set[str] = field(default_factory=set)
    lists: set[str] = field(default_factory=set)
    companies: list[dict] = field(default_factory=list)
    consents: list[tuple[str, str, int]] = field(default_factory=list)  # channel, state, day
    topic: bool | None = None
    messages: list[dict] = field(default_factory=list)
    links: set[int] = field(default_factory=set)
    events: list[dict] = field(default_factory=list)

    @property
    def domain(self) -> str | None:
        return self.email and self.email.rpartition("@")[2]

    def day(self, name: str) -> datetime.date | None:
        text = self.attributes.get(name)
        return datetime.date.fromisoformat(text) if text else None

    def newest(self, channel: str, state: str) -> int | None:
        days = [day for at, what, day in self.consents if (at, what) == (channel, state)]
        return max(days) if days else None

    def facts(self, fact: str) -> list[int]:
        """The days on which one of the person's messages was sent, opened, clicked, or bounced softly."""
        return [day for message in self.messages if (day := message[fact]) is not None]


@dataclass
class World:
    people: list[Facts]
    today: datetime.date
    ids: dict[str, str]  # what rules choose, by the names that they have in `condition_answers`


def make_facts(today: datetime.date) -> list[Facts]:
    chance = random.Random(20261128)
    return [_facts(n, chance, today) for n in range(SIZE)]


def _facts(n: int, chance: random.Random, today: datetime.date) -> Facts:
    def maybe(values: list):
        return chance.choice([None, *values])

    day = maybe([0, -1, -3, -4, -30, 1, 3, 4, 30, -4000, -36_000])
    city, points = chance.choice(CITIES), maybe([0, 10, 10.5, -3])
    born = maybe([0, -1, 2, 6, 40]) if n else 0
    birthday = (
        None if born is None else _years_before(today + datetime.timedelta(born), chance.choice([0, 17, 18, 19, 64]))
    )
    attributes = {
        "city": city,
        "points": points,
        "due": None if day is None else (today + datetime.timedelta(day)).isoformat(),
        "born": birthday and birthday.isoformat(),
        "vip": maybe([True, False]),
        "size": maybe(["S", "M"]),
    }
    texts = {
        "first_name": chance.choice(["Ann", "ANN", "Zoë", ""]),
        "last_name": chance.choice(["Smith", "Smithson", ""]),
        "phone": f"+3361234{n:04}" if chance.random() < 0.5 else "",
        "external_id": f"C-{n}" if chance.random() < 0.5 else "",
        "language": chance.choice(["fr", "de", "sv", ""]),
    }
    statuses = {
        name: chance.choice(["subscribed", "pending", "unsubscribed"])
        for name in ("status", "sms_status", "whatsapp_status", "tracking_status")
    }
    one = Facts(
        n,
        None if texts["external_id"] and chance.random() < 0.2 else f"p{n}@{chance.choice(DOMAINS)}",
        texts,
        {key: value for key, value in attributes.items() if value is not None},
        chance.choice([0, -1, -3, -4, -30, -4000]),
        statuses,
        inactive=chance.random() < 0.3,
        source=chance.choice(["form", "import", "signup"]),
        imported=maybe([0, 1]),
        forms={form for form in (0, 1) if chance.random() < 0.3},
        tags={tag for tag in "tuv" if chance.random() < 0.25},
        lists={each for each in "lm" if chance.random() < 0.3},
        topic=maybe([True, False]),
    )
    if one.email is None:
        one.address_kind = ""
    for number in range(chance.choice([0, 0, 1, 2])):
        one.companies.append(_company(n, number, chance))
    for channel in ("email", "sms", "whatsapp", "tracking"):
        for _ in range(chance.choice([0, 1, 2])):
            one.consents.append(
                (channel, chance.choice(["granted", "withdrawn"]), chance.choice([0, -3, -4, -30, -900]))
            )
    for batch in range(BATCHES):
        if chance.random() < 0.6:
            one.messages.append(_message(batch, chance))
    one.events = [_event(chance) for _ in range(chance.choice([0, 0, 1, 2, 3, 5]))]
    one.links = {link for link in range(len(LINKS)) if chance.random() < 0.3}
    return one


def _company(n: int, number: int, chance: random.Random) -> dict:
    return {
        "name": f"Company {n} {number}" if chance.random() < 0.5 else f"ACME {n} {number}",
        "kind": chance.choice(["client", "prospect"]),
        "status": chance.choice(["active", "inactive"]),
        "industry": chance.choice(["", "Food", "Food trade"]),
        "size": chance.choice(["", "10", "250"]),
        "website": chance.choice(["", "https://acme.fr", "https://acme.de"]),
        "email": chance.choice(["", "hi@acme.fr"]),
        "phone": chance.choice(["", "+33612345678"]),
        "role": chance.choice(["administrator", "internal"]),
        "deleted": chance.random() < 0.2,
    }


def _event(chance: random.Random) -> dict:
    value = chance.choice([None, -5, 10, 10.5, 60])
    return {
        "name": chance.choice(EVENTS),
        "day": chance.choice([0, -3, -4, -30, -4000]),
        "value": value,
        "currency": "" if value is None else chance.choice(["EUR", "CHF"]),
        "shop": chance.choice([None, "Lyon", "LYON", "Évry", 7]),
    }


def _message(batch: int, chance: random.Random) -> dict:
    settled = -10 * (batch + 1)
    failed = chance.random() < 0.25
    opened = None if failed or chance.random() < 0.5 else settled + chance.choice([0, 3])
    return {
        "batch": batch,
        "sent": None if failed else settled,
        "soft_bounced": settled if failed else None,
        "opened": opened,
        "clicked": opened if chance.random() < 0.5 else None,
    }


def _years_before(day: datetime.date, years: int) -> datetime.date:
    try:
        return day.replace(year=day.year - years)
    except ValueError:
        return day.replace(year=day.year - years, day=28)


def build(workspace) -> World:
    """The people and everything around them, in the active scope."""
    today = timezone.now().astimezone(workspace.zone).date()
    people = make_facts(today)
    noon = datetime.datetime.combine(today, datetime.time(12), tzinfo=workspace.zone)

    def at(day: int | None) -> datetime.datetime | None:
        return None if day is None else noon + datetime.timedelta(day)

    for name, kind in [("city", "text"), ("points", "number"), ("due", "date"), ("born", "date"), ("vip", "boolean")]:
        ContactField.objects.create(name=name, label=name, kind=kind)
    ContactField.objects.create(name="size", label="Size", kind="choice", choices=["S", "M"])
    imports = [_import(f"file {n}.csv") for n in range(2)]
    made = Contact.objects.bulk_create(
        Contact(
            email=one.email,
            phone=one.texts["phone"] or None,
            external_id=one.texts["external_id"] or None,
            first_name=one.texts["first_name"],
            last_name=one.texts["last_name"],
            language=one.texts["language"],
            attributes=one.attributes,
            created_at=at(one.created),
            inactive_at=at(-1) if one.inactive else None,
            source=one.source,
            **one.statuses,
        )
        for one in people
    )
    ids = {f"import {n}": imports[n].pk for n in range(2)}
    _note_imports(people, made, imports)
    ids |= _memberships(people, made)
    ids |= _origins(people, made, at)
    _companies(people, made)
    ids |= _consents(people, made, at)
    ids |= _engagement(people, made, at)
    _events(people, made, at)
    ids |= _segments()
    return World(people, today, {name: str(pk) for name, pk in ids.items()})


def _note_imports(people: list, made: list[Contact], imports: list[ContactImport]) -> None:
    for n, one in enumerate(imports):
        ids = [contact.pk for contact, fact in zip(made, people, strict=True) if fact.imported == n]
        ImportedContacts.objects.create(
            contact_import=one, effect="created", first_id=min(ids), last_id=max(ids), contact_ids=ids
        )


def _import(name: str) -> ContactImport:
    return ContactImport.objects.create(
        name=name, size=1, sha256="0", encoding="utf-8", delimiter=",", state=ContactImport.State.DONE
    )


def _memberships(people: list[Facts], made: list[Contact]) -> dict[str, int]:
    """The tag "v" is in the trash: it can't be chosen, and nobody counts as having it."""
    tags = {name: Tag.objects.create(name=name) for name in "tuv"}
    lists = {name: ContactList.objects.create(name=name) for name in "lm"}
    pairs = list(zip(people, made, strict=True))
    ContactTag.objects.bulk_create(ContactTag(contact=c, tag=tags[name]) for one, c in pairs for name in one.tags)
    ListMember.objects.bulk_create(
        ListMember(contact=c, contact_list=lists[name]) for one, c in pairs for name in one.lists
    )
    tags["v"].discard()
    return {f"tag {name}": tags[name].pk for name in "tu"} | {f"list {name}": lists[name].pk for name in "lm"}


def _origins(people: list[Facts], made: list[Contact], at: Callable) -> dict[str, int]:
    """Form 2 was only filled in, by everybody, and confirmed by nobody."""
    forms = [SignupForm.objects.create(name=f"form {n}", title="F", wording="Yes") for n in range(3)]
    for one, contact in zip(people, made, strict=True):
        for form in (*one.forms, 2):
            Signup.objects.create(
                form=forms[form],
                contact=contact,
                email=contact.email or "x@example.com",
                wording="Yes",
                wording_version="1",
                confirmed_at=None if form == 2 else at(-1),
                expires_at=at(1),
            )
    return {f"form {n}": form.pk for n, form in enumerate(forms)}


def _companies(people: list[Facts], made: list[Contact]) -> None:
    for one, contact in zip(people, made, strict=True):
        for values in one.companies:
            fields = {key: value for key, value in values.items() if key not in ("role", "deleted")}
            company = Company.objects.create(**fields, deleted_at=timezone.now() if values["deleted"] else None)
            CompanyContact.objects.create(company=company, contact=contact, role=values["role"])


def _consents(people: list[Facts], made: list[Contact], at: Callable) -> dict[str, int]:
    """Everybody also declined a topic today, which is no unsubscribing from the channel."""
    topic = Topic.objects.create(name="News")
    rows = []
    for one, contact in zip(people, made, strict=True):
        for channel, state, day in one.consents:
            rows.append(Consent(contact=contact, channel=channel, state=state, source="member", at=at(day)))
        rows.append(Consent(contact=contact, topic=topic, state="withdrawn", source="member", at=at(0)))
        if one.topic is not None:
            TopicChoice.objects.create(topic=topic, contact=contact, wanted=one.topic)
    Consent.objects.bulk_create(rows)
    return {"topic": topic.pk}


def _engagement(people: list[Facts], made: list[Contact], at: Callable) -> dict[str, int]:
    """Four campaigns with two links each, and a test mail to everybody, which does not count. Clicks on the first link
    went to the first campaign; clicks on the second one to its repetition for failed messages."""
    account = ProviderAccount.objects.first()
    values = {"account": account, "expires_at": timezone.now()}
    batches = [Batch.objects.create(name=f"campaign {n}", **values) for n in range(BATCHES)]
    retry = Batch.objects.create(name="retry", origin_id=batches[0].pk, **values)
    test = Batch.objects.create(name="test", purpose="test", **values)
    links = [
        TrackedLink.objects.create(batch=batch, n=n, url=url)
        for batch in (batches[0], retry, batches[1], test)
        for n, url in enumerate(LINKS)
    ]
    for one, contact in zip(people, made, strict=True):
        for message in one.messages:
            Message.objects.create(
                batch=batches[message["batch"]],
                contact=contact,
                state=FAILED if message["sent"] is None else SENT,
                reason="mailbox_full" if message["sent"] is None else "",
                settled_at=at(message["sent"] or message["soft_bounced"]),
                opened_at=at(message["opened"]),
                clicked_at=at(message["clicked"]),
            )
        Message.objects.create(batch=test, contact=contact, state=SENT, settled_at=at(0), opened_at=at(0))
        hits = [((batches[0], retry)[link].pk, link, Hit.Kind.CLICK) for link in one.links]
        for batch_id, link, kind in [*hits, (batches[0].pk, None, Hit.Kind.OPEN), (test.pk, 0, Hit.Kind.CLICK)]:
            Hit.objects.create(batch_id=batch_id, contact_id=contact.pk, kind=kind, link=link, at=at(-1))
    return {f"campaign {n}": batch.pk for n, batch in enumerate(batches)} | {
        "link 0": links[0].pk,
        "link 1": links[1].pk,
        "link elsewhere": links[4].pk,
    }


def _events(people: list[Facts], made: list[Contact], at: Callable) -> None:
    rows = [
        NewEvent(
            contact.pk,
            event["name"],
            at(event["day"]),
            key_of("test", contact.pk, number),
            None if event["value"] is None else Decimal(str(event["value"])),
            event["currency"],
            {} if event["shop"] is None else {"shop": event["shop"]},
        )
        for one, contact in zip(people, made, strict=True)
        for number, event in enumerate(one.events)
    ]
    with connection.cursor() as cursor:
        writing.write(cursor, require_workspace_id(), rows, source="import")


def _segments() -> dict[str, int]:
    """ "outer" is everybody who is not in "inner": from Lyon."""

    def make(name: str, on: str, op: str, args: dict) -> int:
        rules = [{"on": on, "op": op, "with": args}]
        return Segment.objects.create(name=name, definition={"version": 1, "match": "all", "rules": rules}).pk

    inner = make("inner", "field:city", "is", {"value": "lyon"})
    outer = make("outer", "segment", "none", {"ids": [str(inner)]})
    return {"segment inner": inner, "segment outer": outer}
