"""The main menu beside each page of a workspace."""

import re

import pytest

from tests.conftest import make_workspace

CURRENT = re.compile(r'<a href="([^"]+)"\s+aria-current="page">')


def current(client, url: str) -> list[str]:
    """Where the entries lead that the menu marks as the page one is on."""
    menu = client.get(url).content.decode().partition('id="sidebar"')[2].partition("</nav>")[0]
    return CURRENT.findall(menu)


@pytest.mark.parametrize("slug", ["help", "campaigns", "settings"])
def test_a_workspace_may_be_called_like_a_page(alice, as_user, slug):
    make_workspace("Named", alice, slug=slug)
    client = as_user(alice)
    assert current(client, f"/w/{slug}/contacts/") == [f"/w/{slug}/contacts/"]
    assert current(client, f"/w/{slug}/members/") == [f"/w/{slug}/members/"]


@pytest.mark.parametrize("page", ["/profile/", "/help/", "/switch/"])
def test_outside_a_workspace_no_menu_is_shown(acme, alice, as_user, page):
    text = as_user(alice).get(page).content.decode()
    assert "topbar" in text and 'href="/help/"' in text
    assert "sidebar" not in text and "data-menu-toggle" not in text
    inside = as_user(alice).get("/w/acme/contacts/").content.decode()
    assert 'id="sidebar"' in inside and inside.count("data-menu-toggle") == 2
