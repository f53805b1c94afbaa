"""A template in several languages: written, compared, restored, thrown away."""

import pytest
from django.db import IntegrityError, transaction

from kernel.tenancy import scope
from templates_app import restoring, translating, versions
from templates_app.blocks import documents, editing, saving
from templates_app.blocks.documents import Block, Document
from templates_app.models import MessageTemplate
from tests import factories
from tests.markup import flat

HTML = '<p>Hello</p><a href="{{ unsubscribe_url }}">x</a>'


@pytest.fixture
def template(acme):
    with scope(acme):
        return MessageTemplate.objects.create(name="Spring", html=HTML)


def add(browser, template, code):
    return browser.post(f"/w/acme/templates/{template.pk}/translations/add/", {"language": code})


def test_a_translation_begins_as_a_copy_and_is_shown_with_the_original(acme, template, alice, as_user):
    browser = as_user(alice)
    response = add(browser, template, "fr")
    with scope(acme):
        french = template.translations.get()
    assert response["Location"] == f"/w/acme/templates/{french.pk}/edit/"
    assert (french.language, french.html, french.name) == ("fr", HTML, "Spring (French)")
    page = flat(browser.get(f"/w/acme/templates/{template.pk}/"))
    assert "Languages" in page and f'href="/w/acme/templates/{french.pk}/"' in page
    assert '<option value="de">' in page and '<option value="fr">' not in page and '<option value="en">' not in page
    assert flat(browser.get(f"/w/acme/templates/{french.pk}/original/")).count("<iframe") == 2


def test_the_library_and_the_campaigns_offer_the_original_alone(acme, template, alice, as_user):
    browser = as_user(alice)
    for code in ("fr", "de"):
        add(browser, template, code)
    with scope(acme):
        french = template.translations.get(language="fr")
    library = flat(browser.get("/w/acme/templates/"))
    assert "<i>DE</i><i>FR</i>" in library and f"/templates/{french.pk}/" not in library
    assert "Spring (French)" not in flat(browser.get("/w/acme/campaigns/new/"))
    assert "Spring (French)" not in flat(browser.get(f"/w/acme/campaigns/new/?template={french.pk}"))


@pytest.mark.parametrize("code", ["en", "fr", "xx", "", "<b>", "9" * 40])
def test_a_language_that_is_there_or_none_is_refused(acme, template, alice, as_user, code):
    browser = as_user(alice)
    add(browser, template, "fr")
    response = browser.post(f"/w/acme/templates/{template.pk}/translations/add/", {"language": code}, follow=True)
    assert "Choose a language that this template doesn&#x27;t have yet." in flat(response)
    with scope(acme):
        assert template.translations.count() == 1


def test_a_translation_has_no_translations_and_no_language_twice(acme, template, alice, as_user):
    browser = as_user(alice)
    add(browser, template, "fr")
    with scope(acme):
        french = template.translations.get()
        with pytest.raises(IntegrityError), transaction.atomic():
            MessageTemplate.objects.create(name="again", html=HTML, original=template, language="fr")
    assert add(browser, french, "de").status_code == 404


def test_languages_are_bounded(acme, template, alice, monkeypatch):
    monkeypatch.setattr(translating, "MOST", 3)
    with scope(acme):
        translating.add(template, "fr", acme, by=alice)
        translating.add(template, "de", acme, by=alice)
        assert translating.offered(template, acme) == []
        with pytest.raises(translating.CannotTranslate):
            translating.add(template, "es", acme, by=alice)


def test_the_trash_takes_and_gives_back_all_languages(acme, template, alice, as_user):
    browser = as_user(alice)
    for code in ("fr", "de"):
        add(browser, template, code)
    with scope(acme):
        french, german = (template.translations.get(language=code) for code in ("fr", "de"))
    browser.post(f"/w/acme/templates/{german.pk}/delete/")
    browser.post(f"/w/acme/templates/{template.pk}/delete/")
    assert browser.get(f"/w/acme/templates/{french.pk}/").status_code == 404
    trashed = flat(browser.get("/w/acme/trash/"))
    assert "Spring" in trashed and "Spring (French)" not in trashed and "Spring (German)" not in trashed
    assert browser.post(f"/w/acme/trash/template/{french.pk}/restore/").status_code == 404
    browser.post(f"/w/acme/trash/template/{template.pk}/restore/")
    assert browser.get(f"/w/acme/templates/{french.pk}/").status_code == 200
    with scope(acme):
        assert [one.language for one in translating.translations_of(template)] == ["fr"]
    assert "Spring (German)" in flat(browser.get("/w/acme/trash/"))


def test_no_language_of_a_scheduled_campaign_is_deleted(acme, template, alice, as_user):
    browser = as_user(alice)
    add(browser, template, "fr")
    with scope(acme):
        french = template.translations.get()
        factories.scheduled(template=template, subject="Hi", name="Tomorrow")
    for one in (french, template):
        answer = flat(browser.post(f"/w/acme/templates/{one.pk}/delete/", follow=True))
        assert "is still in use: Tomorrow" in answer
        with scope(acme):
            one.refresh_from_db()
        assert one.deleted_at is None


def test_a_translation_is_filed_with_its_original(acme, template, alice, as_user):
    browser = as_user(alice)
    add(browser, template, "fr")
    with scope(acme):
        french = template.translations.get()
    for action in ("archive", "unarchive", "categorise"):
        assert browser.post(f"/w/acme/templates/{french.pk}/{action}/").status_code == 404


def test_a_copy_has_the_translations_too(acme, template, alice, as_user):
    browser = as_user(alice)
    add(browser, template, "fr")
    browser.post(f"/w/acme/templates/{template.pk}/duplicate/")
    with scope(acme):
        copy = MessageTemplate.objects.get(name="Copy of Spring")
        assert [one.language for one in translating.translations_of(copy)] == ["fr"]


def test_a_version_has_all_languages_and_brings_them_back(acme, template, alice):
    with scope(acme):
        french = translating.add(template, "fr", acme, by=alice)
        first = versions.freeze(template, by=alice)
        french.html = HTML.replace("Hello", "Bonjour")
        french.save()
        second = versions.freeze(template, by=alice)
        assert second.number == first.number + 1
        assert "Bonjour" in second.content.body["translations"]["fr"]["html"]
        restoring.restore(template, first, by=alice)
        french.refresh_from_db()
        assert "Bonjour" not in french.html and "Hello" in french.html
        assert any("Bonjour" in version.content.body["html"] for version in french.versions.all())


def test_our_own_words_are_in_the_new_language_where_we_have_them(acme, alice):
    with scope(acme):
        template = MessageTemplate.objects.create(name="Spring", kind="blocks", html="")
        document = editing.empty("en")
        saving.keep(template, document, by=alice)
        french, german = (translating.add(template, code, acme, by=alice) for code in ("fr", "de"))
        words = {one.language: one.document["blocks"][-1]["props"] for one in (french, german)}
    assert (words["fr"]["unsubscribe"], words["fr"]["preferences"]) == ("Me désabonner", "Vos préférences")
    assert words["de"]["unsubscribe"] == "Unsubscribe"
    assert "Me désabonner" in french.html


def test_words_of_the_merchant_stay(acme):
    block = Block("footer", {"unsubscribe": "Leave us", "preferences": "Your preferences"}, "foot0001")
    (reworded,) = editing.in_language(Document((block,), "en"), "en", "fr")
    assert reworded.props == {"unsubscribe": "Leave us", "preferences": "Vos préférences"}


def test_a_translation_of_blocks_can_be_restored_in_every_language(acme, alice):
    footer = {"id": "foot0001", "type": "footer", "props": {"unsubscribe": "Leave"}}
    document = {"v": 1, "language": "en", "blocks": [footer]}
    with scope(acme):
        template = MessageTemplate.objects.create(name="Spring", kind="blocks", html="")
        saving.keep(template, documents.read(document), by=alice)
        german = translating.add(template, "de", acme, by=alice)
        assert german.document["language"] == "de" and '<html lang="de"' in german.html
        restoring.restore(german, german.versions.get(), by=alice)


def test_a_translation_that_is_older_than_the_original_is_marked(acme, template, alice, as_user):
    browser = as_user(alice)
    add(browser, template, "fr")
    page = f"/w/acme/templates/{template.pk}/"
    assert "The original has changed since" not in flat(browser.get(page))
    with scope(acme):
        template.save()
    assert "The original has changed since" in flat(browser.get(page))
