"""From PostgreSQL to an SMTP server, each result recorded.

Reference: a row, a Django template, EmailMultiAlternatives over one kept connection and save(), per recipient. Both
run in this one process, on one core; the sink has the other.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import time

from django.core.mail import EmailMultiAlternatives, get_connection
from django.template import Context, Template
from django.utils import timezone

from benchmarks import cpus, world
from campaigns import sending
from campaigns.models import Campaign
from contacts.models import Contact
from delivery import batching
from delivery.models import Message, ProviderAccount, Sender
from delivery.sending import lane
from kernel.tenancy import scope
from templates_app.models import MessageTemplate
from templates_app.starters import find

N, TARGET = 20_000, 3.0
REFERENCE = 1000  # messages of the reference a round: its rate does not depend on the number


def run(n: int, rounds: int) -> float:
    with cpus.for_servers():
        sink = subprocess.Popen([sys.executable, "-m", "benchmarks.sink"], stdout=subprocess.PIPE, text=True)
    try:
        port = int(sink.stdout.readline())
        plain, ours = [], []
        for number in range(rounds):
            made = world.workspace(f"send-{number}")
            world.fill_with_contacts(made, n)
            batch = _open(made, port)
            world.analyse()
            plain.append(_reference(made, batch, port))
            ours.append(_send(made, batch, n))
            print(f"round {number + 1}: plain Django {plain[-1]:,.0f}/s, Fanfare {ours[-1]:,.0f}/s")
        return statistics.median(ours) / statistics.median(plain)
    finally:
        sink.kill()


def _open(made, port: int):
    with scope(made):
        options = {"host": "127.0.0.1", "port": port, "security": "none", "user": ""}
        ProviderAccount.objects.create(name="SMTP", provider="smtp", options=options).make_default()
        template = MessageTemplate.objects.create(name="T", html=find("newsletter").html)
        campaign = Campaign.objects.create(
            name="Bench", subject="News for {{ first_name }}", sender=Sender.objects.first(), template=template
        )
        batch = sending.start(campaign.pk).batch
    while not batching.fill(batch.pk):
        pass
    return batch


def _send(made, batch, n: int) -> float:
    began = time.perf_counter()
    while lane.run():
        pass
    seconds = time.perf_counter() - began
    with scope(made):
        accepted = batch.tallies().get("accepted", 0)
    if accepted != n:
        raise SystemExit(f"{accepted} of {n} accepted: this is no measurement")
    return n / seconds


def _reference(made, batch, port: int) -> float:
    """The way a Django project sends without thinking about it. Its rows are put back afterwards."""
    content = batch.content
    html, text = (
        Template(content["html"].replace('default: "there"', 'default:"there"')),
        Template("Hello {{ first_name }}"),
    )
    connection = get_connection("django.core.mail.backends.smtp.EmailBackend", host="127.0.0.1", port=port)
    connection.open()
    began = time.perf_counter()
    with scope(made):
        rows = Message.objects.filter(batch=batch).order_by("contact_id")[:REFERENCE]
        for row in rows.iterator():
            contact = Contact.objects.get(pk=row.contact_id)
            values = Context({"first_name": contact.first_name, "email": contact.email})
            message = EmailMultiAlternatives(
                f"News for {contact.first_name}",
                text.render(values),
                "news@bench.example",
                [contact.email],
                connection=connection,
            )
            message.attach_alternative(html.render(values), "text/html")
            message.send()
            row.state, row.settled_at = Message.State.ACCEPTED, timezone.now()
            row.save(update_fields=["state", "settled_at"])
    seconds = time.perf_counter() - began
    connection.close()
    with scope(made):
        Message.objects.filter(batch=batch, state=Message.State.ACCEPTED).update(state=0, settled_at=None)
    return REFERENCE / seconds
