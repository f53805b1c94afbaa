"""FIELD_ENCRYPTION_KEYS was lost: merchants enter their passwords again, and only their own sending waits."""

import pytest

from campaigns.models import Campaign
from delivery import batching
from delivery.models import Batch, Message, ProviderAccount
from delivery.sending import lane
from kernel.tenancy import across_workspaces, scope
from tests import factories
from tests.delivery.batches import hurry, start


@pytest.fixture
def lost(acme, settings) -> ProviderAccount:
    """An account of acme whose password was stored with a key that is gone."""
    kept = settings.FIELD_ENCRYPTION_KEYS
    settings.FIELD_ENCRYPTION_KEYS = ["a-lost-key-" + "z" * 40]
    with scope(acme):
        account = factories.smtp_account(2525, user="me")
        account.secret = {"password": "hunter2"}
        account.save()
    settings.FIELD_ENCRYPTION_KEYS = kept
    return account


def stored(account: ProviderAccount) -> ProviderAccount:
    with across_workspaces("a test looks"):
        return ProviderAccount.objects.get(pk=account.pk)


def test_the_merchant_enters_the_password_again(acme, alice, as_user, lost):
    browser = as_user(alice)
    assert "can&#x27;t be read any more" in browser.get("/w/acme/sending/accounts/").content.decode()
    address = f"/w/acme/sending/accounts/{lost.pk}/"
    assert "can&#x27;t be read any more" in browser.get(address).content.decode()
    assert "can&#x27;t be read any more" in browser.post(f"{address}check/").content.decode()
    data = {"name": "SMTP", "host": "127.0.0.1", "port": 2525, "security": "none", "user": "me", "password": ""}
    assert "Enter it again" in browser.post(address, data).content.decode()
    assert stored(lost).has_lost_secret
    assert browser.post(address, data | {"password": "hunter3"}).status_code == 302
    assert stored(lost).secret == {"password": "hunter3"}


def test_what_is_lost_can_be_saved_and_deleted_and_comes_back_with_its_key(acme, alice, as_user, lost, settings):
    account = stored(lost)
    with scope(acme):
        account.name = "Renamed"
        account.save()
    settings.FIELD_ENCRYPTION_KEYS = [*settings.FIELD_ENCRYPTION_KEYS, "a-lost-key-" + "z" * 40]
    assert stored(lost).secret == {"password": "hunter2"} and stored(lost).name == "Renamed"
    settings.FIELD_ENCRYPTION_KEYS = settings.FIELD_ENCRYPTION_KEYS[:1]
    with scope(acme):
        ProviderAccount.objects.exclude(pk=lost.pk).get().make_default()
    as_user(alice).post(f"/w/acme/sending/accounts/{lost.pk}/delete/")
    assert stored(lost).deleted_at


def test_staff_see_the_account(acme, alice, as_user, lost):
    alice.is_staff = alice.is_superuser = True
    alice.save()
    browser = as_user(alice)
    for address in ("", f"{lost.pk}/change/"):
        assert browser.get(f"/admin/delivery/provideraccount/{address}").status_code == 200


def test_only_its_own_campaign_waits_and_says_why(acme, beta, charlie, lost, mail_server):
    ours = start(acme, n=5)
    theirs = start(beta, n=5, port=mail_server[1])
    for batch in (ours, theirs):
        batching.fill(batch.pk)
    lane.run(budget=5)
    with across_workspaces("a test looks"):
        ours, theirs = (Batch.objects.get(pk=batch.pk) for batch in (ours, theirs))
        assert set(Message.objects.filter(batch_id=theirs.pk).values_list("state", flat=True)) == {
            Message.State.ACCEPTED
        }
        assert set(Message.objects.filter(batch_id=ours.pk).values_list("state", flat=True)) == {Message.State.QUEUED}
        assert ours.is_paused and "can't be read any more" in ours.problem
    assert stored(lost).retry_at


def test_it_goes_on_when_the_password_is_entered(acme, alice, as_user, lost, mail_server, send_all, run_jobs):
    batch = start(acme, n=5)
    send_all(batch)
    run_jobs()
    data = {
        "name": "SMTP",
        "host": "127.0.0.1",
        "port": mail_server[1],
        "security": "none",
        "user": "",
        "password": "x",
    }
    browser = as_user(alice)
    assert browser.post(f"/w/acme/sending/accounts/{lost.pk}/", data).status_code == 302
    with scope(acme):
        campaign = Campaign.objects.get()
    browser.post(f"/w/acme/campaigns/{campaign.pk}/resume/")
    hurry(batch)
    send_all(batch)
    assert len(mail_server[0].addresses()) == 5


def test_a_batch_that_cannot_be_read_stops_only_itself(acme, beta, mail_server):
    broken, fine = start(acme, n=2), start(beta, n=2, port=mail_server[1])
    for batch in (broken, fine):
        batching.fill(batch.pk)
    with across_workspaces("a test breaks it"):
        Batch.objects.filter(pk=broken.pk).update(parameters={"nonsense": True})
    lane.run(budget=5)
    assert len(mail_server[0].addresses()) == 2
    with across_workspaces("a test looks"):
        broken.refresh_from_db()
        assert broken.is_paused and "TypeError" in broken.problem
