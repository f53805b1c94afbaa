"""Who a batch is written for is a source, and any app can add one."""

import pytest

from contacts.models import Contact, Tag
from contacts.segments.audience import Audience
from delivery import batching, subscribers
from delivery.channels.email.composing import Content
from delivery.models import Batch, Message, ProviderAccount
from delivery.sources.source import SOURCES, Source, source_of
from kernel.tenancy import scope
from tests import factories
from tests.delivery.batches import check_sums


class BornInLyon(Source):
    """A source of another app's: its own condition, its own parameter, which the batch keeps for it."""

    def condition(self, batch):
        return "c.attributes->>'city' = %(city)s AND c.deleted_at IS NULL", {"city": batch.audience["city"]}


@pytest.fixture
def lyon():
    SOURCES.add(BornInLyon(), "a test's")
    yield
    SOURCES.remove("a test's")


def open_for(source: str, data: dict) -> Batch:
    content = Content(subject="Hi", html="<p>Hi</p>", text="Hi", from_name="Acme", from_email="news@acme.example")
    account = ProviderAccount.default_of("email")
    batch = batching.open_batch(name="Hi", content=content, account=account, audience=Audience(), source=source)
    Batch.objects.filter(pk=batch.pk).update(audience=data)
    return batch


def test_another_apps_source_is_filled_in_chunks_and_sent(acme, lyon, send_all, states, monkeypatch):
    monkeypatch.setattr(batching, "CHUNK", 2)
    with scope(acme):
        factories.contacts(5, attributes={"city": "Lyon"})
        Contact.objects.create(email="elsewhere@x.example", status="subscribed", attributes={"city": "Nice"})
        Contact.objects.create(email="left@x.example", status="unsubscribed", attributes={"city": "Lyon"})
        batch = open_for("a test's", {"city": "Lyon"})
    batch = send_all(batch)
    everyone = {f"p{i}@example.com": ("accepted", "") for i in range(5)}
    assert states(batch) == everyone | {"left@x.example": ("skipped", "unsubscribed")}
    assert check_sums(batch)["planned"] == 6


def test_merging_tags_leaves_what_another_source_has_written_alone(acme, lyon):
    with scope(acme):
        batch = open_for("a test's", {"city": "Lyon"})
        subscribers.follow_tag(acme.pk, 1, 2, gone=True)
        batch.refresh_from_db()
        assert batch.audience == {"city": "Lyon"}


def test_merging_tags_changes_an_audience(acme):
    with scope(acme):
        old, new = (Tag.objects.create(name=name) for name in ("old", "new"))
        batch = open_for("audience", {"include": {"tags": [old.pk]}})
        subscribers.follow_tag(acme.pk, old.pk, new.pk, gone=True)
        batch.refresh_from_db()
        assert Audience.read(batch.audience).include.tags == (new.pk,)


def test_a_batch_whose_source_is_gone_is_held_and_writes_to_nobody(acme):
    with scope(acme):
        factories.contacts(3)
        batch = open_for("audience", {})
        Batch.objects.update(source="an app that was removed")
    assert batching.fill(batch.pk)
    with scope(acme):
        batch.refresh_from_db()
        assert batch.is_paused and "an app that was removed" in batch.problem
        assert not Message.objects.exists()


@pytest.mark.parametrize(
    "fields, source",
    [({}, "audience"), ({"origin_id": 7}, "retry"), ({"purpose": "test"}, "tester")],
    ids=["campaign", "retry", "test"],
)
def test_batches_from_before_sources_know_theirs(fields, source):
    assert source_of(Batch(source="", **fields)) is SOURCES[source]
