"""Every public page with a token that is not the one we made for it: not found, and nothing is changed."""

import base64
import random
import secrets

import pytest
from django.test import Client

from kernel.links import read_ids, sign_ids
from tests.boundaries.conftest import contents
from tests.odd_input import world
from tests.odd_input.addresses import patterns, template

PATTERNS = sorted({path for path, _view in patterns() if "token>" in path and not path.startswith("w/")})
PURPOSE = {"signup": "signup", "form": "form", "message": "message"}


def test_there_are_public_pages():
    assert len(PATTERNS) >= 10


@pytest.mark.parametrize("pattern", PATTERNS)
def test_a_token_that_is_not_ours_is_not_found(demo, mallory, pattern):
    address = template(pattern)
    kind = next(kind for start, kind in world.TOKENS.items() if address.startswith(start))
    token = demo.tokens[kind]
    before = contents(demo.workspace.pk)
    client = Client()
    for bad in bad_tokens(demo, kind, token):
        path = address.format(token=bad, n=1)
        assert client.get(path).status_code == 404, path
        assert client.post(path, {"action": "erase", "sure": "1"}).status_code in (404, 405), path
    assert contents(demo.workspace.pk) == before


def bad_tokens(demo, kind, token):
    yield from changed(token)
    yield from (token[:-1], token[:10], token + "A", token + "AAAA", "A" * len(token), token[::-1], token.swapcase())
    yield from (secrets.token_urlsafe(15) for _n in range(10))
    same = {"message", "person"} if kind == "message" else {kind}  # a mailed link opens the preferences, too
    yield from (other for purpose, other in demo.tokens.items() if purpose not in same)
    yield from ("0", "-", "..", "%00", "²", "a" * 3000, "eyJhbGciOiJub25lIn0")
    if kind in PURPOSE:
        workspace_id, *ids = read_ids(PURPOSE[kind], token)
        yield sign_ids(PURPOSE[kind], workspace_id)
        yield sign_ids(PURPOSE[kind], *ids)
        yield sign_ids(PURPOSE[kind], workspace_id, *ids, 1)
        yield sign_ids(PURPOSE[kind] + "x", workspace_id, *ids)


def changed(token):
    """The token with another character at each of its places, without those that mean the same bytes: of the last
    character some bits count for nothing."""
    rng = random.Random(token)
    for at, before in enumerate(token):
        other = rng.choice([char for char in "ABCDEFGHabcdefgh0123456789-_" if char != before])
        bad = token[:at] + other + token[at + 1 :]
        if _bytes(bad) != _bytes(token):
            yield bad


def _bytes(token):
    return base64.urlsafe_b64decode(token + "=" * (-len(token) % 4))
