"""People with everything that a condition can ask about, and each condition with its answer in plain Python."""

from __future__ import annotations

import datetime
import random
from collections.abc import Callable
from dataclasses import dataclass, field

from django.utils import timezone

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

SIZE = 40
CITIES = ["Lyon", "lyon", "Évry", "Saint-Étienne", "", None, "100%_"]
DOMAINS = ["a.example", "münchen.de", "sub.a.example", "b.fr"]
SENT, FAILED = Message.State.ACCEPTED, Message.State.FAILED
BATCHES = 4
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
    ids: dict[str, str]  # what rules choose, by the names that they have in LEAVES


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
    values = {"content": {}, "account": account, "expires_at": timezone.now()}
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
            Hit.objects.create(batch_id=batch_id, contact_id=contact.pk, kind=kind, link=link, at=at(-1), folded=True)
    return {f"campaign {n}": batch.pk for n, batch in enumerate(batches)} | {
        "link 0": links[0].pk,
        "link 1": links[1].pk,
        "link elsewhere": links[4].pk,
    }


def _segments() -> dict[str, int]:
    """ "outer" is everybody who is not in "inner": from Lyon."""

    def make(name: str, on: str, op: str, args: dict) -> int:
        rules = [{"on": on, "op": op, "with": args}]
        return Segment.objects.create(name=name, definition={"version": 1, "match": "all", "rules": rules}).pk

    inner = make("inner", "field:city", "is", {"value": "lyon"})
    outer = make("outer", "segment", "none", {"ids": [str(inner)]})
    return {"segment inner": inner, "segment outer": outer}


def rule(on: str, op: str, **args) -> dict:
    return {"on": on, "op": op, "with": args}


Leaf = tuple[dict, Callable[[Facts, World], bool]]


def leaves() -> list[Leaf]:
    """Every operator of every kind of value, with its answer. Ids stand in rules as names of World.ids."""
    found: list[Leaf] = []
    found += _text("field:city", lambda one: one.attributes.get("city") or None, "LYON", "yo", "s", "ÉVRY")
    for name, sample in [
        ("first_name", "ann"),
        ("last_name", "SMITH"),
        ("phone", "+33612340001"),
        ("external_id", "c-3"),
    ]:
        found += _text(
            name, lambda one, name=name: one.texts[name] or None, sample, sample[1:3], sample[:1], sample[-2:]
        )
    found += _text("email", lambda one: one.email, "P1@a.example", "1@", "p1", "@XN--mnchen-3ya.de")
    found += _text("domain", lambda one: one.domain, "XN--MNCHEN-3YA.de", "nch", "sub.", ".example")
    found += _text("domain", lambda one: one.domain, "@münchen.DE", "xn--mnchen-3ya", "a", ".fr")
    found += _numbers() + _days("field:due", lambda one, world: _offset(one.day("due"), world)) + _birthdays()
    found += _days("created", lambda one, world: one.created)
    found += _choices("field:size", lambda one: one.attributes.get("size"), ["S"], presence=True)
    found += _choices("language", lambda one: one.texts["language"] or None, ["de", "sv"], presence=True)
    found += _choices("source", lambda one: one.source, ["import", "signup"])
    for name in ("status", "sms_status", "whatsapp_status", "tracking_status"):
        found += _choices(f"consent:{name}", lambda one, name=name: one.statuses[name], ["pending", "unsubscribed"])
    found += _groups() + _companies_asked() + _consent_days() + _topics() + _engaged()
    found += [
        (rule("field:vip", "yes"), lambda one, world: one.attributes.get("vip") is True),
        (rule("field:vip", "no"), lambda one, world: one.attributes.get("vip") is False),
        (rule("field:vip", "filled"), lambda one, world: "vip" in one.attributes),
        (rule("field:vip", "empty"), lambda one, world: "vip" not in one.attributes),
        (rule("inactive", "yes"), lambda one, world: one.inactive),
        (rule("inactive", "no"), lambda one, world: not one.inactive),
        (rule("address_kind", "any", values=["role"]), lambda one, world: False),
        (rule("address_kind", "empty"), lambda one, world: True),
    ]
    return found


def _text(on: str, value: Callable, whole: str, part: str, start: str, end: str) -> list[Leaf]:
    def stored(text: str) -> str:
        """The typed text in the one form in which it is compared."""
        return text.lower().replace("xn--mnchen-3ya", "münchen").removeprefix("@" if on == "domain" else "")

    def of(one: Facts) -> str:
        return (value(one) or "").lower()

    whole_list = [whole, "nobody", "Ann, Lee"]
    return [
        (rule(on, "is", value=whole), lambda one, world: of(one) == stored(whole)),
        (rule(on, "is_not", value=whole), lambda one, world: of(one) != stored(whole)),
        (rule(on, "one_of", values=whole_list), lambda one, world: of(one) == stored(whole)),
        (rule(on, "not_one_of", values=whole_list), lambda one, world: of(one) != stored(whole)),
        (rule(on, "contains", value=part), lambda one, world: stored(part) in of(one)),
        (rule(on, "contains_not", value=part), lambda one, world: stored(part) not in of(one)),
        (rule(on, "starts", value=start), lambda one, world: of(one).startswith(stored(start))),
        (rule(on, "ends", value=end), lambda one, world: of(one).endswith(stored(end))),
        *_presence(on, value),
    ]


def _presence(on: str, value: Callable) -> list[Leaf]:
    return [
        (rule(on, "filled"), lambda one, world: value(one) is not None),
        (rule(on, "empty"), lambda one, world: value(one) is None),
    ]


def _choices(on: str, value: Callable, keys: list[str], *, presence: bool = False) -> list[Leaf]:
    return [
        (rule(on, "any", values=keys), lambda one, world: value(one) in keys),
        (rule(on, "none", values=keys), lambda one, world: value(one) not in keys),
        *(_presence(on, value) if presence else []),
    ]


def _numbers() -> list[Leaf]:
    def points(one: Facts):
        return one.attributes.get("points")

    def known(holds: Callable) -> Callable:
        return lambda one, world: points(one) is not None and holds(points(one))

    return [
        (rule("field:points", "eq", value="10"), known(lambda n: n == 10)),
        (rule("field:points", "ne", value="10"), lambda one, world: points(one) != 10),
        (rule("field:points", "lt", value="10"), known(lambda n: n < 10)),
        (rule("field:points", "le", value="10,5"), known(lambda n: n <= 10.5)),
        (rule("field:points", "gt", value="0"), known(lambda n: n > 0)),
        (rule("field:points", "ge", value="10.5"), known(lambda n: n >= 10.5)),
        (rule("field:points", "between", low="-3", high="0"), known(lambda n: -3 <= n <= 0)),
        *_presence("field:points", points),
    ]


def _offset(day: datetime.date | None, world: World) -> int | None:
    return None if day is None else (day - world.today).days


def _days(on: str, offset: Callable[[Facts, World], int | None]) -> list[Leaf]:
    """`offset`: the day of this fact, from today. Dates stand in the rules as "day -3"."""

    def known(holds: Callable[[int], bool]) -> Callable:
        return lambda one, world: (day := offset(one, world)) is not None and holds(day)

    return [
        (rule(on, "on", value="day -3"), known(lambda day: day == -3)),
        (rule(on, "before", value="day -3"), known(lambda day: day < -3)),
        (rule(on, "after", value="day -3"), known(lambda day: day > -3)),
        (rule(on, "between", low="day -4", high="day 1"), known(lambda day: -4 <= day <= 1)),
        (rule(on, "between", low="day 1", high="day -4"), known(lambda day: False)),
        (rule(on, "last", days=3), known(lambda day: -3 <= day <= 0)),
        (rule(on, "older", days=3), known(lambda day: day < -3)),
        (rule(on, "older", days=5000), known(lambda day: day < -5000)),
        (rule(on, "next", days=3), known(lambda day: 0 <= day <= 3)),
        (rule(on, "later", days=3), known(lambda day: day > 3)),
        (rule(on, "ago", days=3), known(lambda day: day == -3)),
        (rule(on, "ahead", days=3), known(lambda day: day == 3)),
        (rule(on, "filled"), known(lambda day: True)),
        (rule(on, "empty"), lambda one, world: offset(one, world) is None),
    ]


def anniversary(born: datetime.date, year: int) -> datetime.date:
    """29 February is the 28th in years without one."""
    try:
        return born.replace(year=year)
    except ValueError:
        return datetime.date(year, 2, 28)


def age(born: datetime.date, today: datetime.date) -> int:
    return today.year - born.year - (anniversary(born, today.year) > today)


def _birthdays() -> list[Leaf]:
    def within(days: int) -> Callable:
        def holds(one: Facts, world: World) -> bool:
            born = one.day("born")
            if born is None:
                return False
            nexts = [anniversary(born, world.today.year + n) for n in (0, 1)]
            return any(0 <= (day - world.today).days <= days for day in nexts)

        return holds

    def aged(low: int, high: int) -> Callable:
        return lambda one, world: (born := one.day("born")) is not None and low <= age(born, world.today) <= high

    def this_month(one: Facts, world: World) -> bool:
        return (born := one.day("born")) is not None and born.month == world.today.month

    return [
        (rule("field:born", "anniversary", days=6), within(6)),
        (rule("field:born", "anniversary_today"), within(0)),
        (rule("field:born", "anniversary_month"), this_month),
        (rule("field:born", "age", low=18, high=64), aged(18, 64)),
        (rule("field:born", "age", low=17, high=17), aged(17, 17)),
        (rule("field:born", "age", low=0, high=150), aged(0, 150)),
    ]


def _groups() -> list[Leaf]:
    def lyon(one: Facts) -> bool:
        return (one.attributes.get("city") or "").lower() == "lyon"

    return [
        (rule("tag", "any", ids=["tag t", "tag u"]), lambda one, world: bool(one.tags & {"t", "u"})),
        (rule("tag", "all", ids=["tag t", "tag u"]), lambda one, world: one.tags >= {"t", "u"}),
        (rule("tag", "none", ids=["tag t"]), lambda one, world: "t" not in one.tags),
        (rule("tag", "filled"), lambda one, world: bool(one.tags - {"v"})),
        (rule("tag", "empty"), lambda one, world: not one.tags - {"v"}),
        (rule("list", "any", ids=["list l"]), lambda one, world: "l" in one.lists),
        (rule("list", "all", ids=["list l", "list m"]), lambda one, world: one.lists == {"l", "m"}),
        (rule("list", "none", ids=["list l"]), lambda one, world: "l" not in one.lists),
        (rule("list", "filled"), lambda one, world: bool(one.lists)),
        (rule("list", "empty"), lambda one, world: not one.lists),
        (rule("segment", "any", ids=["segment inner"]), lambda one, world: lyon(one)),
        (rule("segment", "none", ids=["segment inner"]), lambda one, world: not lyon(one)),
        (rule("segment", "any", ids=["segment outer"]), lambda one, world: not lyon(one)),
        (rule("segment", "none", ids=["segment inner", "segment outer"]), lambda one, world: False),
        (rule("signup", "any", ids=["form 0"]), lambda one, world: 0 in one.forms),
        (rule("signup", "none", ids=["form 0", "form 2"]), lambda one, world: 0 not in one.forms),
        (rule("import", "any", ids=["import 0"]), lambda one, world: one.imported == 0),
        (rule("import", "none", ids=["import 0"]), lambda one, world: one.imported != 0),
    ]


def _some(holds: Callable[[dict], bool]) -> Callable:
    """Whether one of the person's companies is like this."""
    return lambda one, world: any(holds(each) for each in one.companies if not each["deleted"])


def _no(holds: Callable[[dict], bool]) -> Callable:
    return lambda one, world: not _some(holds)(one, world)


def _companies_asked() -> list[Leaf]:
    found: list[Leaf] = [
        (rule("company", "filled"), _some(lambda each: True)),
        (rule("company", "empty"), _no(lambda each: True)),
    ]
    for on, key, whole, part in [
        ("company", "name", "company 3 0", "acme"),
        ("company:industry", "industry", "food", "TRADE"),
        ("company:size", "size", "250", "0"),
        ("company:website", "website", "https://acme.fr", ".fr"),
        ("company:email", "email", "HI@acme.fr", ".fr"),
        ("company:phone", "phone", "+33612345678", "+336"),
    ]:
        found += _company_text(on, key, whole, part)
    for key, value in [("kind", "client"), ("status", "inactive"), ("role", "internal")]:

        def same(each: dict, key=key, value=value) -> bool:
            return each[key] == value

        found += [
            (rule(f"company:{key}", "any", values=[value]), _some(same)),
            (rule(f"company:{key}", "none", values=[value]), _no(same)),
        ]
    return found


def _company_text(on: str, key: str, whole: str, part: str) -> list[Leaf]:
    def equal(each: dict) -> bool:
        return each[key].lower() == whole.lower()

    def inside(each: dict) -> bool:
        return part.lower() in each[key].lower()

    def begins(each: dict) -> bool:
        return each[key].lower().startswith(part.lower())

    def ends(each: dict) -> bool:
        return each[key].lower().endswith(part.lower())

    def known(each: dict) -> bool:
        return each[key] != ""

    return [
        (rule(on, "is", value=whole), _some(equal)),
        (rule(on, "is_not", value=whole), _no(equal)),
        (rule(on, "one_of", values=["x", whole]), _some(equal)),
        (rule(on, "not_one_of", values=["x", whole]), _no(equal)),
        (rule(on, "contains", value=part), _some(inside)),
        (rule(on, "contains_not", value=part), _no(inside)),
        (rule(on, "starts", value=part), _some(begins)),
        (rule(on, "ends", value=part), _some(ends)),
        *([] if on == "company" else [(rule(on, "filled"), _some(known)), (rule(on, "empty"), _no(known))]),
    ]


def _consent_days() -> list[Leaf]:
    found: list[Leaf] = []
    for change, state, channels in [
        ("given", "granted", ("email", "sms", "whatsapp", "tracking")),
        ("withdrawn", "withdrawn", ("email", "sms", "whatsapp")),
    ]:
        for channel in channels:

            def newest(one: Facts, world: World, channel=channel, state=state) -> int | None:
                return one.newest(channel, state)

            found += _days(f"consent:{change}:{channel}", newest)
    return found


def _topics() -> list[Leaf]:
    return [
        (rule("topic", "wanted", topic="topic"), lambda one, world: one.topic is True),
        (rule("topic", "declined", topic="topic"), lambda one, world: one.topic is False),
        (rule("topic", "open", topic="topic"), lambda one, world: one.topic is None),
    ]


def _engaged() -> list[Leaf]:
    found: list[Leaf] = []
    for fact in ("sent", "opened", "clicked", "soft_bounced"):
        found += _fact(fact)
    for fact in ("opened", "clicked"):
        found += _of_last(fact)
    found += [
        (rule("clicked", "link", link="link 0"), lambda one, world: 0 in one.links),
        (rule("clicked", "not_link", link="link 0"), lambda one, world: 0 not in one.links),
        (rule("clicked", "link", link="link 1"), lambda one, world: 1 in one.links),
        (rule("clicked", "link", link="link elsewhere"), lambda one, world: False),
        (rule("clicked", "url", url="/sale"), lambda one, world: 0 in one.links),
        (rule("clicked", "not_url", url="SHOP.example/"), lambda one, world: not one.links),
    ]
    return found


def _fact(fact: str) -> list[Leaf]:
    def lately(one: Facts, days: int) -> int:
        return sum(day >= -days for day in one.facts(fact))

    def of(one: Facts) -> bool:
        return any(message["batch"] == 1 and message[fact] is not None for message in one.messages)

    return [
        (rule(fact, "last", days=12), lambda one, world: lately(one, 12) > 0),
        (rule(fact, "not_last", days=12), lambda one, world: lately(one, 12) == 0),
        (rule(fact, "times", times=2, days=25), lambda one, world: lately(one, 25) >= 2),
        (rule(fact, "ever"), lambda one, world: bool(one.facts(fact))),
        (rule(fact, "never"), lambda one, world: not one.facts(fact)),
        (rule(fact, "campaign", campaign="campaign 1"), lambda one, world: of(one)),
        (rule(fact, "not_campaign", campaign="campaign 1"), lambda one, world: not of(one)),
    ]


def _of_last(fact: str) -> list[Leaf]:
    def last(one: Facts, n: int) -> list[dict]:
        sent = [message for message in one.messages if message["sent"] is not None]
        return sorted(sent, key=lambda message: message["sent"], reverse=True)[:n]

    def some(n: int) -> Callable:
        return lambda one, world: any(message[fact] is not None for message in last(one, n))

    def none(n: int) -> Callable:
        return lambda one, world: len(last(one, n)) == n and all(message[fact] is None for message in last(one, n))

    return [
        (rule(fact, "last_any", campaigns=1), some(1)),
        (rule(fact, "last_any", campaigns=3), some(3)),
        (rule(fact, "last_none", campaigns=1), none(1)),
        (rule(fact, "last_none", campaigns=2), none(2)),
    ]


def resolved(data: dict, world: World) -> dict:
    """A rule, or groups of them, with ids and dates instead of the names that stand for them in LEAVES."""
    if "rules" in data:
        return data | {"rules": [resolved(part, world) for part in data["rules"]]}
    return data | {"with": {name: _resolved(value, world) for name, value in data["with"].items()}}


def _resolved(value, world: World):
    if isinstance(value, list):
        return [_resolved(item, world) for item in value]
    if isinstance(value, str) and value.startswith("day "):
        return (world.today + datetime.timedelta(int(value[4:]))).isoformat()
    return world.ids.get(value, value) if isinstance(value, str) else value
