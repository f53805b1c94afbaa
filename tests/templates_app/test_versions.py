"""A template has versions: saving a change makes one, a campaign sends one, and the report names it."""

from analytics.reports.campaign import CampaignReport
from campaigns import sending
from kernel.tenancy import scope
from templates_app import contents, versions
from templates_app.message_links import counted_links
from templates_app.models import MessageTemplate, TemplateVersion
from tests import factories
from tests.markup import edit


def save(client, pk: int | None, html: str, name: str = "T"):
    values = {"name": name, "html": html, "text": ""}
    if pk is None:
        return client.post("/w/acme/templates/new/?blank", values)
    return edit(client, f"/w/acme/templates/{pk}/edit/", values)


def numbers() -> list[int]:
    return sorted(TemplateVersion.objects.values_list("number", flat=True))


def test_saving_a_change_makes_a_version_and_the_old_one_can_be_seen(acme, alice, as_user):
    client = as_user(alice)
    save(client, None, "<p>First words</p>")
    with scope(acme):
        template = MessageTemplate.objects.get()
        assert numbers() == [1]
    save(client, template.pk, "<p>Second words</p>")
    save(client, template.pk, "<p>Second words</p>", name="Another name")
    with scope(acme):
        assert numbers() == [1, 2] and TemplateVersion.objects.get(number=2).created_by == alice
    page = client.get(f"/w/acme/templates/{template.pk}/versions/1/").content.decode()
    assert "preview.html?version=1" in page and "This is what the template says now." not in page
    page = client.get(f"/w/acme/templates/{template.pk}/versions/2/").content.decode()
    assert "This is what the template says now." in page
    assert "First words" in client.get(f"/w/acme/templates/{template.pk}/preview.txt?version=1").content.decode()
    assert "First words" in client.get(f"/w/acme/templates/{template.pk}/preview.html?version=1").content.decode()
    for version in ("", "2", "99", "x"):
        page = client.get(f"/w/acme/templates/{template.pk}/preview.html?version={version}").content.decode()
        assert "Second words" in page


def test_going_back_to_old_words_is_a_new_version_of_the_same_content(acme):
    with scope(acme):
        template = MessageTemplate.objects.create(name="T", html="<p>A</p>")
        first = versions.freeze(template)
        assert versions.freeze(template) == first
        template.html = "<p>B</p>"
        template.save()
        versions.freeze(template)
        template.html = "<p>A</p>"
        template.save()
        third = versions.freeze(template)
        assert third.number == 3 and third.content_id == first.content_id


def test_a_version_has_no_links_and_is_no_content_of_a_batch(acme):
    with scope(acme):
        template = MessageTemplate.objects.create(name="T", html='<a href="https://a.example/">A</a>')
        version = versions.freeze(template)
        assert not version.content.links.exists()
        body = {"subject": "", "preheader": "", "html": template.html, "text": ""}
        sent = contents.keep(channel="email", kind="html", body=body, links=lambda: counted_links(template.html))
        assert sent.pk != version.content_id and sent.links.count() == 1


def test_a_version_of_an_older_release_is_no_reason_for_a_new_one(acme):
    with scope(acme):
        template = MessageTemplate.objects.create(name="T", html="<p>A</p>")
        body = {"subject": "", "preheader": "", "html": "<p>A</p>", "text": ""}
        content = contents.keep(channel="email", kind="html", body=body)
        old = TemplateVersion.objects.create(template=template, number=1, content=content)
        assert versions.freeze(template) == old


def test_the_report_names_the_version_that_was_sent(acme, alice, as_user):
    with scope(acme):
        factories.contacts(1)
        campaign = sending.start(factories.campaign().pk)
        campaign.template.html = "<p>Changed afterwards</p>"
        campaign.template.save()
        versions.freeze(campaign.template)
        (sent,) = CampaignReport(campaign).versions
        assert sent.number == 1 and numbers() == [1, 2]
    page = as_user(alice).get(f"/w/acme/reports/campaigns/{campaign.pk}/").content.decode()
    assert "version 1" in page and "/versions/1/" in page


def test_another_workspace_sees_no_version(acme, beta, alice, charlie, as_user):
    save(as_user(alice), None, "<p>Ours</p>")
    with scope(acme):
        pk = MessageTemplate.objects.get().pk
    assert as_user(charlie).get(f"/w/acme/templates/{pk}/preview.html?version=1").status_code == 404
    assert as_user(charlie).get(f"/w/beta/templates/{pk}/preview.html?version=1").status_code == 404
