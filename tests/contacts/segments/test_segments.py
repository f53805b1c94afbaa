"""Segments: which contacts a definition selects, and which definitions are refused."""

import datetime
import itertools
import json

import pytest
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from contacts.models import (
    Company,
    CompanyContact,
    Contact,
    ContactField,
    ContactList,
    ContactTag,
    ListMember,
    Segment,
    Tag,
    Topic,
    TopicChoice,
)
from contacts.segments import audience, definition, snapshots, tag_rewrites
from contacts.segments.audience import Audience, Groups
from contacts.segments.definition import BadDefinition
from kernel.tenancy import scope
from tests import factories

CITIES = ["Lyon", "lyon", "Évry", "", None, "100%_"]
POINTS = [None, 0, 10, 10.5, -3]


@pytest.fixture
def people(acme):
    """Contacts in every combination of city and points; some have tags, a list, a company or a topic."""
    with scope(acme):
        for name, kind in [("city", "text"), ("points", "number"), ("born", "date"), ("vip", "boolean")]:
            ContactField.objects.create(name=name, label=name, kind=kind)
        ContactField.objects.create(name="size", label="Size", kind="choice", choices=["S", "M"])
        made = []
        for n, (city, points) in enumerate(itertools.product(CITIES, POINTS)):
            values = {"city": city, "points": points, "vip": n % 3 == 0, "size": "SM"[n % 2]}
            attributes = {key: value for key, value in values.items() if value is not None}
            made.append(
                Contact(email=f"p{n}@{'a' if n % 2 else 'b'}.example", attributes=attributes, status="subscribed")
            )
        made = Contact.objects.bulk_create(made)
        tag, other = Tag.objects.create(name="t"), Tag.objects.create(name="u")
        ContactTag.objects.bulk_create([ContactTag(contact=c, tag=tag) for c in made[::2]])
        ContactTag.objects.bulk_create([ContactTag(contact=c, tag=other) for c in made[::3]])
        on_list = ContactList.objects.create(name="l")
        ListMember.objects.bulk_create([ListMember(contact=c, contact_list=on_list) for c in made[:5]])
        company = Company.objects.create(name="ACME", kind="client")
        CompanyContact.objects.create(company=company, contact=made[0])
        topic = Topic.objects.create(name="News")
        TopicChoice.objects.create(topic=topic, contact=made[1], wanted=False)
        return made


def rule(on, op, **args):
    return {"on": on, "op": op, "with": args}


def group(match, *rules):
    return {"version": 1, "match": match, "rules": list(rules)}


def emails(workspace, data) -> set[str]:
    with scope(workspace):
        found = audience.sample(workspace.pk, Audience(include=Groups(definitions=(data,))), 1000)
        return {contact.email for contact in found}


def expected(people, holds) -> set[str]:
    return {contact.email for contact in people if holds(contact)}


def city(contact):
    return contact.attributes.get("city") or None


def points(contact):
    return contact.attributes.get("points")


def test_tags_lists_companies_and_topics(acme, people):
    with scope(acme):
        t, u = (str(Tag.objects.get(name=name).pk) for name in "tu")
        on_list, topic = str(ContactList.objects.get().pk), str(Topic.objects.get().pk)
    cases = [
        (rule("tag", "any", ids=[t, u]), {c.email for c in [*people[::2], *people[::3]]}),
        (rule("tag", "all", ids=[t, u]), {c.email for c in people[::6]}),
        (rule("tag", "none", ids=[t]), {c.email for c in people[1::2]}),
        (rule("list", "any", ids=[on_list]), {c.email for c in people[:5]}),
        (rule("company", "is", value="acme"), {people[0].email}),
        (rule("company:kind", "none", values=["client"]), {c.email for c in people[1:]}),
        (rule("topic", "declined", topic=topic), {people[1].email}),
        (rule("topic", "open", topic=topic), {c.email for c in people if c != people[1]}),
    ]
    for leaf, wanted in cases:
        assert emails(acme, group("all", leaf)) == wanted, leaf


@pytest.mark.parametrize(
    "op, args, days",
    [
        ("last", {"days": 3}, {0, -3}),
        ("older", {"days": 3}, {-4, -400}),
        ("next", {"days": 3}, {0, 3}),
        ("anniversary", {"days": 3}, {0, 3, -365, -362}),
    ],
)
def test_dates_are_relative_to_today(acme, op, args, days):
    with scope(acme):
        ContactField.objects.create(name="born", label="Born", kind="date")
        today = timezone.now().astimezone(acme.zone).date()
        offsets = [0, -3, -4, 3, 4, -400, -365, -362]
        for n in offsets:
            year_safe = (
                (today + datetime.timedelta(n))
                if n > -300
                else today.replace(year=today.year - 1) + datetime.timedelta(n + 365)
            )
            Contact.objects.create(
                email=f"d{n}@x.example", status="subscribed", attributes={"born": year_safe.isoformat()}
            )
    found = {int(email[1 : email.index("@")]) for email in emails(acme, group("all", rule("field:born", op, **args)))}
    assert found >= days and not (found & (set(offsets) - days) - {-365, -362})


def test_a_birthday_on_29_february_counts_every_year():
    from contacts.segments.comparisons import _days_of_year

    assert "02-29" in _days_of_year(datetime.date(2027, 2, 27), 2)
    assert "02-29" not in _days_of_year(datetime.date(2027, 3, 1), 5)


def test_a_sample_is_a_share_and_always_the_same_people(acme):
    with scope(acme):
        factories.contacts(2000)
    first = emails(acme, group("all", rule("sample", "share", share="10", name="a")))
    with scope(acme):
        data = group("all", rule("sample", "share", share="10", name="a"))
        assert 120 < audience.count(acme.pk, Audience(include=Groups(definitions=(data,)))).people < 290
    assert first == emails(acme, group("all", rule("sample", "share", share="10", name="a")))
    assert first != emails(acme, group("all", rule("sample", "share", share="10", name="b")))


@pytest.mark.parametrize(
    "bad, says",
    [
        (rule("field:gone", "is", value="x"), "“gone” no longer exists"),
        (rule("field:city", "is", value=""), "enter a value"),
        (rule("field:points", "gt", value="many"), "“many” is not a number"),
        (rule("field:points", "gt", value="1e999999"), "is not a number"),
        (rule("tag", "any", ids=["99999"]), "no longer exists"),
        (rule("created", "on", value="yesterday"), "2026-12-24"),
        (rule("created", "last", days="99999"), "whole number"),
        (rule("email", "is", value="a\0b"), "can't be used"),
        (rule("email", "is", value="\ud800"), "can't be used"),
        (rule("sample", "share", share="101"), "between 0 and 100"),
        (rule("email", "drop table"), "choose a condition"),
    ],
)
def test_an_unusable_definition_says_so_and_is_not_an_empty_audience(acme, people, bad, says):
    with scope(acme):
        with pytest.raises(BadDefinition, match=says):
            definition.read_usable(group("all", bad))
        with pytest.raises(BadDefinition):
            Audience(include=Groups(definitions=(group("all", bad),))).sql()


JUNK = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(["version", "match", "rules", "on", "op", "with", "value", "ids"]), inner, max_size=5
        )
    ),
    max_leaves=12,
)


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=JUNK)
def test_junk_is_refused_and_never_breaks(acme, data):
    with scope(acme):
        try:
            definition.read_usable(data)
        except BadDefinition as problem:
            if not problem.problems:
                raise


def test_definitions_follow_a_merged_tag_and_refuse_a_deleted_one(acme, people):
    with scope(acme):
        t, u = Tag.objects.order_by("name")
        rules = group("any", rule("tag", "any", ids=[str(t.pk)]), group("none", rule("tag", "all", ids=[str(t.pk)])))
        segment = Segment.objects.create(name="T", definition=rules)
        tag_rewrites.follow_tag(acme.pk, t.pk, u.pk, gone=False)
        segment.refresh_from_db()
        inner = segment.definition["rules"]
        assert inner[0]["with"]["ids"] == [str(t.pk), str(u.pk)]
        assert inner[1]["rules"][0]["with"]["ids"] == [str(u.pk)]
        tag_rewrites.follow_tag(acme.pk, t.pk, u.pk, gone=True)
        t.delete()
        segment.refresh_from_db()
        definition.read_usable(segment.definition)
        assert segment.definition["rules"][0]["with"]["ids"] == [str(u.pk)]
        u.discard()
        with pytest.raises(BadDefinition, match="no longer exists"):
            definition.read_usable(segment.definition)


def test_another_workspaces_tags_and_lists_are_unknown(acme, beta, people):
    with scope(beta):
        theirs = Tag.objects.create(name="secret")
    with scope(acme), pytest.raises(BadDefinition, match="no longer exists"):
        definition.read_usable(group("all", rule("tag", "any", ids=[str(theirs.pk)])))


def test_an_audience_takes_in_and_leaves_out_segments(acme, people):
    with scope(acme):
        lyon = Segment.objects.create(name="Lyon", definition=group("all", rule("field:city", "is", value="lyon")))
        rich = Segment.objects.create(name="Rich", definition=group("all", rule("field:points", "gt", value="5")))
        both = Audience(Groups(segments=(lyon.pk,)), Groups(segments=(rich.pk,)))
        wanted = expected(people, lambda c: (city(c) or "").lower() == "lyon" and not (points(c) or 0) > 5)
        assert {c.email for c in audience.sample(acme.pk, both, 100)} == wanted
        frozen = Audience.read(json.loads(json.dumps(both.frozen().data())))
        Segment.objects.all().update(definition=group("all", rule("email", "is", value="nobody")))
        assert {c.email for c in audience.sample(acme.pk, frozen, 100)} == wanted
        Segment.objects.filter(pk=lyon.pk).update(deleted_at=timezone.now())
        with pytest.raises(BadDefinition, match="deleted"):
            both.sql()


def test_inactive_contacts_are_left_out_unless_asked_for(acme):
    with scope(acme):
        factories.contacts(3)
        Contact.objects.filter(email="p0@example.com").update(inactive_at=timezone.now())
    with scope(acme):
        assert audience.count(acme.pk, Audience()).people == 2
        assert audience.count(acme.pk, Audience(with_inactive=True)).people == 3


def test_a_snapshot_keeps_todays_people(acme, people):
    with scope(acme):
        segment = Segment.objects.create(name="Lyon", definition=group("all", rule("field:city", "is", value="lyon")))
        contact_list = snapshots.new_list(segment)
        again = snapshots.new_list(segment)
    with scope(acme):
        assert snapshots.fill(segment, contact_list) == 10
        Contact.objects.filter(email="p0@b.example").update(attributes={})
        assert ListMember.objects.filter(contact_list=contact_list).count() == 10
        assert again.name != contact_list.name
