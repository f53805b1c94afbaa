"""Segments inside segments: circles, depth, size, deletion, and what a campaign keeps."""

import pytest

from contacts.models import Contact, Segment
from contacts.segments import audience, definition, explaining, nesting, snapshots
from contacts.segments.audience import Audience, Groups
from contacts.segments.definition import BadDefinition
from kernel.tenancy import scope
from tests import factories
from tests.markup import edit

PAGE = "/w/acme/contacts/segments/"


def rules(*each, match="all") -> dict:
    return {"version": 1, "match": match, "rules": list(each)}


def starts(text: str) -> dict:
    return {"on": "email", "op": "starts", "with": {"value": text}}


def inside(*segments: Segment, op: str = "any") -> dict:
    return {"on": "segment", "op": op, "with": {"ids": [str(segment.pk) for segment in segments]}}


def segment(name: str, *each) -> Segment:
    return Segment.objects.create(name=name, definition=rules(*each))


def emails(workspace, groups: Groups) -> set[str]:
    with scope(workspace):
        return {one.email.partition("@")[0] for one in audience.sample(workspace.pk, Audience(include=groups), 100)}


def form(name: str, chosen: Segment, op: str = "any") -> dict:
    data = {"name": name, "node": ["g0", "r0.0"], "match-0": "all", "on-0.0": "segment", "op-0.0": op}
    return data | {"with-0.0-ids": str(chosen.pk)}


@pytest.fixture
def family(acme):
    """p1 is in "inner", the others are in "outer"."""
    with scope(acme):
        factories.contacts(4)
        inner = segment("inner", starts("p1"))
        return inner, segment("outer", inside(inner, op="none"))


def test_a_frozen_audience_keeps_the_inner_conditions(acme, family):
    inner, outer = family
    with scope(acme):
        frozen = Audience.read(Audience(Groups(segments=(outer.pk,))).frozen().data())
        inner.definition = rules(starts("p2"))
        inner.save()
    assert emails(acme, frozen.include) == {"p0", "p2", "p3"}
    assert emails(acme, Groups(segments=(outer.pk,))) == {"p0", "p1", "p3"}
    with scope(acme):
        again = Audience.read(frozen.data()).frozen()
    assert again == frozen


def test_a_segment_never_contains_itself(acme, alice, as_user, family):
    inner, outer = family
    client = as_user(alice)
    page = edit(client, f"{PAGE}{inner.pk}/edit/", form("inner", outer)).content.decode()
    assert "would contain itself" in page
    page = edit(client, f"{PAGE}{outer.pk}/edit/", form("outer", outer), HTTP_HX_REQUEST="true").content.decode()
    assert "The segment “outer” would contain itself" in page
    with scope(acme):
        assert {one.name: one.definition for one in Segment.objects.all()} == {
            "inner": inner.definition,
            "outer": outer.definition,
        }


def test_a_circle_that_two_people_made_at_once_is_refused_and_ends(acme, alice, as_user, family):
    inner, outer = family
    with scope(acme):
        Segment.objects.filter(pk=inner.pk).update(definition=rules(inside(outer)))
        for pk in (inner.pk, outer.pk):
            with pytest.raises(BadDefinition, match="contain itself"):
                Audience(Groups(segments=(pk,))).sql()
    page = as_user(alice).get(f"{PAGE}{inner.pk}/")
    assert page.status_code == 200 and "would contain itself" in page.content.decode()
    assert as_user(alice).get(PAGE).status_code == 200


def test_depth_and_size_have_limits(acme, family):
    inner, _outer = family
    with scope(acme):
        chain = [inner]
        for n in range(nesting.MAX_CHAIN):
            chain.append(segment(f"level {n}", inside(chain[-1])))
        Audience(Groups(segments=(chain[-2].pk,))).sql()
        with pytest.raises(BadDefinition, match="levels deep"):
            Audience(Groups(segments=(chain[-1].pk,))).sql()
        wide = segment("wide", *[starts(str(n)) for n in range(49)])
        many = rules(*[inside(wide)] * 5)
        with pytest.raises(BadDefinition, match="up to 200 conditions"):
            nesting.expanded(many)


def test_who_contains_a_segment_is_not_broken_by_its_growth(acme, alice, as_user, family):
    with scope(acme):
        grows = segment("grows", starts("p"))
        segment("big family", *[inside(grows)] * 45)
    data = {"name": "grows", "node": ["g0"], "match-0": "any"}
    for n in range(5):
        data["node"].append(f"r0.{n}")
        data |= {f"on-0.{n}": "email", f"op-0.{n}": "starts", f"with-0.{n}-value": "p"}
    page = edit(as_user(alice), f"{PAGE}{grows.pk}/edit/", data).content.decode()
    assert "would become too large: big family" in page
    data["node"] = data["node"][:2]
    assert edit(as_user(alice), f"{PAGE}{grows.pk}/edit/", data).status_code == 302


def test_a_segment_in_use_is_not_deleted(acme, alice, as_user, family):
    inner, outer = family
    page = as_user(alice).post(f"{PAGE}{inner.pk}/delete/", follow=True).content.decode()
    assert "outer" in page
    with scope(acme):
        assert Segment.objects.present().filter(pk=inner.pk).exists()
    as_user(alice).post(f"{PAGE}{outer.pk}/delete/")
    as_user(alice).post(f"{PAGE}{inner.pk}/delete/")
    with scope(acme):
        assert not Segment.objects.present().exists()


def test_a_deleted_or_empty_inner_segment_is_nobody_but_a_message(acme, family):
    inner, outer = family
    with scope(acme):
        Segment.objects.filter(pk=inner.pk).update(definition=rules())
        with pytest.raises(BadDefinition, match="“inner” can't be used"):
            Audience(Groups(segments=(outer.pk,))).sql()
        inner.discard()
        with pytest.raises(BadDefinition, match="no longer exists"):
            Audience(Groups(segments=(outer.pk,))).sql()


def test_another_workspaces_segment_is_unknown(acme, beta, family):
    with scope(beta):
        theirs = segment("theirs", starts("p"))
    with scope(acme), pytest.raises(BadDefinition, match="no longer exists"):
        definition.read_usable(nesting.expanded(rules(inside(theirs))))


def test_pages_and_lists_of_a_nested_segment(acme, alice, as_user, family):
    _inner, outer = family
    page = as_user(alice).get(f"{PAGE}{outer.pk}/?who=p1").content.decode()
    assert "Segment is not “inner”" in page and "<strong>3</strong>" in page and "Not in" in page
    assert as_user(alice).post(f"{PAGE}new/", form("Third", outer)).status_code == 302
    with scope(acme):
        contact_list = snapshots.new_list(outer)
        root = definition.read_usable(outer.definition)
        one = Contact.objects.get(email="p1@example.com")
        assert not explaining.explain(root, one.pk).holds
    with scope(acme):
        assert snapshots.fill(outer, contact_list) == 3
