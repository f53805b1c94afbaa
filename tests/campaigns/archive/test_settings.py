"""Who opens the archive, what they decide, and what stays of it."""

import pytest

from accounts.models import AuditEntry
from campaigns.archive import filing
from campaigns.models import Archive, ArchiveEntry
from contacts.exports import workspace_archive
from contacts.models import SignupForm
from kernel.tenancy import scope
from tests import factories
from tests.campaigns.archive.showing import open_archive
from tests.markup import fields_of

SETTINGS = "/w/acme/settings/archive/"


def test_it_is_off_until_somebody_opens_it(acme, alice, as_user):
    with scope(acme):
        assert not Archive.objects.exists()
        form = SignupForm.objects.create(name="Join", title="Join us", wording="I agree")
    client = as_user(alice)
    page = client.get(SETTINGS).content.decode()
    assert 'value="Acme"' in page and f'<option value="{form.pk}" selected>' in page and "/archive/acme/" not in page
    answer = client.post(SETTINGS, {"is_open": "on", "title": "Our\u2028news", "signup_form": form.pk}, follow=True)
    with scope(acme):
        archive = Archive.objects.get()
        assert archive.is_open and archive.title == "Our news" and not archive.shows_all and not archive.is_indexed
        assert archive.signup_form == form and archive.address() in answer.content.decode()
        assert AuditEntry.objects.get(verb="archive.changed").detail["open"] is True


@pytest.mark.parametrize("title", ["", "   ", "\u2028"])
def test_it_needs_a_title(acme, alice, as_user, title):
    page = as_user(alice).post(SETTINGS, {"is_open": "on", "title": title, "intro": "kept"})
    with scope(acme):
        assert page.status_code == 200 and "kept" in page.content.decode() and not Archive.objects.exists()


def test_a_form_of_another_workspace_can_t_be_chosen(acme, beta, alice, as_user):
    with scope(beta):
        form = SignupForm.objects.create(name="Theirs", title="Theirs", wording="I agree")
    page = as_user(alice).post(SETTINGS, {"is_open": "on", "title": "News", "signup_form": form.pk})
    with scope(acme):
        assert page.status_code == 200 and not Archive.objects.exists()


def test_two_who_edit_at_once_overwrite_nothing(acme, alice, as_user):
    open_archive(acme)
    client = as_user(alice)
    seen = fields_of(client.get(SETTINGS))["opened"]
    client.post(SETTINGS, {"is_open": "on", "title": "Hers", "opened": seen})
    again = client.post(SETTINGS, {"is_open": "on", "title": "His", "opened": seen})
    with scope(acme):
        assert "Someone saved other changes" in again.content.decode() and Archive.objects.get().title == "Hers"


def test_who_may_decide(acme, bob, rita, as_user):
    open_archive(acme)
    with scope(acme):
        campaign = factories.campaign()
    choice = f"/w/acme/campaigns/{campaign.pk}/archive/"
    assert as_user(bob).get(SETTINGS).status_code == 403 and as_user(bob).get(choice).status_code == 200
    assert as_user(rita).get(choice).status_code == 403 and as_user(rita).post(choice).status_code == 403
    page = as_user(rita).get(f"/w/acme/campaigns/{campaign.pk}/").content.decode()
    assert "Newsletter archive" in page and choice not in page


@pytest.mark.parametrize("sent, kept", [("True", True), ("False", False), ("", None)])
def test_a_campaign_is_decided_about_before_it_is_sent(acme, bob, as_user, sent, kept):
    open_archive(acme)
    with scope(acme):
        campaign = factories.campaign()
    client = as_user(bob)
    choice = f"/w/acme/campaigns/{campaign.pk}/archive/"
    assert client.post(choice, {"is_shown": sent}).status_code == 302
    with scope(acme):
        assert ArchiveEntry.objects.get().is_shown is kept and not filing.filed().exists()
        entry = AuditEntry.objects.get(verb="campaign.archive_chosen")
        assert entry.record_id == campaign.pk and entry.detail["shown"] is kept
    page = client.get(choice)
    assert f'value="{sent}"' in page.content.decode()
    seen = fields_of(page)["opened"]
    client.post(choice, {"is_shown": "True", "opened": seen})
    with scope(acme):
        assert ArchiveEntry.objects.get().is_shown is True


def test_a_campaign_says_nothing_of_an_archive_that_is_off(acme, bob, as_user):
    open_archive(acme, is_open=False)
    with scope(acme):
        campaign = factories.campaign()
    assert "Newsletter archive" not in as_user(bob).get(f"/w/acme/campaigns/{campaign.pk}/").content.decode()


def test_the_settings_list_what_there_is(news, alice, as_user):
    page = as_user(alice).get(SETTINGS).content.decode()
    assert "Hi, good news" in page and f"/w/acme/campaigns/{news.campaign.pk}/archive/" in page
    campaign = as_user(alice).get(f"/w/acme/campaigns/{news.campaign.pk}/").content.decode()
    assert news.page in campaign


def test_the_export_of_the_workspace_has_it(news):
    files = {table.name for table in workspace_archive.TABLES}
    assert {"newsletter_archive", "newsletter_archive_entries"} <= files
