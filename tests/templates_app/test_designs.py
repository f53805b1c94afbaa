"""The designs of the gallery: whole, safe, in both languages, and what a template made from one begins with."""

import pytest
from django.template.defaultfilters import slugify

from kernel.tenancy import scope
from templates_app import designs, merging
from templates_app.blocks import checking, saving
from templates_app.blocks.look import Look
from templates_app.blocks.rendering import render
from templates_app.designs import DESIGNS
from templates_app.models import MessageTemplate
from templates_app.sanitising import sanitise


@pytest.mark.parametrize("language", designs.LANGUAGES)
@pytest.mark.parametrize("design", DESIGNS, ids=lambda design: design.slug)
def test_a_design_is_whole_and_safe_and_greets_with_and_without_a_name(design, language):
    document = design.shown(language)
    assert [block.props for block in checking.checked(document)] == [
        checking.checked_block(block).props for block in document
    ]
    gated = sanitise(render(document, Look(name="Maison Demo"), language))
    assert gated.removed == () and f'<html lang="{language}">' in gated.html
    for person in ({}, {"first_name": ""}, {"first_name": "Ana"}):
        page = merging.parse(gated.html, html=True).render(person)
        assert "Hello ," not in page and "Dear ," not in page and "Bonjour ," not in page
    assert {block.type for block in document} >= {"header", "footer"}
    assert design.slug == slugify(design.slug)


def test_every_design_has_a_category_and_both_languages_have_the_same_blocks():
    known = {slug for slug, _label in designs.CATEGORIES}
    assert {design.category for design in DESIGNS} == known and len(DESIGNS) >= 35
    assert len({design.slug for design in DESIGNS}) == len({str(design.name) for design in DESIGNS}) == len(DESIGNS)
    for design in DESIGNS:
        english, french = (design.document(language) for language in designs.LANGUAGES)
        assert [block.type for block in english] == [block.type for block in french]


def test_a_template_begins_with_the_design_that_was_chosen(acme, bob, as_user):
    client = as_user(bob)
    page = client.get("/w/acme/templates/new/designs/?design=offer&language=fr").content.decode()
    assert "Use this design" in page and "designs/offer.html?language=fr" in page
    shown = client.get("/w/acme/templates/new/designs/offer.html?language=fr")
    assert "CHAUD20" in shown.content.decode() and "sandbox" in shown["Content-Security-Policy"]
    assert client.get("/w/acme/templates/new/designs/none.html").status_code == 404
    client.post("/w/acme/templates/new/blocks/", {"design": "offer", "language": "fr"})
    with scope(acme):
        template = MessageTemplate.objects.get()
        assert template.name == "Offer with a code" and '<html lang="fr">' in template.html
        document = saving.document_of(template)
    client.post(f"/w/acme/templates/{template.pk}/blocks/add/", {"kind": "button"})
    with scope(acme):
        template.refresh_from_db()
        assert "Lire la suite" in template.html and saving.document_of(template).language == "fr"
        assert len(saving.document_of(template)) == len(document) + 1


def test_the_gallery_shows_a_category_and_goes_on_within_it(acme, bob, as_user):
    client = as_user(bob)
    address = "/w/acme/templates/new/designs/?category=event"
    page = client.get(address).content.decode()
    assert "Save the date" in page and "Gift guide" not in page
    drawer = client.get(f"{address}&design=after-the-event", headers={"hx-request": "true", "hx-target": "drawer"})
    assert "Next design: Invitation" in drawer.content.decode() and "<nav" not in drawer.content.decode()
    nonsense = client.get("/w/acme/templates/new/designs/?category=nothing&design=none").content.decode()
    assert "Gift guide" in nonsense


def test_the_gallery_and_an_empty_message_keep_the_language_that_was_chosen(acme, bob, as_user):
    client = as_user(bob)
    gallery, begin = "/w/acme/templates/new/designs/", "/w/acme/templates/new/blocks/"
    assert "offer.html?language=en" in client.get(gallery).content.decode(), "the workspace's"
    client.get(f"{gallery}?language=fr")
    client.get(f"{gallery}?language=xx")
    assert "offer.html?language=fr" in client.get(gallery).content.decode()
    client.post(begin)
    client.post(begin, {"language": "en"})
    with scope(acme):
        french, english = MessageTemplate.objects.order_by("pk")
        assert saving.document_of(french).language == "fr" and saving.document_of(english).language == "en"
        assert "désabonner" in french.html.lower() and "unsubscribe" in english.html.lower()
