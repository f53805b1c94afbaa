"""How many statements a page costs: what every page needs stays small, and no list asks once a row."""

from __future__ import annotations

import pytest
from django.db import connections
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from contacts.models import Company, ContactList, Export, Segment, Tag
from kernel.tenancy import scope
from templates_app.models import MessageTemplate
from tests import factories

#: The frame of a page: session, person, memberships; BEGIN, the workspace's context, banners, the bell, COMMIT.
FRAME = 8
#: Statements of a page beyond its frame.
OWN = {
    "contacts/": 8,
    "contacts/lists/": 2,
    "contacts/tags/": 2,
    "contacts/segments/": 3,  # its rows, the fields and the names of events, for the sentences
    "contacts/companies/": 2,
    "contacts/exports/": 1,
    "contacts/imports/": 1,
    "campaigns/": 2,
    "templates/": 4,  # its rows, the tabs, the favourites, what uses them
    "members/": 2,
    "jobs/": 1,
    "audit/": 2,
    "notifications/": 2,
    "sending/accounts/": 2,
    "sending/senders/": 1,
    "sending/sandbox/": 1,
    "trash/": 10,
}


def statements(client, path: str) -> list[str]:
    """What a page asks the database, on both connections, once this process knows the session."""
    with CaptureQueriesContext(connections["default"]) as web, CaptureQueriesContext(connections["engine"]) as engine:
        assert client.get(path).status_code == 200
    return [query["sql"] for query in [*engine.captured_queries, *web.captured_queries]]


@pytest.fixture
def browser(acme, alice, as_user):
    client = as_user(alice)
    client.get("/w/acme/campaigns/")
    return client


def fill(n: int) -> None:
    """`n` more rows of what is listed."""
    for i in range(n):
        name = f"{timezone.now().timestamp()} {i}"
        factories.campaign(name=name, template=MessageTemplate.objects.create(name=name, html=factories.HTML))
        Tag.objects.create(name=name)
        ContactList.objects.create(name=name)
        Segment.objects.create(name=name, definition={})
        Company.objects.create(name=name)
        Export.objects.create(kind="contacts", format="csv", name=name)


@pytest.mark.parametrize("path", OWN)
def test_a_list_page_costs_its_frame_and_what_it_shows(acme, browser, path):
    with scope(acme):
        factories.contacts(2)
        fill(1)
    few = statements(browser, f"/w/acme/{path}")
    assert len(few) <= FRAME + OWN[path], "\n".join(few)
    with scope(acme):
        fill(20)
    assert len(statements(browser, f"/w/acme/{path}")) == len(few)


def test_a_page_writes_nothing(browser):
    reads = ("SELECT", "BEGIN", "COMMIT")
    assert [sql for sql in statements(browser, "/w/acme/campaigns/") if not sql.lstrip("( ").startswith(reads)] == []
