"""The brand where visitors are: forms, preferences, unsubscribing, and the mails that these cause."""

import re

from django.test import Client

from contacts.consent import preferences
from contacts.models import Contact, SignupForm
from delivery import service_mails
from kernel.tenancy import scope
from templates_app.models import Content
from tests.contacts.conftest import path

CLAY = "#a8492a"


def stylesheet_of(page: str) -> str:
    found = re.search(r'href="(/look/[^"]+\.css)"', page)
    return found[1] if found else ""


def test_public_pages_have_the_logo_and_the_colours(acme, save, logo):
    with scope(acme):
        form = SignupForm.objects.create(name="Footer", title="Our news", wording="I want news.")
        contact = Contact.objects.create(email="zoe@example.com")
        places = (form.address, preferences.link(contact), preferences.find_address(acme))
    visitor = Client()
    before = visitor.get(path(places[0])).content.decode()
    assert stylesheet_of(before) == "" and "Acme" in before
    save(main=CLAY, logo=logo.pk, name="Maison")
    for place in places:
        page = visitor.get(path(place)).content.decode()
        assert logo.file_for(200).path in page and 'alt="Maison"' in page
        sheet = visitor.get(stylesheet_of(page))
        assert sheet.status_code == 200 and CLAY in sheet.content.decode()
        assert sheet["Content-Type"].startswith("text/css") and "max-age" in sheet["Cache-Control"]


def test_a_stylesheet_says_colours_and_nothing_else(client):
    good = "a8492a-f5e9d3-2a2521-6b6058-georgia-arial-6"
    assert client.get(f"/look/{good}.css").status_code == 200
    for bad in (
        good.replace("a8492a", "a8492g"),
        good.replace("georgia", "comic"),
        good.replace("-6", "-600"),
        good + "}body{}",
        "x" * 5000,
    ):
        assert client.get(f"/look/{bad}.css").status_code == 404


def test_mails_to_contacts_have_them_too(acme, save, logo):
    with scope(acme):
        contact = Contact.objects.create(email="zoe@example.com", status=Contact.Status.SUBSCRIBED)
    bodies = []
    for main in ("", CLAY, "#ffd400"):
        if main:
            save(main=main, logo=logo.pk, name="Maison")
        with scope(acme):
            known = set(Content.objects.values_list("pk", flat=True))
            personal = {"address": "https://example.com/p"}
            service_mails.send("preferences", contact, name="Hi", subject="Hi", language="en", personal=personal)
            bodies.append(Content.objects.exclude(pk__in=known).get().body["html"])
    plain, clay, yellow = bodies
    assert logo.file_for(200).path not in plain
    assert logo.file_for(200).path in clay and CLAY in clay and 'alt="Maison"' in clay
    # A pale button has dark words; a pale colour is no link's.
    assert "background-color: #ffd400" in yellow and "color: #ffd400" not in yellow.replace("background-color: ", "")
