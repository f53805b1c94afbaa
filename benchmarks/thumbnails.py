"""The library page of 60 templates: its bytes before pictures, against 300 KB. What the frames of all cards would take,
compressed as they are sent, counts among them. The number of statements must not depend on the number of templates."""

from __future__ import annotations

import re
import statistics
import time

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import Membership, User
from benchmarks import world
from kernel.tenancy import scope
from templates_app.blocks import saving
from templates_app.designs import DESIGNS
from templates_app.models import MessageTemplate

N, TARGET = 60, 1.0
MOST_BYTES = 300_000
FEW = 6


def run(n: int, rounds: int) -> float:
    user = User.objects.create_user("bench@bench.example", "x" * 12)
    statements = {name: _fill(name, size, user) for name, size in (("few", FEW), ("many", n))}
    client = _client(user)
    found = []
    for number in range(rounds):
        began = time.perf_counter()
        page = client.get("/w/many/templates/")
        seconds = time.perf_counter() - began
        frames = sum(map(len, _frames(client, page.content.decode())))
        found.append(len(page.content) + frames)
        print(
            f"round {number + 1}: page {len(page.content):,} bytes in {seconds * 1000:.0f} ms, frames {frames:,} bytes"
        )
    print(f"statements: {statements['few']} with {FEW} templates, {statements['many']} with {n}")
    if statements["few"] != statements["many"]:
        return 0.0
    return MOST_BYTES / statistics.median(found)


def _client(user: User) -> Client:
    client = Client(SERVER_NAME="localhost")
    client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
    return client


def _fill(name: str, n: int, user: User) -> int:
    """A workspace with `n` templates. Returns the number of statements of its library page."""
    workspace = world.workspace(name)
    Membership.objects.create(workspace=workspace, user=user, role="owner")
    with scope(workspace):
        for number in range(n):
            design = DESIGNS[number % len(DESIGNS)]
            template = MessageTemplate.objects.create(name=f"{design.name} {number}", kind="blocks", html="")
            template.workspace = workspace
            saving.keep(template, design.document("en"), by=user)
    client = _client(user)
    client.get(f"/w/{name}/templates/")
    with CaptureQueriesContext(connection) as captured:
        client.get(f"/w/{name}/templates/")
    return len(captured)


def _frames(client: Client, page: str) -> list[bytes]:
    addresses = re.findall(r'src="([^"]+/thumbnail\.html[^"]*)"', page)
    if not addresses:
        raise SystemExit("no thumbnails")
    return [client.get(address, HTTP_ACCEPT_ENCODING="gzip").content for address in addresses]
