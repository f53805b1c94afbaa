"""An operator throws costly texts at every page that reads them; the web server goes on answering, and another workspace
gets its mail."""

import resource
import threading
import time

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from campaigns import readiness
from campaigns.models import Campaign
from contacts.models import Contact
from delivery.channels.email import checks
from delivery.models import Batch
from delivery.sending import lane
from kernel.tenancy import scope
from templates_app.checks import required_parts
from templates_app.models import MessageTemplate
from tests import factories
from tests.budgets import costly_texts
from tests.budgets.test_files import of_rows
from tests.budgets.test_lanes import fill, hidden
from tests.delivery.batches import check_sums, start

# Seconds of CPU for one request. Most take less than a half, saving half a megabyte takes two.
MAX_SECONDS = 10
MAX_GROWTH = 300_000  # kB
NAMES = [
    "outputs without an end",
    "raw without an end",
    "very many links",
    "replacing letters by texts",
    "a loop over conditions",
]


class Heartbeat:
    """Asks for /healthz again and again beside what else happens, and keeps the longest time without an answer."""

    def __enter__(self):
        self._ended, self.longest = threading.Event(), 0.0
        self._thread = threading.Thread(target=self._beat)
        self._thread.start()
        return self

    def _beat(self):
        client, last = Client(), time.monotonic()
        while not self._ended.wait(0.1):
            assert client.get("/healthz").status_code == 200
            now = time.monotonic()
            self.longest, last = max(self.longest, now - last), now

    def __exit__(self, *_exception):
        self._ended.set()
        self._thread.join()


@pytest.fixture
def timed():
    """timed(client.post, path, ...) is the answer, which has to come in time and not with an error."""

    def ask(method, *args, **kwargs):
        began = time.process_time()
        answer = method(*args, **kwargs)
        assert time.process_time() - began < MAX_SECONDS, args[0]
        assert answer.status_code < 500, args[0]
        return answer

    return ask


@pytest.mark.filterwarnings("error::pytest.PytestUnhandledThreadExceptionWarning")
def test_whatever_is_saved_previewed_checked_and_sent(acme, beta, bob, as_user, timed):
    client, before = as_user(bob), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    ordinary = start(beta, n=50)
    with scope(acme):
        factories.contacts(25)
        factories.contacts(1, email="boom@x.example", first_name="Boom")
    with Heartbeat() as heart:
        for n, name in enumerate(NAMES):
            text = costly_texts.FOUND[name]
            form = {"name": f"T{n}", "html": hidden(text), "text": text[:400_000]}
            timed(client.post, "/w/acme/templates/new/", form)
            timed(client.post, "/w/acme/campaigns/new/", {"name": "C", "subject": text[:200], "preheader": text[:200]})
            _through_the_pages(acme, client, timed, text)
        file = SimpleUploadedFile("p.xlsx", of_rows("<row/>" * 100_000))
        timed(client.post, "/w/acme/contacts/imports/new/", {"file": file, "target": "contacts"})
    with scope(acme):
        costly = list(Batch.objects.all())
    fill(*costly, ordinary)
    while lane.run(budget=20):
        pass
    assert check_sums(ordinary) == {"planned": 50, "accepted": 50}
    for batch in costly:
        assert not check_sums(batch).get("unknown")
    assert costly and heart.longest < 5
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < MAX_GROWTH


def _through_the_pages(workspace, client, timed, text):
    """What is stored already, from a time with other limits for instance: its previews, its campaign's page, the start."""
    with scope(workspace):
        template = MessageTemplate.objects.create(name="T", html=hidden(text))
        campaign = factories.campaign(template=template)
        boom = Contact.objects.get(email="boom@x.example").pk
    for path in ("preview.html", "preview.txt", f"preview.html?contact={boom}", "edit/"):
        timed(client.get, f"/w/acme/templates/{template.pk}/{path}")
    timed(client.get, f"/w/acme/campaigns/{campaign.pk}/")
    timed(client.get, f"/w/acme/campaigns/{campaign.pk}/test/")
    timed(client.post, f"/w/acme/campaigns/{campaign.pk}/send/")


def test_a_template_that_can_not_be_checked_in_time_is_not_sent(acme, monkeypatch):
    """It would be sent without a look whether readers see how to unsubscribe."""
    with scope(acme):
        factories.contacts(2)
        campaign = factories.campaign(html=hidden("a"))
        assert not readiness.blockers(campaign)
        required_parts._missing.cache_clear()
        monkeypatch.setattr(checks, "CONTENT_SECONDS", 0.0)
        assert "takes too long" in readiness.blockers(campaign)[0].text
        monkeypatch.undo()
        assert not readiness.blockers(campaign), "what was not known is not remembered"
        assert Campaign.objects.get().state == Campaign.State.DRAFT


def test_a_subject_of_any_length_fails_its_message(acme, send_all, states):
    batch = start(acme, n=1, subject="{% for i in (1..2000) %}{{ first_name }} is number {{ i }}{% endfor %}")
    assert states(send_all(batch)) == {"p0@example.com": ("failed", "costly")}
