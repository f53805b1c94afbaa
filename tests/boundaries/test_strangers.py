"""The owner of another workspace asks for this one's rows by their ids: in addresses, query strings and forms. Nothing is
shown, and nothing is changed."""

import random

import pytest
from django.test import Client

from tests.boundaries.conftest import SECRET, contents
from tests.odd_input import world
from tests.odd_input.addresses import patterns, template
from tests.odd_input.requests import Generator

PATTERNS = sorted({path for path, _view in patterns() if path.startswith("w/")})
WITH_ID = [path for path in PATTERNS if "<int:" in path]
OWN = "evil"  # mallory's workspace


@pytest.fixture
def browser(mallory):
    client = Client()
    client.force_login(mallory, backend=world.BACKEND)
    return client


def ask(browser, method, path, data=None):
    answer = getattr(browser, method)(path, data)
    content = b"".join(answer.streaming_content) if answer.streaming else answer.content
    assert SECRET not in content.decode(errors="replace").lower(), (method, path, data)
    return answer.status_code


@pytest.mark.parametrize("method", ["get", "post"])
def test_ids_of_others_in_an_address_are_not_found(demo, browser, method):
    before = contents(demo.workspace.pk)
    rng = random.Random(1)
    answers = {}
    for pattern in WITH_ID:
        path = demo.fill(template(pattern), rng).replace("/w/demo/", f"/w/{OWN}/")
        answers[path] = ask(browser, method, path)
    # A view may go back to a list before it looks for the row, and a form that is not valid is shown again.
    assert {path: code for path, code in answers.items() if code not in (302, 404, 405)} == {}
    assert list(answers.values()).count(404) > len(answers) / 3
    assert contents(demo.workspace.pk) == before


@pytest.mark.parametrize("method", ["get", "post"])
def test_ids_of_others_in_query_strings_and_forms_show_and_change_nothing(demo, browser, method):
    before = contents(demo.workspace.pk)
    for pattern in PATTERNS:
        if "<int:" in pattern or pattern.endswith("members/leave/"):
            continue
        path = demo.fill(template(pattern), random.Random(1)).replace("/w/demo/", f"/w/{OWN}/")
        generator = Generator(pattern, [1])
        with generator.names.recorded():
            generator.fields.feed(browser.get(path).content.decode(errors="replace"))
            getattr(browser, method)(path)
        for data in _with_ids(demo, generator):
            assert ask(browser, method, path, data) < 500
    assert contents(demo.workspace.pk) == before


def _with_ids(demo, generator):
    """Every name that the view asks for, with ids of the demo in each of the ways in which forms write them."""
    names = sorted(generator.names | generator.fields.possible.keys())
    present = dict(generator.fields.present)
    for kinds in (
        ["tag", "contact", "template", "topic"],
        ["list", "segment", "campaign", "sender"],
        ["account", "field"],
    ):
        ids = [pk for kind in kinds for pk in demo.rows[kind]]
        keys = [f"{kind}:{pk}" for kind in ("tag", "list", "segment", "campaign") for pk in demo.rows.get(kind, [])]
        yield {name: ids for name in names if name != "csrfmiddlewaretoken"} | {"q": "", "who": ""}
        yield dict.fromkeys(names, keys)
        yield present | {name: ids[-1] for name in names if name not in present}
        yield present | {name: ids[0] for name in names if present.get(name, "x") == ""}


def test_the_values_of_this_test_find_something_where_they_may(demo):
    """The same requests by a member show the rows: the test above would notice."""
    client = Client()
    client.cookies["session"] = demo.session
    page = client.get("/w/demo/contacts/exports/new/", {"id": demo.rows["contact"], "who": "tag:1"})
    assert page.status_code == 200
    assert SECRET in client.get(f"/w/demo/contacts/{demo.rows['contact'][0]}/").content.decode()
