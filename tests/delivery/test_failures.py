"""Failed messages are retried, once and with consent. A person, or the recipient's click, decides unknown ones."""

import pytest
from django.db import connections

from campaigns.models import Campaign
from contacts.models import Contact
from delivery import batching, folding
from delivery.models import Batch, IncomingHit, Message
from kernel.tenancy import scope
from tests.delivery.batches import check_sums, hurry, start

PEOPLE = ["ok@x.example", "hard@x.example", "policy@x.example", "drop@x.example", "policy2@x.example"]


@pytest.fixture
def ended(acme, mail_server, send_all):
    batch = start(acme, PEOPLE, port=mail_server[1])
    batch = send_all(batch)
    hurry(batch)
    return send_all(batch)


def path(workspace, what=""):
    with scope(workspace):
        return f"/w/acme/campaigns/{Campaign.objects.get().pk}/failures/{what}"


def retries(workspace):
    with scope(workspace):
        return list(Batch.objects.exclude(origin_id=None))


def test_the_page_lists_reasons_and_what_can_be_done(acme, ended, alice, as_user):
    page = as_user(alice).get(path(acme)).content.decode()
    assert (
        "Rejected by the server&#x27;s policy" in page
        and "Address doesn&#x27;t exist" in page
        and "No confirmation from" in page
    )
    assert 'value="policy"' in page and 'value="user_unknown"' not in page
    assert "Retry failed only" in page and "Some people may get the message twice" in page


def test_failed_ones_are_tried_again_once(acme, ended, mail_server, send_all, states, alice, as_user):
    mailbox, _ = mail_server
    browser = as_user(alice)
    browser.post(path(acme, "retry/"), {"reason": ["policy", "user_unknown"]})
    browser.post(path(acme, "retry/"), {"reason": ["policy"]})
    (again,) = retries(acme)
    again = send_all(again)
    assert set(states(again)) == {"policy@x.example", "policy2@x.example"}
    assert mailbox.seen.count("hard@x.example") == 1 and mailbox.seen.count("policy@x.example") == 2
    assert mailbox.seen.count("drop@x.example") == 1, "unknown ones are not in it"
    assert check_sums(ended)["failed"] == 3 and check_sums(again)["failed"] == 2
    page = browser.get(path(acme)).content.decode()
    assert "Retries" in page
    with scope(acme):
        links = lambda batch: list(batch.links.values_list("n", "url"))  # noqa: E731
        assert links(again) == links(ended)


def test_a_retry_takes_only_reasons_that_the_page_offers(acme, ended, mail_server, send_all, alice, as_user):
    """A message that was retried has the reason "retried:7": whoever types that must not send it again."""
    browser = as_user(alice)
    browser.post(path(acme, "retry/"), {"reason": ["policy"]})
    (again,) = retries(acme)
    send_all(again)
    for what in ("retry/", "resend/", "count/"):
        browser.post(path(acme, what), {"reason": [f"retried:{again.pk}", "", "decided"], "twice": "on"})
    assert retries(acme) == [again]
    assert check_sums(ended)["failed"] == 3 and mail_server[0].seen.count("policy@x.example") == 2


def test_a_retry_asks_consent_again(acme, ended, mail_server, send_all, states, alice, as_user):
    with scope(acme):
        Contact.objects.filter(email="policy@x.example").update(status="unsubscribed")
    as_user(alice).post(path(acme, "retry/"), {"reason": ["policy"]})
    again = send_all(retries(acme)[0])
    assert states(again)["policy@x.example"] == ("skipped", "unsubscribed")


def test_unknown_ones_are_sent_again_only_with_the_consequence_confirmed(
    acme,
    ended,
    mail_server,
    send_all,
    alice,
    as_user,
):
    mailbox, _ = mail_server
    browser = as_user(alice)
    browser.post(path(acme, "resend/"), {"reason": ["lost_reply"]})
    assert retries(acme) == []
    browser.post(path(acme, "resend/"), {"reason": ["lost_reply"], "twice": "on"})
    send_all(retries(acme)[0])
    assert mailbox.addresses().count("drop@x.example") == 2
    check_sums(ended)


def test_unknown_ones_can_be_counted_as_sent(acme, ended, alice, as_user):
    as_user(alice).post(path(acme, "count/"), {"reason": ["lost_reply"]})
    tallies = check_sums(ended)
    assert (tallies["accepted"], tallies["unknown"]) == (2, 0)
    assert retries(acme) == []


def test_an_open_proves_that_an_unknown_message_arrived(acme, ended, states):
    for _ in range(2):
        with scope(acme):
            contact = Contact.objects.get(email="drop@x.example")
            IncomingHit.objects.create(batch_id=ended.pk, contact_id=contact.pk, kind=IncomingHit.Kind.OPEN)
        folding.fold()
    assert states(ended)["drop@x.example"] == ("accepted", "reconciled")
    tallies = check_sums(ended)
    assert (tallies["accepted"], tallies["unknown"], tallies["opened"]) == (2, 0, 1)


def test_nothing_is_tried_again_while_the_campaign_is_under_way(acme, alice, as_user):
    batch = start(acme, n=3)
    batching.fill(batch.pk)
    with connections["owner"].cursor() as cursor:
        cursor.execute("UPDATE delivery_message SET state = %s, reason = 'policy'", [int(Message.State.FAILED)])
        cursor.execute("UPDATE delivery_tally SET fact = 'failed', reason = 'policy' WHERE fact = 'planned'")
    as_user(alice).post(path(acme, "retry/"), {"reason": ["policy"]})
    assert retries(acme) == []


@pytest.mark.parametrize("what", ["retry/", "resend/", "count/"])
def test_operators_and_strangers_decide_nothing(acme, ended, rita, charlie, as_user, what):
    assert as_user(rita).post(path(acme, what), {"reason": ["lost_reply"], "twice": "on"}).status_code == 403
    assert as_user(charlie).post(path(acme, what), {"reason": ["lost_reply"]}).status_code == 404
    with scope(acme):
        assert Message.objects.filter(state=Message.State.UNKNOWN).count() == 1
        assert not Batch.objects.exclude(origin_id=None).exists()
