"""Segments by what people did: as the builder shows them, of one workspace, by the index of a person's events."""

from __future__ import annotations

import json
from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.utils import timezone, translation

from contacts.contact_events import writing
from contacts.contact_events.writing import NewEvent, key_of
from contacts.models import Segment
from contacts.segments import compiling, definition, describing
from contacts.segments.conditions import subjects
from kernel.tenancy import require_workspace_id, scope
from tests.factories import contacts
from tests.partitions import execute


def write(contact, *days: float, name="Order", value="10", **more) -> None:
    rows = [
        NewEvent(
            contact.pk,
            name,
            timezone.now() - timedelta(days=day),
            key_of("test", contact.pk, name, n, day),
            Decimal(value),
            "EUR",
            **more,
        )
        for n, day in enumerate(days)
    ]
    with connection.cursor() as cursor:
        writing.write(cursor, require_workspace_id(), rows, source="import")


def rules(*given: tuple) -> dict:
    return {"version": 1, "match": "all", "rules": [{"on": on, "op": op, "with": args} for on, op, args in given]}


@pytest.fixture
def people(acme):
    with scope(acme):
        ana, ben, cy = contacts(3)
        write(ana, 1, 200, 900)
        write(ben, 400, value="99", properties={"shop": "Lyon"})
    return ana, ben, cy


@pytest.mark.parametrize(
    "on, op, args, sentence",
    [
        ("event:Order", "at_least", {"times": 2}, "Order at least 2 times."),
        ("event:Order", "at_least_last", {"times": 1, "days": 30}, "Order at least 1 times within the last 30 days."),
        ("event:Order", "never", {}, "Order never."),
        ("last_event:Order", "older", {"days": 90}, "Order: last time is more than 90 days ago."),
        (
            "event:Order",
            "total_last",
            {"amount": "50", "currency": "EUR", "days": 500},
            "Order for a total of at least 50 EUR within the last 500 days.",
        ),
        ("event:Order", "with", {"property": "shop", "value": "lyon"}, "Order with shop “lyon”."),
    ],
)
def test_a_condition_reads_as_a_sentence_and_finds_one_person(acme, people, on, op, args, sentence):
    with scope(acme):
        root = definition.read_usable(rules((on, op, args)))
        assert describing.sentence(root) == sentence
        ctx = compiling.context()
        with connection.cursor() as cursor:
            where = compiling.compile_group(root, ctx)
            cursor.execute(f"SELECT count(*) FROM contacts_contact c WHERE {where}", ctx.params)
            assert cursor.fetchone() == (1,)


def test_the_builder_offers_events_with_their_currencies_and_properties(acme, people, alice, as_user):
    with scope(acme):
        data = rules(("event:Order", "total", {"amount": "5", "currency": "EUR"}), ("event:Order", "with", {}))
        segment = Segment.objects.create(name="S", definition=data)
    page = as_user(alice).get(f"/w/acme/contacts/segments/{segment.pk}/edit/").content.decode()
    assert '<optgroup label="Events">' in page and "Order: last time" in page
    assert '<option value="EUR" selected>' in page and '<option value="shop"' in page


def test_only_the_workspaces_own_events_are_offered(acme, beta, people):
    with scope(beta):
        assert not [key for key in subjects() if "event:" in key]
        write(contacts(1)[0], 1, name="Foreign")
    with scope(acme):
        assert [key for key in subjects() if "event:" in key] == [
            "event:Order",
            "first_event:Order",
            "last_event:Order",
        ]
        with pytest.raises(definition.BadDefinition, match="Foreign"):
            definition.read_usable(rules(("event:Foreign", "ever", {})))


@pytest.mark.parametrize("args", [{"amount": "5", "currency": "USD"}, {"amount": "x", "currency": "EUR"}, {}])
def test_neither_currencies_without_events_nor_odd_amounts_are_taken(acme, people, args):
    with scope(acme), pytest.raises(definition.BadDefinition):
        definition.read_usable(rules(("event:Order", "total", args)))


def test_a_name_may_hold_anything(acme):
    odd = "100% 'x' %(y)s \"z\" %s; --"
    with scope(acme):
        (ana,) = contacts(1)
        write(ana, 1, name=odd, properties={"a%s'": "b%"})
        for op, args in (("ever", {}), ("total", {"amount": "1", "currency": "EUR"})):
            root = definition.read_usable(rules((f"event:{odd}", op, args)))
            assert odd in describing.sentence(root)
        root = definition.read_usable(rules((f"event:{odd}", "with", {"property": "a%s'", "value": "B%"})))
        ctx = compiling.context()
        with connection.cursor() as cursor:
            cursor.execute(
                f"SELECT count(*) FROM contacts_contact c WHERE {compiling.compile_group(root, ctx)}", ctx.params
            )
            assert cursor.fetchone() == (1,)


def test_events_of_fanfare_are_named_in_the_readers_language(acme):
    with scope(acme):
        (ana,) = contacts(1)
        writing.record(ana, "signed_up", at=timezone.now(), key=1)
        root = definition.read_usable(rules(("event:signed_up", "ever", {})))
        assert describing.sentence(root) == "Signed up through a form at any time."
        with translation.override("fr"):
            root = definition.read_usable(rules(("event:signed_up", "ever", {})))
            assert describing.sentence(root).startswith("Inscription par un formulaire")


@pytest.mark.parametrize(
    "on, op, args",
    [
        ("event:Order", "at_least", {"times": 2}),
        ("event:Order", "exactly_last", {"times": 2, "days": 30}),
        ("event:Order", "total", {"amount": "5", "currency": "EUR"}),
        ("last_event:Order", "older", {"days": 90}),
        ("event:Order", "with", {"property": "shop", "value": "x"}),
    ],
)
def test_a_person_is_looked_up_by_the_index_of_their_events(acme, people, on, op, args):
    execute(
        "INSERT INTO contacts_contactevent (workspace_id, contact_id, name_id, at, source, key) "
        "SELECT %(ws)s, n, (SELECT min(id) FROM contacts_eventname WHERE workspace_id = %(ws)s) + m, "
        "now() - make_interval(days => n %% 1000), 'import', gen_random_uuid() "
        "FROM generate_series(1, 4000) n, generate_series(0, 4) m",
        {"ws": acme.pk},
    )
    execute("ANALYZE contacts_contactevent")
    with scope(acme), connection.cursor() as cursor:
        ctx = compiling.context()
        where = compiling.compile_group(definition.read_usable(rules((on, op, args))), ctx)
        cursor.execute(f"EXPLAIN (FORMAT JSON) SELECT FROM contacts_contact c WHERE c.id = 1 AND ({where})", ctx.params)
        (answer,) = cursor.fetchone()
    scans = _scans(json.loads(answer)[0]["Plan"] if isinstance(answer, str) else answer[0]["Plan"])
    full = [scan for scan in scans if scan["Relation Name"] == "contacts_contactevent_first"]  # the others are empty
    assert full
    for scan in full:
        assert "contact_id" in scan["Index Cond"] and "name_id" in scan["Index Cond"], scan


def _scans(plan: dict) -> list[dict]:
    """The scans of partitions of events in a plan."""
    found = [plan] if str(plan.get("Relation Name", "")).startswith("contacts_contactevent") else []
    return found + [scan for inner in plan.get("Plans", ()) for scan in _scans(inner)]
