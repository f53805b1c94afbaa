"""Each condition of a segment with its answer in plain Python, for the people of `condition_world`."""

from __future__ import annotations

import datetime
from collections.abc import Callable

from tests.contacts.segments.condition_world import EVENTS, Facts, World


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
    found += _groups() + _companies_asked() + _consent_days() + _topics() + _engaged() + _events()
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


def _events() -> list[Leaf]:
    found: list[Leaf] = []
    for name in EVENTS:
        found += _event(name)
        for key, choose in (("first_event", min), ("last_event", max)):

            def moment(one: Facts, world: World, name=name, choose=choose) -> int | None:
                days = [event["day"] for event in one.events if event["name"] == name]
                return choose(days) if days else None

            found += _days(f"{key}:{name}", moment)
    return found


def _event(name: str) -> list[Leaf]:
    on = f"event:{name}"

    def of(one: Facts, days: int = 10**6, **more) -> list[dict]:
        events = [event for event in one.events if event["name"] == name and event["day"] >= -days]
        return [event for event in events if all(event[key] == value for key, value in more.items())]

    def lyon(one: Facts, days: int = 10**6) -> bool:
        return any(str(event["shop"]).lower() == "lyon" for event in of(one, days))

    def total(one: Facts, least: float, **which) -> bool:
        values = [event["value"] for event in of(one, **which)]
        return bool(values) and sum(values) >= least

    return [
        (rule(on, "ever"), lambda one, world: bool(of(one))),
        (rule(on, "never"), lambda one, world: not of(one)),
        (rule(on, "last", days=3), lambda one, world: bool(of(one, 3))),
        (rule(on, "not_last", days=3), lambda one, world: not of(one, 3)),
        (rule(on, "at_least", times=1), lambda one, world: len(of(one)) >= 1),
        (rule(on, "at_least", times=2), lambda one, world: len(of(one)) >= 2),
        (rule(on, "at_least_last", times=2, days=30), lambda one, world: len(of(one, 30)) >= 2),
        (rule(on, "at_most", times=1), lambda one, world: len(of(one)) <= 1),
        (rule(on, "at_most_last", times=1, days=30), lambda one, world: len(of(one, 30)) <= 1),
        (rule(on, "exactly", times=1), lambda one, world: len(of(one)) == 1),
        (rule(on, "exactly_last", times=1, days=4), lambda one, world: len(of(one, 4)) == 1),
        (rule(on, "total", amount="10.5", currency="EUR"), lambda one, world: total(one, 10.5, currency="EUR")),
        (rule(on, "total", amount="-5", currency="CHF"), lambda one, world: total(one, -5, currency="CHF")),
        (
            rule(on, "total_last", amount="10", currency="EUR", days=30),
            lambda one, world: total(one, 10, days=30, currency="EUR"),
        ),
        (
            rule(on, "worth", amount="10.5", currency="CHF"),
            lambda one, world: any(event["value"] >= 10.5 for event in of(one, currency="CHF")),
        ),
        (rule(on, "with", property="shop", value="lyon"), lambda one, world: lyon(one)),
        (rule(on, "with", property="shop", value="7"), lambda one, world: bool(of(one, shop=7))),
        (rule(on, "with_last", property="shop", value="LYON", days=4), lambda one, world: lyon(one, 4)),
        (rule(on, "without", property="shop", value="Lyon"), lambda one, world: not lyon(one)),
    ]


def resolved(data: dict, world: World) -> dict:
    """A rule, or groups of them, with ids and dates instead of the names that stand for them in `leaves`."""
    if "rules" in data:
        return data | {"rules": [resolved(part, world) for part in data["rules"]]}
    return data | {"with": {name: _resolved(value, world) for name, value in data["with"].items()}}


def _resolved(value, world: World):
    if isinstance(value, list):
        return [_resolved(item, world) for item in value]
    if isinstance(value, str) and value.startswith("day "):
        return (world.today + datetime.timedelta(int(value[4:]))).isoformat()
    return world.ids.get(value, value) if isinstance(value, str) else value
