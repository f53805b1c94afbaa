"""Every view says who may call it, and people who are not members get 404 everywhere."""

import re

import pytest
from django.urls import URLPattern, get_resolver

from accounts.access import PERMISSIONS

# Views of other packages with rules of their own: allauth requires log-in, Django's admin is for staff.
FOREIGN = ("accounts/", "admin/")


def patterns(resolver=None, prefix=""):
    for entry in (resolver or get_resolver()).url_patterns:
        path = prefix + str(entry.pattern)
        if isinstance(entry, URLPattern):
            yield path, entry
        else:
            yield from patterns(entry, path)


ALL = [(path, entry) for path, entry in patterns() if not path.startswith(FOREIGN)]
WORKSPACE = [path for path, _ in ALL if path.startswith("w/")]


def address(path: str) -> str:
    path = re.sub(r"<slug:workspace>", "acme", path)
    path = re.sub(r"<int:\w+>", "1", path)
    return "/" + re.sub(r"<(slug|str):\w+>", "smtp", path)


@pytest.mark.parametrize("path, entry", ALL, ids=[path for path, _ in ALL])
def test_every_view_says_who_may_call_it(path, entry):
    rule = getattr(entry.callback, "access_rule", None)
    assert rule in {*PERMISSIONS, "public", "signed_in", "operator"}, path
    if path.startswith("w/"):
        assert rule in PERMISSIONS, f"{path} lies in a workspace"


@pytest.mark.parametrize("method", ["get", "post"])
def test_a_stranger_gets_404_everywhere(acme, charlie, as_user, method):
    client = as_user(charlie)
    answers = {path: getattr(client, method)(address(path)).status_code for path in WORKSPACE}
    assert set(answers.values()) == {404}, {path: code for path, code in answers.items() if code != 404}


def test_somebody_not_logged_in_is_asked_to(acme, client):
    for path in WORKSPACE:
        response = client.get(address(path))
        assert response.status_code == 302 and response["Location"].startswith("/accounts/login/"), path


def test_a_viewer_changes_nothing(acme, rita, as_user):
    """rita may only read. Every POST is refused, except leaving and marking her notifications as read."""
    client = as_user(rita)
    allowed = {"w/<slug:workspace>/members/leave/", "w/<slug:workspace>/notifications/read/"}
    reading = {"workspace.view", "contacts.view", "templates.view", "campaigns.view", "reports.view"}
    for path, entry in ALL:
        if path.startswith("w/") and entry.callback.access_rule not in reading and path not in allowed:
            assert client.post(address(path)).status_code == 403, path
