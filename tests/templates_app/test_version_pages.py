"""The versions of a template: named, compared, restored as a new version, and kept where a campaign names them."""

from datetime import timedelta

import pytest
from django.utils import timezone

from campaigns import sending
from campaigns.models import CampaignBatch
from kernel.tenancy import scope
from templates_app import contents, jobs, version_retention, versions
from templates_app.blocks import editing, saving
from templates_app.models import Content, MessageTemplate, TemplateVersion
from tests import factories
from tests.markup import edit, flat

FOOT = '<p>{{ postal_address }}</p><p><a href="{{ unsubscribe_url }}">Unsubscribe</a></p>'
FRIDAY, SATURDAY = f"<p>Come on Friday</p>{FOOT}", f"<p>Come on Saturday</p>{FOOT}"


@pytest.fixture
def client(acme, alice, as_user):
    return as_user(alice)


@pytest.fixture
def template(acme, client):
    """An HTML template that was saved twice."""
    client.post("/w/acme/templates/new/?blank", {"name": "T", "html": FRIDAY, "text": ""})
    with scope(acme):
        template = MessageTemplate.objects.get()
    change(client, template.pk, SATURDAY)
    return template


def change(client, pk: int, html: str) -> None:
    edit(client, f"/w/acme/templates/{pk}/edit/", {"name": "T", "html": html, "text": ""})


def page_of(template, path: str = "") -> str:
    return f"/w/acme/templates/{template.pk}/versions/{path}"


def mark_on(page) -> str:
    return page.content.decode().split('name="opened" value="')[1].split('"')[0]


def said(workspace) -> list[str]:
    """What the versions say, the oldest first."""
    with scope(workspace):
        rows = TemplateVersion.objects.select_related("content").order_by("number")
        return [version.content.body["html"] for version in rows]


def test_the_list_says_who_when_and_what_sent_it(acme, client, template):
    with scope(acme):
        factories.contacts(1)
        campaign = sending.start(factories.campaign(template=template, name="Spring").pk)
    page = flat(client.get(page_of(template)))
    assert "Version 2" in page and "Version 1" in page and "Alice" in page and "Spring" in page
    shown = client.get(f"/w/acme/campaigns/{campaign.pk}/").content.decode()
    assert "/versions/2/" in shown and f"/campaigns/{campaign.pk}/messages/" in shown


def test_two_versions_stand_side_by_side_with_the_words_that_differ(client, template):
    page = flat(client.get(page_of(template, "compare/?version=2&version=1")))
    assert "preview.html?version=1" in page and "preview.html?version=2" in page
    assert "<del>Friday</del>" in page and "<ins>Saturday</ins>" in page
    page = flat(client.get(page_of(template, "compare/?version=2")))
    assert "As it is now" in page and "Both say the same and look the same." in page
    change(client, template.pk, f"<p><b>Come on Saturday</b></p>{FOOT}")
    assert "The words are the same." in flat(client.get(page_of(template, "compare/?version=2")))
    assert client.get(page_of(template, "compare/?version=99")).status_code == 404
    assert client.get(page_of(template, "compare/?version=x")).status_code == 302


def test_restoring_makes_a_new_version_and_loses_nothing(acme, client, template):
    with scope(acme):
        template.refresh_from_db()
        template.html = "<p>Not kept yet</p>"
        template.save()
    mark = mark_on(client.get(page_of(template, "1/")))
    page = client.post(page_of(template, "1/restore/"), {"opened": mark}, follow=True).content.decode()
    assert "Version 1 is restored, as version 4." in page
    first, second, third, last = said(acme)
    assert "Friday" in first and "Saturday" in second and "Not kept yet" in third and last == first
    with scope(acme):
        assert MessageTemplate.objects.get().html == first


@pytest.mark.parametrize("mark", ["old", "", "\0"])
def test_restoring_overwrites_nothing_that_was_not_seen(acme, client, template, mark):
    if mark == "old":
        mark = mark_on(client.get(page_of(template, "1/")))
        change(client, template.pk, "<p>Come on Sunday</p>")
    page = client.post(page_of(template, "1/restore/"), {"opened": mark}, follow=True).content.decode()
    assert "Someone has changed this template since you opened the page" in page
    with scope(acme):
        assert MessageTemplate.objects.get().html.count("Friday") == 0


def test_a_version_that_can_no_longer_be_sent_is_refused_with_the_reason(acme, client, template):
    with scope(acme):
        body = {"html": "<p>{% frobnicate %}</p>", "text": ""}
        content = contents.keep(channel="email", kind=Content.Kind.TEMPLATE, body=body)
        TemplateVersion.objects.create(template=template, number=3, content=content)
    mark = mark_on(client.get(page_of(template, "3/")))
    page = client.post(page_of(template, "3/restore/"), {"opened": mark}, follow=True).content.decode()
    assert "This version can&#x27;t be restored" in page and "frobnicate" in page
    with scope(acme):
        assert MessageTemplate.objects.get().html.count("Saturday") == 1


def test_a_script_in_a_version_is_not_restored(acme, client, template):
    with scope(acme):
        body = {"html": "<p>Hi</p><script>alert(1)</script>", "text": ""}
        content = contents.keep(channel="email", kind=Content.Kind.TEMPLATE, body=body)
        TemplateVersion.objects.create(template=template, number=3, content=content)
    client.post(page_of(template, "3/restore/"), {"opened": mark_on(client.get(page_of(template, "3/")))})
    with scope(acme):
        assert "script" not in MessageTemplate.objects.get().html


def test_a_message_of_blocks_comes_back_as_blocks(acme, alice, client):
    with scope(acme):
        template = MessageTemplate.objects.create(name="B", kind="blocks", html="", created_by=alice)
        template.workspace = acme
        first = editing.empty("en")
        saving.keep(template, first, by=alice)
        versions.freeze(template, by=alice)
        saving.keep(template, editing.add(first, editing.new_block("text", "en")), by=alice)
    client.post(page_of(template, "1/restore/"), {"opened": mark_on(client.get(page_of(template, "1/")))})
    with scope(acme):
        template.refresh_from_db()
        assert template.is_of_blocks and len(template.document["blocks"]) == len(first) and template.html
        assert template.revision == 3 and template.versions.count() == 3


def test_a_version_gets_a_name_and_keeps_it(acme, client, template):
    page = client.get(page_of(template, "1/")).content.decode()
    opened = page.split("/name/")[1].split('name="opened" value="')[1].split('"')[0].replace("&quot;", '"')
    for name in ("Autumn", "Winter"):
        client.post(page_of(template, "1/name/"), {"name": name, "opened": opened})
    with scope(acme):
        assert TemplateVersion.objects.get(number=1).name == "Autumn", "the second page was older than the name"
    page = flat(client.get(page_of(template, "?named=1")))
    assert "Autumn (1)" in page and "Version 2" not in page


def test_what_it_says_now_is_kept_under_a_name(acme, client, template):
    client.post(page_of(template, "keep/"), {"name": "Now"})
    page = client.post(page_of(template, "keep/"), {"name": "Other"}, follow=True).content.decode()
    assert "Nothing has changed since version 2, which is called “Now”." in page
    assert "Type a name" in client.post(page_of(template, "keep/"), {"name": " "}, follow=True).content.decode()
    with scope(acme):
        assert list(TemplateVersion.objects.values_list("number", "name")) == [(2, "Now"), (1, "")]


def test_a_viewer_compares_and_changes_nothing(template, rita, as_user):
    reader = as_user(rita)
    for path in ("", "1/", "compare/?version=1"):
        page = reader.get(page_of(template, path))
        assert page.status_code == 200 and "/restore/" not in page.content.decode()
    for path in ("1/restore/", "1/name/", "keep/"):
        assert reader.post(page_of(template, path)).status_code == 403


def test_a_long_list_has_pages(acme, client, template):
    with scope(acme):
        content = TemplateVersion.objects.first().content
        TemplateVersion.objects.bulk_create(
            [TemplateVersion(template=template, number=number, content=content) for number in range(3, 1001)]
        )
    page = client.get(page_of(template)).content.decode()
    assert "Version 1000" in page and "Version 951" in page and "Version 950" not in page and "cursor=" in page


def test_what_a_campaign_said_is_kept_whatever_becomes_of_the_template(acme, client, template):
    with scope(acme):
        factories.contacts(1)
        campaign = sending.start(factories.campaign(template=template, subject="Saturday!").pk)
    change(client, template.pk, "<p>Something else</p>")
    page = client.get(f"/w/acme/campaigns/{campaign.pk}/messages/").content.decode()
    assert "Saturday!" in page and "version 2" in page
    with scope(acme):
        batch = CampaignBatch.objects.get().batch_id
    answer = client.get(f"/w/acme/campaigns/{campaign.pk}/messages/{batch}.html")
    assert "Come on Saturday" in answer.content.decode()
    assert answer["Content-Security-Policy"].startswith("sandbox")
    assert client.get(f"/w/acme/campaigns/{campaign.pk}/messages/{batch + 1}.html").status_code == 404


def test_old_versions_go_unless_somebody_named_or_sent_them(acme, template, settings):
    with scope(acme):
        factories.contacts(1)
        sending.start(factories.campaign(template=template).pk)
        content = TemplateVersion.objects.first().content
        old = timezone.now() - timedelta(days=settings.TEMPLATE_VERSION_DAYS + 1)
        made = [TemplateVersion(template=template, number=n, content=content) for n in range(3, 31)]
        made[3].name = "Named"
        TemplateVersion.objects.bulk_create(made)
        TemplateVersion.objects.update(created_at=old)
        TemplateVersion.objects.filter(number=5).update(created_at=timezone.now())
    jobs.prune_versions()
    with scope(acme):
        left = sorted(TemplateVersion.objects.values_list("number", flat=True))
    assert left == [2, 5, 6, *range(11, 31)], "sent, young, named, and the newest 20"
    settings.TEMPLATE_VERSION_DAYS = 0
    assert version_retention.prune()
