"""Whatever a request sends, the product answers: never with an error 500, and never an error without a page.

Every address of the resolver gets generated requests with odd values (NUL, digits that int() does not take, bytes that
are no UTF-8, repeated and missing keys, huge numbers, cursors, dates) under the names that its view asks for: a few
here; ODD_REQUESTS=2000 sends so many to each, in some hours. Every request runs in transactions that are rolled back, so
that the demo workspace stays whole.
"""

from __future__ import annotations

import logging
import os
import random
import sys
import traceback
from pathlib import Path

import pytest
from django.conf import settings
from django.core.signals import got_request_exception
from django.db import transaction
from django.test import Client

from kernel import outbound
from tests.conftest import emptied_afterwards
from tests.odd_input import world
from tests.odd_input.addresses import patterns, template
from tests.odd_input.requests import Generator, Request

ROOT = Path(__file__).resolve().parents[2]
REQUESTS = int(os.environ.get("ODD_REQUESTS", "0"))
OURS, THEIRS = 9, 2  # requests to an address of ours, and to one of Django's admin and allauth
PATTERNS = sorted({path for path, _view in patterns()})
IDS = [0, 1, 2, 3]


@pytest.fixture(scope="module")
def demo(django_db_setup, django_db_blocker):
    """The demo workspace, for all addresses. Requests leave it as it is."""
    with django_db_blocker.unblock(), emptied_afterwards():
        yield world.build()


@pytest.fixture(autouse=True)
def _nobody_is_asked(monkeypatch):
    """Views that read websites do so outside of transactions; here each request is in one, to be rolled back."""

    def refuse(host: str, port: int) -> str:
        raise outbound.Refused("No website is asked in this test.")

    monkeypatch.setattr(outbound, "resolve_website", refuse)


@pytest.mark.parametrize("pattern", PATTERNS)
def test_odd_input_gets_an_answer(demo, pattern, caplog):
    caplog.set_level(logging.CRITICAL)
    rng = random.Random(pattern)
    generator = Generator(pattern, IDS)
    address = template(pattern)
    problems: dict[str, Request] = {}
    with generator.names.recorded():
        _learn(demo, generator, demo.fill(address, rng))
        number = REQUESTS or (THEIRS if pattern.startswith(("admin/", "accounts/")) else OURS)
        for _n in range(number):
            request = generator.request(demo.fill(address, rng, odd=0.12))
            if problem := _send(demo, request)[0]:
                problems.setdefault(problem, request)
    assert not problems, "\n\n".join(f"{problem}\n    {request}" for problem, request in problems.items())


def _learn(demo: world.World, generator: Generator, path: str) -> None:
    """Ask for the page, and post it empty: which names does the view ask for, which fields has the page?"""
    _problem, page = _send(demo, Request("GET", path))
    generator.fields.feed(page.decode(errors="replace"))
    _send(demo, Request("POST", path))


def _send(demo: world.World, request: Request) -> tuple[str, bytes]:
    """(what is wrong with the answer, or nothing; its content)."""
    broken: list[str] = []

    def note(*args: object, **kwargs: object) -> None:
        broken.append(_where(sys.exc_info()[1]))

    got_request_exception.connect(note)
    try:
        with transaction.atomic("default"), transaction.atomic("engine"):
            status, content = _answer(demo, request)
            for name in ("default", "engine"):
                transaction.set_rollback(True, using=name)
    finally:
        got_request_exception.disconnect(note)
    if broken or (status >= 500 and status != 503):  # /readyz says with 503 that it is not ready
        return f"{status} {' '.join(broken)}", content
    if status >= 400 and not content.strip() and request.method != "HEAD":
        return f"{status} without a page", content
    return "", content


def _answer(demo: world.World, request: Request) -> tuple[int, bytes]:
    client = Client(raise_request_exception=False)
    session = f"{settings.SESSION_COOKIE_NAME}={demo.session}"
    # The last cookie of a name counts.
    client.cookies.load(session)
    environment = {"QUERY_STRING": request.query}
    if request.cookie:
        environment["HTTP_COOKIE"] = f"{session}; {request.cookie}"
    environment |= {_variable(name): value for name, value in request.headers.items()}
    response = client.generic(
        request.method, request.path, request.body, request.content_type or "text/plain", **environment
    )
    try:
        content = b"".join(response.streaming_content) if response.streaming else response.content
    finally:
        response.close()
    return response.status_code, content


def _variable(header: str) -> str:
    name = header.upper().replace("-", "_")
    return name if name in ("CONTENT_LENGTH", "CONTENT_TYPE") else f"HTTP_{name}"


def _where(problem: BaseException | None) -> str:
    """The exception and the last line of ours that led to it."""
    frames = traceback.extract_tb(problem.__traceback__ if problem else None)
    ours = [
        frame for frame in frames if ROOT in Path(frame.filename).parents and ".venv" not in frame.filename
    ] or frames
    where = f"{Path(ours[-1].filename).name}:{ours[-1].lineno}" if ours else ""
    return f"{type(problem).__name__}: {str(problem)[:160]} ({where})"
