"""Pages of a workspace with a million contacts against those of one with a thousand, next to 50 small workspaces and a
large one whose contacts are all younger."""

from __future__ import annotations

import statistics
import time

from django.test import Client

from accounts.models import Membership, User
from benchmarks import world
from campaigns import sending
from campaigns.models import Campaign
from delivery import batching
from delivery.models import Sender
from kernel.tenancy import scope
from templates_app.models import MessageTemplate
from templates_app.starters import find

N, TARGET = 1_000_000, 0.5
SMALL, NEIGHBOURS = 1000, 50
PAGES = [
    "contacts/",
    "contacts/?q=user77",
    "contacts/?q=first12",
    "contacts/?sort=email",
    "contacts/?status=subscribed",
]
PAGES += ["campaigns/", "reports/campaigns/{pk}/", "reports/campaigns/{pk}/recipients/"]


def run(n: int, rounds: int) -> float:
    for number in range(NEIGHBOURS):
        world.fill_with_contacts(world.workspace(f"neighbour-{number}"), SMALL)
    user = User.objects.create_user("bench@bench.example", "x" * 12)
    reports = {name: _make(name, size, user) for name, size in (("small", SMALL), ("large", n))}
    world.fill_with_contacts(world.workspace("young"), n)
    world.analyse()
    client = Client(SERVER_NAME="localhost")
    client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
    ratios = []
    for page in PAGES:
        times: dict[str, list[float]] = {"small": [], "large": []}
        for _ in range(max(rounds, 3) * 3):
            for name, seconds in times.items():
                began = time.perf_counter()
                answer = client.get(f"/w/{name}/{page.format(pk=reports[name].pk)}")
                seconds.append(time.perf_counter() - began)
                if answer.status_code != 200:
                    raise SystemExit(f"{name}/{page}: {answer.status_code}")
        small, large = (statistics.median(times[name]) * 1000 for name in ("small", "large"))
        ratios.append(small / large)
        print(f"{page:40} {small:7.1f} ms with {SMALL:,}, {large:7.1f} ms with {n:,}: {small / large:.2f}")
    return min(ratios)


def _make(name: str, size: int, user):
    workspace = world.workspace(name)
    Membership.objects.create(workspace=workspace, user=user, role="owner")
    world.fill_with_contacts(workspace, size)
    with scope(workspace):
        template = MessageTemplate.objects.create(name="T", html=find("letter").html)
        campaign = Campaign.objects.create(name="C", subject="S", sender=Sender.objects.first(), template=template)
        sending.start(campaign.pk)
        campaign.refresh_from_db()
        batch = campaign.first_batch
    while not batching.fill(batch.pk):
        pass
    return campaign
