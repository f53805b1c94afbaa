"""Every condition against plain Python: alone, negated, and in generated trees."""

import pytest
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from contacts.models import Contact
from contacts.segments import audience, compiling, definition, describing, explaining, schema_cache
from contacts.segments.audience import Audience, Groups
from contacts.segments.conditions import subjects
from kernel.tenancy import scope
from tests.contacts.segments import condition_world
from tests.contacts.segments.condition_answers import leaves, resolved

LEAVES = leaves()
#: Asked elsewhere: a sample is a question to a hash.
ELSEWHERE = {("sample", "share")}


@pytest.fixture
def world(acme):
    with scope(acme):
        return condition_world.build(acme)


def key(one) -> str:
    return one.email or one.texts["external_id"]


def found(workspace, data) -> set[str]:
    with scope(workspace), schema_cache.cached_schema():
        people = audience.newest(workspace.pk, Audience(include=Groups(definitions=(data,)), with_inactive=True), 1000)
        return {contact.email or contact.external_id for contact in people or ()}


def holds(tree, one, world) -> bool:
    if isinstance(tree[0], dict):
        return bool(tree[1](one, world))
    answers = [holds(part, one, world) for part in tree[1]]
    return {"all": all(answers), "any": any(answers), "none": not any(answers)}[tree[0]]


def as_data(tree) -> dict:
    if isinstance(tree[0], dict):
        return tree[0]
    return {"match": tree[0], "rules": [as_data(part) for part in tree[1]]}


def nesting(tree) -> int:
    return 0 if isinstance(tree[0], dict) else 1 + max(nesting(part) for part in tree[1])


def check(workspace, world, tree) -> None:
    data = {"version": 1, **resolved(as_data(tree), world)}
    assert found(workspace, data) == {key(one) for one in world.people if holds(tree, one, world)}, data


def answers(workspace, trees, world) -> list[set[str]]:
    """Who is found by each of the trees, in one statement."""
    with scope(workspace), schema_cache.cached_schema():
        ctx = compiling.context()
        groups = definition.read_each(resolved(as_data(tree), world) for tree in trees)
        columns = ", ".join(f"({compiling.compile_group(group, ctx)}) IS TRUE" for group in groups)
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT coalesce(c.email, c.external_id), {columns} FROM contacts_contact c", ctx.params)
            rows = cursor.fetchall()
    return [{name for name, *holds in rows if holds[n]} for n in range(len(trees))]


@pytest.mark.parametrize("match", ["all", "none"])
def test_every_condition_and_its_negation(acme, world, match):
    both = 0
    for chunk in (LEAVES[start : start + 40] for start in range(0, len(LEAVES), 40)):
        for leaf, who in zip(chunk, answers(acme, [(match, [leaf]) for leaf in chunk], world), strict=True):
            expected = {key(one) for one in world.people if holds((match, [leaf]), one, world)}
            assert who == expected, leaf[0]
            both += 0 < len(expected) < len(world.people)
    assert both > 0.8 * len(LEAVES), "where everybody gets the same answer, little is tested"


def test_no_condition_is_left_out(acme, world):
    with scope(acme):
        known = {(subject.key, operator.key) for subject in subjects().values() for operator in subject.operators}
    fields_of_kinds = {(on, op) for on, op in known if not on.startswith("field:")}
    assert fields_of_kinds - {(data["on"], data["op"]) for data, _holds in LEAVES} == ELSEWHERE
    assert {(data["on"], data["op"]) for data, _holds in LEAVES} <= known
    for field in ("city", "points", "due", "vip", "size"):
        ours = {op for on, op in known if on == f"field:{field}"}
        asked = {data["op"] for data, _ in LEAVES if data["on"] in (f"field:{field}", "field:born")}
        assert ours <= asked, field


TREES = st.recursive(
    st.sampled_from(LEAVES),
    lambda inner: st.tuples(st.sampled_from(definition.MATCHES), st.lists(inner, min_size=1, max_size=3)),
    max_leaves=8,
)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(tree=TREES.filter(lambda tree: 1 <= nesting(tree) <= definition.MAX_DEPTH))
def test_nested_groups_agree_with_plain_logic(acme, world, tree):
    check(acme, world, tree)
    data = {"version": 1, **resolved(as_data(tree), world)}
    seventh = world.people[7]
    with scope(acme), schema_cache.cached_schema():
        root = definition.read_usable(data)
        stored = definition.stored(root)
        assert definition.stored(definition.read(stored)) == stored
        assert describing.sentence(root)
        contact = Contact.objects.get(email=seventh.email, external_id=seventh.texts["external_id"] or None)
        assert explaining.explain(root, contact.pk).holds == holds(tree, seventh, world)
