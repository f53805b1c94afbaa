"""What PostgreSQL reads to find a segment's contacts."""

from collections.abc import Iterator

import pytest
from django.db import connections

from contacts.models import ContactField
from contacts.segments.audience import Audience, Groups
from kernel.tenancy import scope

PEOPLE, CITIES = 5000, 100


@pytest.fixture
def city(acme):
    """A hundredth of the contacts live in each city, far apart in the table."""
    with scope(acme):
        ContactField.objects.create(name="city", label="City", kind="text")
        ContactField.objects.create(name="size", label="Size", kind="choice", choices=["S", "M", "L"])
    with connections["owner"].cursor() as cursor:
        cursor.execute(
            "INSERT INTO contacts_contact (workspace_id, email, first_name, last_name, attributes, status, source, "
            "created_at, updated_at) SELECT %s, 'p' || g || '@shop.example', '', '', jsonb_build_object('city', "
            "'City ' || g %% %s, 'size', CASE WHEN g %% 100 = 1 THEN 'S' WHEN g %% 100 = 2 THEN 'L' ELSE 'M' END, "
            "'street', repeat('Long street ', 30) || g), 'subscribed', 'form', now(), now() "
            "FROM generate_series(1, %s) g",
            [acme.pk, CITIES, PEOPLE],
        )
        cursor.execute("SELECT gin_clean_pending_list('contact_by_attributes')")  # as autovacuum does
        cursor.execute("ANALYZE contacts_contact")
    return acme


def scans(plan: dict) -> Iterator[dict]:
    yield plan
    for part in plan.get("Plans", ()):
        yield from scans(part)


@pytest.mark.parametrize(
    "on, op, args, found",
    [
        ("field:city", "is", {"value": "CITY 7"}, PEOPLE // CITIES),
        ("field:size", "any", {"values": ["S", "L"]}, 2 * PEOPLE // CITIES),
    ],
)
def test_few_people_are_found_by_the_index_of_their_fields(city, on, op, args, found):
    data = {"version": 1, "match": "all", "rules": [{"on": on, "op": op, "with": args}]}
    with scope(city):
        condition, params = Audience(include=Groups(definitions=(data,))).sql()
    with connections["engine"].cursor() as cursor:
        cursor.execute(
            "EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) "
            f"SELECT FROM contacts_contact c WHERE c.workspace_id = %(workspace)s AND {condition}",
            params | {"workspace": city.pk},
        )
        plan = cursor.fetchone()[0][0]["Plan"]
    assert plan["Actual Rows"] == found
    steps = list(scans(plan))
    assert "contact_by_attributes" in [step.get("Index Name") for step in steps], steps
    # A page for each person, and those of the index, however many contacts there are.
    assert plan["Shared Hit Blocks"] + plan["Shared Read Blocks"] <= found + 20 * len(steps), steps
