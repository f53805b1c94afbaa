"""The pictures of designs: all of them ship, and a message that begins with a design has copies of its own."""

import json

import pytest

from kernel.tenancy import scope
from templates_app import designs, example_pictures
from templates_app.designs import DESIGNS
from templates_app.models import MessageTemplate, Picture
from templates_app.pictures import uploading
from templates_app.pictures.decoding import Refused


def test_each_picture_that_a_design_names_ships_and_no_other():
    named = {name for design in DESIGNS for name in example_pictures.names_in(design.document("en"))}
    assert named == {file.name for file in example_pictures.FOLDER.iterdir()}


@pytest.mark.parametrize("language", designs.LANGUAGES)
def test_each_says_what_it_shows(language):
    for design in DESIGNS:
        assert all(example_pictures.names_in(design.document(language)).values()), design.slug


def begin_with(client, design: str, language: str = "fr"):
    return client.post("/w/acme/templates/new/blocks/", {"design": design, "language": language}, follow=True)


def test_a_message_gets_copies_in_its_library_once(acme, bob, as_user):
    client = as_user(bob)
    for _ in range(2):
        page = begin_with(client, "spring")
        assert page.status_code == 200
    with scope(acme):
        pictures = Picture.objects.present()
        assert {picture.name for picture in pictures} == {"spring.png", "plant.png", "soap.png", "vase.png"}
        assert pictures.get(name="spring.png").alt == "Des fleurs dans un pré"
        for template in MessageTemplate.objects.all():
            assert example_pictures.MARK not in json.dumps(template.document)
            assert template.shown_pictures.count() == 4
            assert pictures.get(name="vase.png").address_for(600) in template.html


def test_a_full_library_costs_the_pictures_and_not_the_message(acme, bob, as_user, monkeypatch):
    def refuse():
        raise Refused("The library is full.")

    monkeypatch.setattr(uploading, "_refuse_too_many", refuse)
    page = begin_with(as_user(bob), "spring").content.decode()
    assert "The library is full. Choose pictures of your own." in page
    with scope(acme):
        template = MessageTemplate.objects.get()
        assert example_pictures.MARK not in json.dumps(template.document) and "Ouvrez les fenêtres" in template.html
