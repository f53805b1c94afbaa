"""From draft to sent on the pages: checklist, schedule, two people at once, pause, cancel, report."""

import re
import threading
from datetime import datetime, timedelta

import pytest
from django.db import connections
from django.utils import timezone

from accounts.models import AuditEntry, Notification
from analytics.reports.campaign import CampaignReport
from campaigns import jobs, readiness, scheduling, sending
from campaigns.models import Campaign
from contacts.models import Contact, ContactTag, Tag
from delivery.models import Batch, DefaultAccount, Message
from kernel.links import workspace_url
from kernel.tenancy import scope
from templates_app import previewing
from templates_app.models import MessageTemplate
from templates_app.sanitising import sanitise
from tests import factories
from tests.markup import edit


@pytest.fixture
def draft(acme):
    with scope(acme):
        factories.contacts(5)
        Contact.objects.create(email="no@example.com", status="unsubscribed")
        return factories.campaign()


def levels(workspace, campaign) -> dict[str, str]:
    with scope(workspace):
        campaign.refresh_from_db()
        return {check.text: check.level for check in readiness.checks(campaign)}


def blocked(workspace, campaign) -> str:
    return " ".join(text for text, level in levels(workspace, campaign).items() if level == "blocker")


def test_a_complete_campaign_is_ready(acme, draft):
    found = levels(acme, draft)
    assert "blocker" not in found.values()
    assert (
        found["5 people will receive this."] == "ok"
        and found["1 person is left out (unsubscribed, no consent, or paused)."] == "ok"
    )


def test_every_merge_tag_that_is_offered_is_known_and_has_an_example(acme, alice, as_user, draft):
    page = as_user(alice).get(workspace_url(acme, "templates:merge_tags")).content.decode()
    offered = re.findall(r'data-insert="{{ (\w+) }}"', page)
    assert {"phone", "full_name", "preferences_url"} <= set(offered)
    body = "".join(f"<p>{name}={{{{ {name} }}}}</p>" for name in offered)
    with scope(acme):
        MessageTemplate.objects.update(html=factories.HTML + body)
        Contact.objects.update(last_name="L")
        for n, person in enumerate(Contact.objects.all()):
            Contact.objects.filter(pk=person.pk).update(phone=f"+3361234567{n}")
        shown = previewing.render_html(body, previewing.values_for(acme, None))
    assert not [text for text in levels(acme, draft) if "Unknown" in text or "is empty" in text]
    assert not re.findall(r"(\w+)=</p>", shown)


@pytest.mark.parametrize(
    "html, words",
    [
        ("<p>{{ postal_address }}</p>", "no unsubscribe link"),
        ('<a href="{{ unsubscribe_url }}">u</a>', "no postal address"),
        (factories.HTML + '<a href="htp:/broken">x</a>', "doesn't work: “htp:/broken”"),
        (factories.HTML + '<a href="">x</a>', "doesn't work"),
        (factories.HTML + "{{ first_name | divided_by: 0 }}", "can't be merged"),
    ],
)
def test_what_must_not_go_out_is_blocked(acme, draft, html, words):
    with scope(acme):
        MessageTemplate.objects.update(html=html)
    assert words in blocked(acme, draft)
    with scope(acme), pytest.raises(sending.Refused):
        sending.start(draft.pk)


@pytest.mark.parametrize(
    "link, level, words",
    [
        ('<a href="#agenda">A</a><h2 id="agenda">B</h2>', "ok", "Links are valid"),
        ('<a href="#l%27%C3%A9t%C3%A9">A</a><a name="l\'été">B</a>', "ok", "Links are valid"),
        ('<a href="#agenda">A</a>', "warning", "“#agenda”"),
        ('<a href="#">A</a>', "warning", "“#”"),
        ('<a href="webcal://a.example/x.ics">A</a><a href="whatsapp://send?text=a b">B</a>', "ok", "Links are valid"),
        ('<a href="https://a.test/l\'été d\'ici {1}">A</a>', "ok", "Links are valid"),
        ('<a href="https://a.test/?n={{ first_name }}">A</a>', "ok", "Links are valid"),
        ('<a href="https://{{ first_name }}.example/">A</a>', "ok", "“https://{{ first_name }}.example/” are not"),
        ('<map name="m"><area href="relative/path" alt="z"></map>', "blocker", "doesn't work: “relative/path”"),
        ('<!--[if mso]><v:rect href="page.html"></v:rect><![endif]-->', "blocker", "doesn't work: “page.html”"),
    ],
)  # fmt: skip
def test_links_are_judged_by_where_they_lead(acme, draft, link, level, words):
    with scope(acme):
        MessageTemplate.objects.update(html=sanitise(factories.HTML + link).html)
    found = levels(acme, draft)
    assert next(found[text] for text in found if words in text) == level
    assert ("blocker" in found.values()) is (level == "blocker")


def test_missing_sender_audience_and_account_are_blocked(acme, draft):
    with scope(acme):
        Campaign.objects.update(sender=None)
        Contact.objects.update(status="unsubscribed")
        DefaultAccount.objects.all().delete()
    text = blocked(acme, draft)
    assert "sender" in text and "No one in this audience" in text and "provider account" in text


def test_fields_that_are_empty_for_real_recipients_are_warned_of(acme, draft):
    with scope(acme):
        Contact.objects.filter(email="p0@example.com").update(first_name="")
        MessageTemplate.objects.update(html=factories.HTML + "{{ nonsense }}")
    found = levels(acme, draft)
    assert any(
        "first_name" in text and "1 of the first 5" in text for text, level in found.items() if level == "warning"
    )
    assert any("Unknown merge tag {{ nonsense }}" in text for text in found)


def test_tags_choose_the_audience(acme, draft, run_jobs):
    with scope(acme):
        a, b, c = Contact.objects.filter(status="subscribed").order_by("id")[:3]
        vip, staff = Tag.objects.create(name="vip"), Tag.objects.create(name="staff")
        for contact, tag in ((a, vip), (b, vip), (b, staff), (c, staff)):
            ContactTag.objects.create(contact=contact, tag=tag)
        Campaign.objects.update(audience={"include": [vip.pk], "exclude": [staff.pk]})
        sending.start(draft.pk)
    run_jobs()
    with scope(acme):
        assert [m.contact_id for m in Message.objects.all()] == [a.pk]


def test_sending_from_the_page_to_the_report(acme, draft, alice, as_user, run_jobs):
    client = as_user(alice)
    url = f"/w/acme/campaigns/{draft.pk}/"
    assert "Send now" in client.get(url).content.decode()
    client.post(url + "send/")
    with scope(acme):
        Campaign.objects.update(created_by=alice)
    again = client.post(url + "send/", follow=True)  # a browser going back, or a second person
    assert "has already been started" in again.content.decode()
    run_jobs()
    with scope(acme):
        assert Batch.objects.count() == 1
        draft.refresh_from_db()
        assert draft.state == Campaign.State.SENT
        report = CampaignReport(draft)
        assert report.adds_up and dict(report.ends) == {
            "accepted": 5,
            "skipped": 1,
            "failed": 0,
            "unknown": 0,
            "cancelled": 0,
            "expired": 0,
            "open": 0,
        }
        assert Notification.objects.get().user == alice
        assert AuditEntry.objects.filter(verb="campaign.started", actor=alice, record_id=draft.pk).count() == 1
    page = client.get(f"/w/acme/reports/campaigns/{draft.pk}/").content.decode()
    assert "Unsubscribed: 1" in page
    recipients = client.get(f"/w/acme/reports/campaigns/{draft.pk}/recipients/?q=p3").content.decode()
    assert "p3@example.com" in recipients and "p2@example.com" not in recipients
    skipped = client.get(f"/w/acme/reports/campaigns/{draft.pk}/recipients/?state=4").content.decode()
    assert "no@example.com" in skipped and "p2@example.com" not in skipped


def test_two_people_pressing_send_open_one_batch(acme, draft):
    """At the same time, on four connections: the row lock lets one act."""
    results = []

    def press():
        try:
            with scope(acme.pk):
                sending.start(draft.pk)
            results.append("started")
        except sending.Refused:
            results.append("refused")
        finally:
            connections.close_all()

    threads = [threading.Thread(target=press) for _ in range(4)]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    assert sorted(results) == ["refused"] * 3 + ["started"]
    with scope(acme):
        assert Batch.objects.count() == 1


def test_pause_resume_and_cancel_from_the_page(acme, draft, alice, as_user, run_jobs):
    client, url = as_user(alice), f"/w/acme/campaigns/{draft.pk}/"
    client.post(url + "send/")
    client.post(url + "pause/")
    run_jobs()
    with scope(acme):
        assert Message.objects.filter(state=Message.State.ACCEPTED).count() == 0
    assert "Paused" in client.get(url + "progress/", headers={"hx-request": "true"}).content.decode()
    client.post(url + "resume/")
    client.post(url + "cancel/")
    run_jobs()
    with scope(acme):
        draft.refresh_from_db()
        assert draft.state == Campaign.State.CANCELLED
        assert CampaignReport(draft).adds_up
    assert "can&#x27;t be cancelled" in client.post(url + "cancel/", follow=True).content.decode()


def test_an_operator_writes_but_does_not_send(acme, draft, bob, as_user):
    acme.memberships.filter(user=bob).update(role="operator")
    client = as_user(bob)
    assert client.get(f"/w/acme/campaigns/{draft.pk}/edit/").status_code == 200
    assert client.post(f"/w/acme/campaigns/{draft.pk}/send/").status_code == 403


@pytest.mark.parametrize(
    "wall, zone, utc",
    [
        ("2027-01-10 09:00", "Europe/Paris", "2027-01-10 08:00"),
        ("2027-07-10 09:00", "Europe/Paris", "2027-07-10 07:00"),
        ("2026-10-25 02:30", "Europe/Paris", "2026-10-25 00:30"),  # occurs twice: the first
        ("2027-07-10 09:00", "Asia/Kathmandu", "2027-07-10 03:15"),
    ],
)
def test_wall_time_means_one_instant(wall, zone, utc):
    instant = scheduling.moment(datetime.fromisoformat(wall), zone)
    assert instant.strftime("%Y-%m-%d %H:%M") == utc


def test_a_time_that_does_not_exist_is_refused():
    with pytest.raises(sending.Refused, match="clocks go forward"):
        scheduling.moment(datetime(2027, 3, 28, 2, 30), "Europe/Paris")


def test_schedule_from_the_page(acme, draft, alice, as_user):
    client, url = as_user(alice), f"/w/acme/campaigns/{draft.pk}/"
    for at, words in (
        ("2020-01-01T10:00", "This time has passed"),
        ("2027-03-28T02:30", "because the clocks go forward"),
        ("tomorrow", "Enter a date and time"),
        ("2090-01-01T10:00", "more than a year"),
    ):
        page = client.post(url + "schedule/", {"at": at, "zone": "Europe/Paris"}, follow=True).content.decode()
        assert words in page
    at = (timezone.now() + timedelta(days=3)).strftime("%Y-%m-%dT10:00")
    page = client.post(url + "schedule/", {"at": at, "zone": "America/Montreal"}, follow=True).content.decode()
    assert "10:00" in page and "America/Montreal" in page
    assert client.get(url + "edit/").status_code == 302
    page = client.post(url + "unschedule/", follow=True).content.decode()
    assert "Unscheduled. The campaign is a draft again." in page
    with scope(acme):
        draft.refresh_from_db()
        assert draft.state == Campaign.State.DRAFT and draft.fires_at is None


def test_unscheduling_too_late_cancels_nothing(acme, draft, alice, as_user):
    """Whoever still sees “Unschedule” when sending begins must not lose the campaign."""
    client, url = as_user(alice), f"/w/acme/campaigns/{draft.pk}/"
    client.post(url + "send/")
    page = client.post(url + "unschedule/", follow=True).content.decode()
    assert "This campaign isn&#x27;t scheduled any more." in page
    with scope(acme):
        draft.refresh_from_db()
        assert draft.state == Campaign.State.SENDING


def test_a_due_schedule_starts_once(acme, run_jobs):
    with scope(acme):
        factories.contacts(2)
        due = factories.scheduled()
        later = factories.scheduled(timezone.now() + timedelta(hours=1))
    for _ in range(3):  # three schedulers
        jobs.fire_schedules()
    run_jobs()
    with scope(acme):
        due.refresh_from_db()
        later.refresh_from_db()
        assert due.state == Campaign.State.SENT and later.state == Campaign.State.SCHEDULED
        assert Batch.objects.count() == 1


def test_a_schedule_that_is_hours_late_is_held_with_a_notice(acme, alice, run_jobs):
    with scope(acme):
        factories.contacts(1)
        late = factories.scheduled(timezone.now() - timedelta(hours=3))
    jobs.fire_schedules()
    run_jobs()
    with scope(acme):
        late.refresh_from_db()
        assert late.state == Campaign.State.DRAFT and not late.parts.exists()
        assert Notification.objects.filter(user=alice, level="warning").exists()


@pytest.mark.parametrize(
    "subject", ["Hi\r\nBcc: x@y.example", "Hi {{ name", "{% for x in (1..99999999) %}{{ x }}{% endfor %}"]
)
def test_a_subject_that_can_not_be_sent_is_refused(acme, draft, bob, as_user, subject):
    with scope(acme):
        data = {"name": "x", "subject": subject, "sender": draft.sender_id, "template": draft.template_id}
    page = edit(as_user(bob), f"/w/acme/campaigns/{draft.pk}/edit/", data)
    assert page.status_code == 200 and "errorlist" in page.content.decode()
    with scope(acme):
        draft.refresh_from_db()
        assert draft.subject == "Hi {{ first_name }}"


def test_the_list_holds_campaigns_of_every_state(acme, draft, bob, as_user):
    page = as_user(bob).get("/w/acme/campaigns/")
    assert page.status_code == 200 and "News" in page.content.decode()


def test_a_report_of_a_batch_that_has_not_begun(acme, draft, bob, as_user):
    with scope(acme):
        sending.start(draft.pk)
    page = as_user(bob).get(f"/w/acme/reports/campaigns/{draft.pk}/")
    assert page.status_code == 200 and "No opens yet" in page.content.decode()
