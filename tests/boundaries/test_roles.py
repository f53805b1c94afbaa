"""Every view of a workspace by every role: who lacks the permission in the table of `accounts.access` is refused."""

import random

import pytest
from django.test import Client

from accounts.access import PERMISSIONS, RANK, Role
from accounts.models import Membership
from tests.boundaries.conftest import contents
from tests.conftest import make_user
from tests.odd_input import world
from tests.odd_input.addresses import patterns, template

VIEWS = sorted({(path, view.access_rule) for path, view in patterns() if path.startswith("w/")})


@pytest.mark.parametrize("role", [role for role in RANK if role != Role.OWNER])
def test_a_role_is_refused_what_the_table_does_not_give_it(demo, role):
    user = make_user(f"{role}@demo.example", role)
    Membership.objects.create(workspace=demo.workspace, user=user, role=role)
    client = Client()
    client.force_login(user, backend=world.BACKEND)
    before = contents(demo.workspace.pk)
    refused = [path for path, permission in VIEWS if role not in PERMISSIONS[permission]]
    rng = random.Random(role)
    for pattern in refused:
        path = demo.fill(template(pattern), rng)
        # A view that takes forms only says so first.
        assert client.get(path).status_code in (403, 405), path
        assert client.post(path).status_code == 403, path
        assert client.post(path, headers={"HX-Request": "true"}).status_code == 403, path
    after = contents(demo.workspace.pk)
    assert after == before and (refused or role == Role.ADMIN)


def test_the_owner_is_refused_nothing(demo):
    client = Client()
    client.cookies["session"] = demo.session
    rng = random.Random(1)
    codes = {
        path: client.get(path).status_code for path in (demo.fill(template(pattern), rng) for pattern, _rule in VIEWS)
    }
    assert not [path for path, code in codes.items() if code in (401, 403) or code >= 500]
