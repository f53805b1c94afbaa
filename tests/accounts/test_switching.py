"""Going from one workspace to another: a short list for few, a search for hundreds."""

from __future__ import annotations

import re

import pytest

from accounts.models import Membership, Workspace
from tests.conftest import make_workspace

PAGE = "/w/acme/campaigns/"


@pytest.fixture
def hundreds(acme, alice):
    made = Workspace.objects.bulk_create(
        Workspace(name=f"Société {n:03} Crémerie", slug=f"agency-{n}", country="FR", onboarding="done")
        for n in range(500)
    )
    Membership.objects.bulk_create(Membership(workspace=one, user=alice, role="owner") for one in made)
    return made


def _offered(page: bytes) -> list[str]:
    return re.findall(r'formaction="/switch/([\w-]+)/"', page.decode())


def test_few_workspaces_are_all_listed_without_a_search(acme, alice, as_user):
    make_workspace("Zebra", alice)
    page = as_user(alice).get(PAGE).content
    assert _offered(page) == ["acme", "zebra"] and b"switcher-search" not in page


def test_a_page_weighs_the_same_for_a_member_of_hundreds(acme, alice, bob, as_user, hundreds):
    few, many = (as_user(user).get(PAGE).content for user in (bob, alice))
    assert len(_offered(many)) == 8
    assert len(many) - len(few) < 6000


def test_the_search_ignores_accents_and_case_and_takes_any_word(alice, as_user, hundreds):
    client = as_user(alice)

    def found(query):
        return _offered(client.get("/switch/", {"q": query}, HTTP_HX_REQUEST="true").content)

    assert found("cremerie 042") == ["agency-42"] == found("042 SOCIETE")
    assert found("acme") == ["acme"] and found("remerie") == []
    assert len(found("soc")) == 20
    page = client.get("/switch/", {"q": "soc"}, HTTP_HX_REQUEST="true").content
    assert b"There are more results" in page


def test_nobody_finds_a_workspace_of_others(acme, beta, alice, as_user):
    page = as_user(alice).get("/switch/", {"q": "beta"}, HTTP_HX_REQUEST="true").content
    assert b"No workspace with this name" in page and _offered(page) == []
    assert as_user(alice).post("/switch/beta/")["Location"] == "/"


def test_the_latest_come_first(alice, as_user, hundreds):
    client = as_user(alice)
    for slug in ("agency-300", "agency-7", "agency-300"):
        client.post(f"/switch/{slug}/")
    assert _offered(client.get(PAGE).content)[:3] == ["acme", "agency-300", "agency-7"]


def test_the_return_key_opens_a_single_match(alice, as_user, hundreds):
    client = as_user(alice)
    assert client.get("/switch/", {"q": "499"})["Location"] == "/w/agency-499/campaigns/"
    several = client.get("/switch/", {"q": "Crémerie"})
    assert several.status_code == 200 and len(_offered(several.content)) == 20
    assert len(_offered(client.get("/switch/").content)) == 8


@pytest.mark.parametrize("query", ["%", "_", "\\", "'", "<b>", "x" * 500])
def test_signs_find_nothing_and_break_nothing(acme, alice, as_user, query):
    answer = as_user(alice).get("/switch/", {"q": query}, HTTP_HX_REQUEST="true")
    assert answer.status_code == 200 and b"<b>" not in answer.content
