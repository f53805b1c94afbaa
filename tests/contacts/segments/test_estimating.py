"""The range of an estimate holds at least 19 times out of 20, also where people who are alike were added together."""

import random

import pytest
from django.db import connection

from contacts.models import Contact
from contacts.segments import audience, counting, estimating
from contacts.segments.audience import Audience, Groups
from kernel.statement_timeout import TookTooLong
from kernel.tenancy import scope

TRIES = 300


def rows(total: int, wanted: int, stretch: int, chance: random.Random) -> list[bool]:
    """Rows of which about so many are hits, in stretches."""
    found = [False] * total
    for _ in range(-(-wanted // stretch)):
        start = chance.randrange(total - stretch)
        found[start : start + stretch] = [True] * stretch
    return found


def estimated(found: list[bool], chance: random.Random) -> estimating.Estimate:
    strata = estimating.draw(len(found), chance)
    cells = {
        cell: found[cell * estimating.CELL_SIZE : (cell + 1) * estimating.CELL_SIZE]
        for each in strata
        for cell in each.drawn
    }
    sizes = {cell: len(each) for cell, each in cells.items()}
    hits = {cell: sum(each) for cell, each in cells.items()}
    return estimating.estimate(strata, len(found), sizes, hits)


@pytest.mark.parametrize("stretch", [1, 7, 20, 300])
@pytest.mark.parametrize("wanted", [0, 20, 60, 400, 4000, 12_000, 60_000])
def test_the_range_holds_nineteen_times_out_of_twenty(monkeypatch, wanted, stretch):
    monkeypatch.setattr(estimating, "STRATA", 250)
    chance = random.Random(wanted * 1000 + stretch)
    found = rows(20_003, wanted, stretch, chance)
    true, tries = sum(found), [estimated(found, chance) for _ in range(TRIES)]
    held = sum(each.low <= true <= each.high for each in tries)
    assert held >= 0.925 * TRIES, "19 of 20, less what chance allows in 300 tries"
    mean = sum(each.value for each in tries) / TRIES
    assert abs(mean - true) <= 0.1 * true + 5, "the estimate is not biased"


@pytest.mark.parametrize("total", [1, 9, 10, 11, 41, 2003])
def test_few_rows_are_all_within_the_range(total):
    chance = random.Random(total)
    for true in {0, 1, total // 2, total}:
        found = [True] * true + [False] * (total - true)
        for _ in range(20):
            each = estimated(found, chance)
            assert 0 <= each.low <= each.value <= each.high <= total


def test_a_range_is_narrow_where_much_is_known():
    chance = random.Random(1)
    each = estimated(rows(300_000, 150_000, 1, chance), chance)
    assert each.high - each.low < 0.07 * each.value
    rare = estimated(rows(300_000, 6_000, 1, chance), chance)
    assert rare.high - rare.low < 0.5 * rare.value


@pytest.fixture
def imported(acme, beta):
    """20,000 contacts in ids with gaps: people who are alike come in stretches, and other workspaces between them."""
    chance = random.Random(11)
    for number, hits in enumerate(chance.choice([0, 0, 0, 0, 0, 0, 37, 300]) for _ in range(40)):
        add(acme, number, hits, 500)
        add(beta, number, 0, chance.choice([0, 10, 900]))
    return acme


def add(workspace, number: int, hits: int, rows: int) -> None:
    """Contacts with consecutive ids, of which the first ones are hits."""
    with scope(workspace), connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO contacts_contact (workspace_id, email, first_name, last_name, attributes, status, source, "
            "created_at, updated_at) SELECT %s, %s || '-' || n || '@x.example', CASE WHEN n <= %s THEN 'Hit' ELSE 'Miss' "
            "END, '', '{}', 'subscribed', 'import', now(), now() FROM generate_series(1, %s) n",
            [workspace.pk, number, hits, rows],
        )


def too_long(*_arguments):
    raise TookTooLong


def test_the_count_of_a_large_workspace_tells_a_range_that_holds(imported, monkeypatch):
    """With the estimate of before, whose sample was always the same, this was wrong the same way each time."""
    monkeypatch.setattr(counting, "SMALL", 0)
    monkeypatch.setattr(counting, "_exact", too_long)
    monkeypatch.setattr(estimating, "STRATA", 100)
    rule = {"on": "first_name", "op": "is", "with": {"value": "hit"}}
    people = Audience(include=Groups(definitions=({"version": 1, "match": "all", "rules": [rule]},)))
    with scope(imported):
        true = Contact.objects.filter(first_name="Hit").count()
    with scope(imported):
        counts = [audience.count(imported.pk, people) for _ in range(60)]
    held = sum(each.between[0] <= true <= each.between[1] for each in counts)
    assert held >= 54 and not any(each.exact for each in counts)
    assert len({each.people for each in counts}) > 5, "each sample is another one"
    assert all(each.reachable == each.people for each in counts)
    mean = sum(each.people for each in counts) / len(counts)
    assert abs(mean - true) < 0.15 * true
