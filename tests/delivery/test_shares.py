"""Whom of its audience a batch is for, and from when on: exactly, while people enter, leave and are merged."""

from datetime import timedelta
from itertools import count

import pytest
from django.db import connections
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from campaigns import readiness, sending
from contacts.groups import tagging
from contacts.models import Contact, ContactTag
from contacts.people import merging
from contacts.segments.audience import Audience, Groups
from delivery import batching
from delivery.channels.base import Outcome, Result
from delivery.models import Batch, Lease, Message
from delivery.sending import lane, leases, settling
from delivery.shares import BUCKETS, Share
from kernel.tenancy import scope
from tests import factories
from tests.delivery.batches import gate

SENT = Outcome(Result.ACCEPTED)


def test_equal_shares_are_everybody_once():
    for n in (1, 3, 7, 8):
        shares = Share.equal(5, n)
        assert [shares[0].first, *(share.end for share in shares)] == [
            0,
            *(share.first for share in shares[1:]),
            BUCKETS,
        ]
        assert max(share.end - share.first for share in shares) - min(share.end - share.first for share in shares) <= 1


@pytest.mark.parametrize("first, end", [(0, 0), (5, 4), (-1, 5), (0, 10_001)])
def test_a_range_that_is_none_is_refused(first, end):
    with pytest.raises(ValueError, match="A share is a range"):
        Share(1, first, end)


def open_batch(campaign, **options) -> Batch:
    return sending.open_batch(campaign, readiness.account_of(campaign), **options)


def fill(*batches) -> None:
    for batch in batches:
        while not batching.fill(batch.pk):
            pass


def test_a_share_is_as_large_as_it_says_and_another_seed_draws_others(acme):
    with scope(acme):
        factories.contacts(2000)
        campaign = factories.campaign()
        one, same, other = (open_batch(campaign, share=Share(seed, 0, 2500)) for seed in (1, 1, 2))
    fill(one, same, other)
    with scope(acme):
        drawn = [
            set(Message.objects.filter(batch=batch).values_list("contact_id", flat=True))
            for batch in (one, same, other)
        ]
    assert drawn[0] == drawn[1] != drawn[2]
    assert 400 < len(drawn[0]) < 600 and 60 < len(drawn[0] & drawn[2]) < 190  # ten standard deviations


def test_whom_another_batch_has_is_left_out(acme):
    with scope(acme):
        factories.contacts(20)
        campaign = factories.campaign()
        test = open_batch(campaign, share=Share(3, 0, 4000))
        rest = open_batch(campaign, excludes=[test])
    fill(test)
    with scope(acme):
        Contact.objects.create(email="late@example.com", status="subscribed")
    fill(rest)
    with scope(acme):
        of_test, of_rest = (set(batch_ids(batch)) for batch in (test, rest))
    assert of_test and not of_test & of_rest and len(of_test | of_rest) == 21


def test_who_was_merged_counts_with_the_share_they_had(acme):
    with scope(acme):
        people = factories.contacts(20)
        one, other = (open_batch(factories.campaign(), share=share) for share in Share.equal(7, 2))
    fill(one)
    while send_some():
        pass
    with scope(acme):
        loser = Contact.objects.get(pk=batch_ids(one)[0])
        survivor = Contact.objects.exclude(pk__in=batch_ids(one)).first()
        merging.merge(*merging.locked(survivor.pk, loser.pk), set(), actor=None, address=None)
    fill(other)
    with scope(acme):
        had = [*batch_ids(one), *batch_ids(other)]
    assert survivor.pk not in had and len(had) == len(people) - 1


def batch_ids(batch):
    return Message.objects.filter(batch=batch).values_list("contact_id", flat=True)


def test_nothing_is_claimed_before_its_time(acme):
    at = timezone.now() + timedelta(hours=100)
    with scope(acme):
        factories.contacts(3)
        batch = open_batch(factories.campaign(), not_before=at)
        assert batch.expires_at > at
    fill(batch)
    assert leases.claim("w") is None and not leases.is_any_due()
    with connections["owner"].cursor() as cursor:
        cursor.execute("UPDATE delivery_lease SET not_before = not_before - interval '101 hours'")
    assert leases.claim("w") is not None


def test_a_cancelled_batch_does_not_wait_for_its_time(acme):
    with scope(acme):
        factories.contacts(3)
        batch = open_batch(factories.campaign(), not_before=timezone.now() + timedelta(days=3))
    fill(batch)
    with scope(acme):
        batch.refresh_from_db()
        assert batching.cancel(batch)
    while lane.run(budget=5):
        pass
    with scope(acme):
        assert batch.tallies()["cancelled"] == 3 and not Lease.objects.exclude(state=Lease.State.DONE).exists()


# --- the property: four batches are filled in pieces while people come and go

PEOPLE = 10
NUMBERS = count(1)  # of worlds: each has an audience of its own
steps = st.lists(
    st.one_of(
        st.tuples(st.just("fill"), st.integers(0, 2), st.just(0)),
        st.tuples(st.just("send"), st.just(0), st.just(0)),
        st.tuples(st.just("merge"), st.integers(0, PEOPLE - 1), st.integers(0, PEOPLE - 1)),
        st.tuples(st.just("leave"), st.integers(0, PEOPLE - 1), st.just(0)),
        st.tuples(st.just("enter"), st.just(0), st.just(0)),
    ),
    max_size=25,
)


class World:
    """A campaign in three shares and the rest, to the people with a tag."""

    def __init__(self, number: int):
        self.tag = tagging.made(f"audience {number}")
        names = (f"w{number}p{n}@example.com" for n in range(PEOPLE))
        self.people = [Contact.objects.create(email=name, status="subscribed") for name in names]
        self._into_the_audience(self.people)
        self.number, self.left, self.late = number, set(), 0
        campaign = factories.campaign(audience=Audience(include=Groups(tags=(self.tag.pk,))).data())
        self.shares = [open_batch(campaign, share=share) for share in Share.equal(number, 3)]
        self.rest = open_batch(campaign, excludes=self.shares)

    def _into_the_audience(self, people) -> None:
        ContactTag.objects.bulk_create([ContactTag(contact=person, tag=self.tag) for person in people])

    def root(self, pk: int) -> int:
        return Contact.objects.get(pk=pk).merged_into_id or pk

    def enter(self, *_):
        self.late += 1
        person = Contact.objects.create(email=f"w{self.number}late{self.late}@example.com", status="subscribed")
        self._into_the_audience([person])

    def leave(self, n: int, _):
        root = self.root(self.people[n].pk)
        self.left.add(root)
        ContactTag.objects.filter(contact_id=root, tag=self.tag).delete()

    def merge(self, one: int, other: int):
        """Not two of whom one was sent a message while the other waits for one, or was sent one, too: these were two
        people when their messages were written."""
        survivor, loser = self.root(self.people[one].pk), self.root(self.people[other].pk)
        if survivor == loser or (self.was_sent(loser) and (self.was_sent(survivor) or self.has_own(survivor))):
            return
        merging.merge(*merging.locked(survivor, loser), set(), actor=None, address=None)
        if loser in self.left:
            self.left.add(survivor)

    def was_sent(self, root: int) -> bool:
        return root in self.sent()

    def has_own(self, pk: int) -> bool:
        return Message.objects.filter(contact_id=pk, batch__in=[*self.shares, self.rest]).exists()

    def sent(self) -> list[int]:
        """The people who were sent a message, once for each."""
        rows = Message.objects.filter(batch__in=[*self.shares, self.rest], state=Message.State.ACCEPTED)
        return [self.root(pk) for pk in rows.values_list("contact_id", flat=True)]


def send_some() -> bool:
    lease = leases.claim("w")
    if lease is None:
        return False
    people = gate(lease, size=2)
    settling.settle(lease, [(person.contact_id, SENT) for person in people])
    if lease.handed >= lease.high:
        leases.finish(lease)
    else:
        leases.release(lease, wait=0)
    return True


@settings(
    max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(steps=steps)
def test_nobody_twice_and_nobody_forgotten_whatever_happens_meanwhile(acme, monkeypatch, steps):
    monkeypatch.setattr(batching, "CHUNK", 2)
    with scope(acme):
        world = World(next(NUMBERS))
    for what, one, other in steps:
        if what == "fill":
            batching._fill_chunk(world.shares[one].pk)
        elif what == "send":
            send_some()
        else:
            with scope(acme):
                getattr(world, what)(one, other)
    fill(*world.shares, world.rest)
    while send_some():
        pass
    with scope(acme):
        sent = world.sent()
        twice = {person for person in sent if sent.count(person) > 1}
        forgotten = {world.root(person.pk) for person in world.people} - set(sent) - world.left
    assert not twice and not forgotten
