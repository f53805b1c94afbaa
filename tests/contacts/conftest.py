"""Visitors of public forms, and the mails they get."""

import email
import email.policy
import itertools
import re

import pytest
from django.test import Client

from contacts.models import SignupForm
from contacts.signups import bot_checks
from delivery.models import CapturedMessage
from kernel.tenancy import scope

WORDING = "I agree to get news."


@pytest.fixture
def form(acme):
    with scope(acme):
        return SignupForm.objects.create(
            name="Footer", title="Our news", wording=WORDING, fields=[{"name": "first_name", "required": False}]
        )


@pytest.fixture
def visitor():
    """A browser without cookies. Every POST would fail if the view checked CSRF."""
    return Client(enforce_csrf_checks=True)


def proof(stamp: str) -> str:
    """Solve the proof of work, as static/js/proof.js does."""
    return next(str(n) for n in itertools.count(1) if bot_checks.is_proof(stamp, str(n)))


def path(address: str) -> str:
    assert address.startswith("http://localhost:8000/")
    return address.removeprefix("http://localhost:8000")


@pytest.fixture
def fill_in(visitor, monkeypatch):
    """Open the form as a browser does and send it, without waiting MIN_SECONDS."""

    def run(form, address="ana@example.com", *, client=None, headers=None, **values):
        client = client or visitor
        monkeypatch.setattr(bot_checks, "MIN_SECONDS", 0)
        page = client.get(path(form.address)).content.decode()
        stamp = re.search(r'name="stamp" value="([^"]+)"', page)[1]
        offered = re.findall(r'name="offered" value="([^"]+)"', page)
        data = {"offered": offered, "email": address, "consent": "on", "stamp": stamp, "proof": proof(stamp), **values}
        return client.post(path(form.address), data, headers=headers)

    return run


@pytest.fixture
def mails(run_jobs):
    """Run the jobs, then read the mails in the workspace's sandbox, the newest last: (recipient, message, link)."""

    def read(workspace) -> list:
        run_jobs()
        with scope(workspace):
            sources = list(CapturedMessage.objects.order_by("id").values_list("recipient", "source"))
        found = []
        for recipient, source in sources:
            message = email.message_from_bytes(bytes(source), policy=email.policy.default)
            text = message.get_body(("plain",)).get_content()
            link = re.search(r"http://localhost:8000(/\S+)", text)
            found.append((recipient, message, link[1] if link else ""))
        return found

    return read
