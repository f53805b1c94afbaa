"""The library of templates: whole messages as cards, found by tab and words; favourites are one's own."""

from importlib import import_module
from types import SimpleNamespace

import pytest
from django.apps import apps
from django.db import connections
from django.utils import timezone

from campaigns.models import Campaign
from kernel.tenancy import scope
from templates_app import designs
from templates_app.blocks import saving
from templates_app.models import MessageTemplate, TemplateFavourite
from tests import factories
from tests.markup import fields_of, flat

W = "/w/acme/templates/"


@pytest.fixture
def template(acme):
    with scope(acme):
        return MessageTemplate.objects.create(name="Été à Lyon", html="<p>Crème brûlée für alle</p>", category="season")


@pytest.fixture
def client(acme, alice, as_user):
    return as_user(alice)


def cards(page) -> list[str]:
    """The names on the cards."""
    text = page.content.decode()
    return [part.split("</a>")[0].split(">")[1] for part in text.split('class="library-link"')[1:]]


@pytest.mark.parametrize("query", ["ete", "LYON été", "creme alle", "brulee lyon", "brûl"])
def test_a_template_is_found_by_name_and_text_without_accents(client, template, query):
    assert cards(client.get(W, {"q": query})) == ["Été à Lyon"]


@pytest.mark.parametrize("query", ["hiver", "lyon hiver", "%", "_", "***"])
def test_nothing_found_says_what_was_sought(client, template, query):
    page = client.get(W, {"q": query})
    assert cards(page) == [] and "Nothing found" in page.content.decode() and f"“{query}”" in page.content.decode()


def test_a_template_is_found_by_the_subject_of_a_campaign(acme, client, template):
    with scope(acme):
        campaign = factories.campaign(subject="Déjà vingt ans", template=template)
    assert cards(client.get(W, {"q": "deja vingt"})) == ["Été à Lyon"]
    with scope(acme):
        campaign.discard()
    assert cards(client.get(W, {"q": "deja vingt"})) == []


def test_words_follow_each_change(acme, template):
    with scope(acme):
        template.name = "Hiver"
        template.save(update_fields=["name", "updated_at"])
        template.refresh_from_db()
        assert template.words.startswith("hiver") and "creme brulee" in template.words and template.name_key == "hiver"


def test_tabs_are_the_categories_that_have_templates(acme, client, alice, template):
    with scope(acme):
        MessageTemplate.objects.create(name="Plain", html="<p>A</p>")
        MessageTemplate.objects.create(name="Old", html="<p>A</p>", archived_at=timezone.now())
    page = flat(client.get(W))
    assert "All <b>2</b>" in page and "Season <b>1</b>" in page and "Archived <b>1</b>" in page
    assert "Newsletter <b>" not in page
    assert cards(client.get(W)) == ["Plain", "Été à Lyon"]
    assert cards(client.get(W, {"in": "season"})) == ["Été à Lyon"]
    assert cards(client.get(W, {"in": "archived"})) == ["Old"]
    assert cards(client.get(W, {"in": "nonsense"})) == ["Plain", "Été à Lyon"]
    assert cards(client.get(W, {"sort": "name"})) == ["Été à Lyon", "Plain"]


def test_a_change_of_tab_search_or_order_swaps_cards_and_tabs_only(client, template):
    page = client.get(W, {"in": "season"}, headers={"HX-Request": "true"}).content.decode()
    assert page.lstrip().startswith('<div id="cards"') and 'hx-swap-oob="true"' in page and "<html" not in page
    assert 'hx-swap-oob="true"' not in client.get(W).content.decode()


def test_a_favourite_is_ones_own(acme, client, template, rita, as_user):
    reader = as_user(rita)
    for _time in range(2):
        star = reader.post(f"{W}{template.pk}/favourite/", {"on": "1"}, headers={"HX-Request": "true"})
        assert 'aria-pressed="true"' in star.content.decode()
    assert cards(reader.get(W, {"in": "favourites"})) == ["Été à Lyon"]
    assert cards(client.get(W, {"in": "favourites"})) == []
    reader.post(f"{W}{template.pk}/favourite/", {"on": "0"})
    with scope(acme):
        assert not TemplateFavourite.objects.exists()


def test_what_a_viewer_may_not_do_is_not_offered(acme, client, template, rita, as_user):
    page = as_user(rita).get(W).content.decode()
    assert "New template" not in page and "Use in a campaign" not in page and "/archive/" not in page
    assert "New template" in client.get(W).content.decode()


def test_an_archived_template_is_not_offered_and_stays_where_it_is_used(acme, client, template):
    with scope(acme):
        campaign = factories.campaign(template=template)
        other = MessageTemplate.objects.create(name="Other", html="<p>A</p>")
        unused = factories.campaign(template=other)
    client.post(f"{W}{template.pk}/archive/")
    assert "Été à Lyon" not in client.get("/w/acme/campaigns/new/").content.decode()
    assert "Été à Lyon" not in client.get(f"/w/acme/campaigns/new/?template={template.pk}").content.decode()
    assert "Été à Lyon" not in client.get(f"/w/acme/campaigns/{unused.pk}/edit/").content.decode()
    address = f"/w/acme/campaigns/{campaign.pk}/edit/"
    assert client.post(address, fields_of(client.get(address)) | {"name": "Again"}).status_code == 302
    with scope(acme):
        assert Campaign.objects.get(pk=campaign.pk).template_id == template.pk
    client.post(f"{W}{template.pk}/unarchive/")
    assert cards(client.get(W)) == ["Été à Lyon", "Other"] or cards(client.get(W)) == ["Other", "Été à Lyon"]


def test_use_in_a_campaign_chooses_the_template(client, template):
    page = client.get(f"/w/acme/campaigns/new/?template={template.pk}").content.decode()
    assert f'<option value="{template.pk}" selected>' in page


def test_a_card_says_what_uses_the_template_and_who_edited_it(acme, client, alice, template):
    assert "Not used yet" in client.get(W).content.decode()
    with scope(acme):
        MessageTemplate.objects.filter(pk=template.pk).update(edited_by=alice)
        factories.campaign(template=template, name="Summer")
        factories.campaign(template=template, name="Again")
    page = flat(client.get(W))
    assert "2 campaigns" in page and "Alice, <time" in page and "just now" in page
    assert "Summer" in client.get(f"{W}{template.pk}/").content.decode()


def test_the_category_comes_from_the_design_and_can_be_changed(acme, client):
    client.post(f"{W}new/blocks/", {"design": "invitation", "language": "en"})
    with scope(acme):
        template = MessageTemplate.objects.get()
        assert template.category == "event"
    first, second = (fields_of_category(client, template.pk) for _time in range(2))
    client.post(f"{W}{template.pk}/category/", first | {"category": "letter"})
    page = client.post(f"{W}{template.pk}/category/", second | {"category": "welcome"}, follow=True)
    assert "Someone saved other changes here" in page.content.decode()
    client.post(f"{W}{template.pk}/category/", fields_of_category(client, template.pk) | {"category": "nonsense"})
    with scope(acme):
        assert MessageTemplate.objects.get().category == "letter"


def fields_of_category(client, pk: int) -> dict:
    page = client.get(f"{W}{pk}/").content.decode()
    opened = page.split("/category/")[1].split('name="opened" value="')[1].split('"')[0]
    return {"opened": opened.replace("&quot;", '"')}


def test_a_copy_keeps_the_category_and_is_a_version(acme, client, template):
    client.post(f"{W}{template.pk}/duplicate/")
    with scope(acme):
        copy = MessageTemplate.objects.get(name="Copy of Été à Lyon")
        assert copy.category == "season" and copy.versions.count() == 1


def test_a_thumbnail_runs_nothing_and_is_asked_for_once(client, template):
    page = client.get(W).content.decode()
    assert f"thumbnail.html?at={int(template.updated_at.timestamp())}" in page
    answer = client.get(f"{W}{template.pk}/thumbnail.html", HTTP_ACCEPT_ENCODING="gzip")
    assert answer["Content-Security-Policy"].startswith("sandbox allow-same-origin allow-popups")
    assert (
        "default-src 'none'" in answer["Content-Security-Policy"] and "script" not in answer["Content-Security-Policy"]
    )
    assert "private" in answer["Cache-Control"] and "max-age" in answer["Cache-Control"]


def test_sixty_on_a_page_and_more_on_the_next(acme, client):
    with scope(acme):
        for number in range(62):
            MessageTemplate.objects.create(name=f"T {number:02}", html="<p>A</p>")
    page = client.get(W, {"sort": "name"})
    assert len(cards(page)) == 60 and "All <b>62</b>" in flat(page)
    cursor = page.content.decode().split("cursor=")[1].split('"')[0]
    assert cards(client.get(f"{W}?sort=name&cursor={cursor}")) == ["T 60", "T 61"]


def test_an_empty_library_begins_with_designs(client, rita, as_user):
    page = client.get(W).content.decode()
    assert page.count('class="library-card"') == 3 and "No templates yet" in page and "library-bar" not in page
    assert "library-card" not in as_user(rita).get(W).content.decode()


def test_templates_of_another_workspace_stay_hidden(acme, beta, template, charlie, as_user):
    stranger = as_user(charlie)
    for what in ("thumbnail.html", "favourite/", "archive/", "unarchive/", "category/", "versions/"):
        assert stranger.post(f"/w/beta/templates/{template.pk}/{what}", {"on": "1"}).status_code in (404, 405)
    with scope(beta):
        assert not TemplateFavourite.objects.exists()


def test_each_design_has_a_category_of_the_library(acme, alice):
    with scope(acme):
        for design in designs.DESIGNS:
            template = MessageTemplate(name=str(design.name), kind="blocks", html="", category=design.category)
            template.workspace = acme
            template.save()
            saving.keep(template, design.document("fr"), by=alice)
            assert design.category in dict(designs.CATEGORIES) and len(template.words) > 50


def test_templates_from_before_the_library_get_their_words(acme, template):
    migration = import_module("templates_app.migrations.0013_words_of_earlier_templates")
    with scope(acme):
        MessageTemplate.objects.update(words="", name_key="")
    with scope(acme):
        migration.note_words(apps, SimpleNamespace(connection=connections["owner"]))
        found = MessageTemplate.objects.get()
        assert "creme brulee" in found.words and (found.words, found.name_key) == (template.words, "ete a lyon")
