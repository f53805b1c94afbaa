"""The pages of a campaign that is held because of its sender: fixed at the provider, or sent from another sender."""

import pytest

from accounts.models import Notification
from campaigns import subscribers
from campaigns.models import Campaign
from contacts.models import Contact
from delivery import batching
from delivery.events import BatchHeld
from delivery.models import Batch, Sender
from delivery.sending import lane
from kernel.tenancy import scope
from tests.delivery.batches import check_sums, hurry, start

REFUSED = "550 5.1.8 Sender's domain does not exist"


@pytest.fixture
def held(acme, alice, mail_server, send_all, run_jobs):
    """(batch held after its first messages, mailbox, another sender)."""
    mailbox, port = mail_server
    batch = start(acme, n=30, port=port, created_by=alice)
    mailbox.at_mail[batch.parameters["from_email"]] = REFUSED
    batch = send_all(batch)
    run_jobs()
    with scope(acme):
        return batch, mailbox, Sender.objects.create(name="Other", email="other@acme.example", reply_to="re@x.example")


def path(workspace, what=""):
    with scope(workspace):
        return f"/w/acme/campaigns/{Campaign.objects.get().pk}/{what}"


def test_the_page_says_why_and_what_can_be_done(acme, held, alice, rita, as_user):
    batch, *_ = held
    page = as_user(alice).get(path(acme, "progress/"), headers={"hx-request": "true"}).content.decode()
    assert "domain does not exist" in page and batch.parameters["from_email"] in page
    assert "/sender/" in page
    shown = as_user(alice).get(path(acme, "progress/?state=sending"), headers={"hx-request": "true"})
    assert shown.headers["HX-Redirect"] == path(acme), "a page that shows it as being sent has no button to resume it"
    assert "/resume/" in as_user(alice).get(path(acme)).content.decode()
    page = as_user(rita).get(path(acme, "progress/"), headers={"hx-request": "true"}).content.decode()
    assert "domain does not exist" in page and "/sender/" not in page


def test_it_goes_on_from_another_sender(acme, held, alice, as_user, send_all):
    batch, mailbox, other = held
    client = as_user(alice)
    assert "Other" in client.get(path(acme, "sender/")).content.decode()
    client.post(path(acme, "sender/"), {"sender": other.pk})
    client.post(path(acme, "resume/"))
    for _ in range(2):
        hurry(batch)
        batch = send_all(batch)
    assert check_sums(batch)["accepted"] == 30
    assert mailbox.addresses() == sorted(f"p{n}@example.com" for n in range(30))
    assert all(b"other@acme.example" in source and b"re@x.example" in source for _, source in mailbox.taken)
    with scope(acme):
        assert Campaign.objects.get().sender == other


def test_a_lane_that_knows_the_batch_takes_the_new_sender(acme, held):
    batch, _, other = held
    work = lane.BatchWork(batch.pk)
    assert work.is_current()
    with scope(acme):
        assert batching.change_sender(batch, other)
    assert not work.is_current() and lane.BatchWork(batch.pk).is_current()


def test_a_sender_is_changed_of_what_is_paused_only(acme, held, alice, as_user):
    batch, _, other = held
    client = as_user(alice)
    client.post(path(acme, "resume/"))
    page = client.post(path(acme, "sender/"), {"sender": other.pk}, follow=True).content.decode()
    assert "Pause the campaign first" in page
    with scope(acme):
        batch.refresh_from_db()
        assert batch.parameters["from_email"] != other.email


@pytest.mark.parametrize("value", ["", "x", "999999999999999999999", "\0", "deleted", "strangers"])
def test_a_sender_must_be_one_of_the_workspaces(acme, beta, held, alice, as_user, value):
    batch, _, other = held
    if value == "deleted":
        with scope(acme):
            value, _ = other.pk, Sender.objects.filter(pk=other.pk).update(deleted_at="2026-01-01T00:00Z")
    elif value == "strangers":
        with scope(beta):
            value = Sender.objects.get().pk
    assert as_user(alice).post(path(acme, "sender/"), {"sender": value}).status_code == 200
    with scope(acme):
        batch.refresh_from_db()
    assert "other" not in batch.parameters["from_email"]


def test_who_may_not_send_changes_nothing(acme, held, rita, charlie, as_user):
    _, _, other = held
    assert as_user(rita).post(path(acme, "sender/"), {"sender": other.pk}).status_code == 403
    assert as_user(charlie).post(path(acme, "sender/"), {"sender": other.pk}).status_code == 404


def test_told_late_a_resumed_campaign_stays_resumed(acme, held, alice, as_user):
    batch, *_ = held
    as_user(alice).post(path(acme, "resume/"))
    with scope(acme):
        subscribers.mark_paused(BatchHeld(batch_id=batch.pk))
        assert Campaign.objects.get().state == Campaign.State.SENDING


def test_a_retry_is_held_told_and_resumed(acme, alice, rita, as_user, mail_server, send_all, states, run_jobs):
    mailbox, port = mail_server
    batch = send_all(start(acme, ["ok@x.example", "policy@x.example"], port=port, created_by=alice))
    run_jobs()
    client = as_user(alice)
    client.post(path(acme, "failures/retry/"), {"reason": ["policy"]})
    mailbox.at_mail[batch.parameters["from_email"]] = REFUSED
    run_jobs()
    with scope(acme):
        retry = Batch.objects.exclude(origin_id=None).get()
        assert retry.is_paused and Campaign.objects.get().state == Campaign.State.SENT
        notice = Notification.objects.filter(user=alice, title__contains="could not be retried").get()
        assert notice.path.endswith("/failures/") and notice.body == retry.problem
        Contact.objects.filter(email="policy@x.example").update(email="fine@x.example")
    assert "domain does not exist" in client.get(path(acme, "failures/")).content.decode()
    mailbox.at_mail = {}
    where = path(acme, f"failures/{retry.pk}/resume/")
    assert as_user(rita).post(where).status_code == 403
    assert client.post(path(acme, f"failures/{batch.pk}/resume/")).status_code == 404
    client.post(where)
    for _ in range(2):
        hurry(retry)
        retry = send_all(retry)
    assert states(retry) == {"fine@x.example": ("accepted", "")} and retry.problem == ""
    assert mailbox.addresses() == ["fine@x.example", "ok@x.example"]
