"""From the sign-up form to a workspace: what a newcomer meets who looks for his link, or comes from elsewhere."""

import re

import pytest
from django.core import mail
from django.core.cache import cache
from django.test import Client
from django.utils import translation

from accounts import countries
from accounts.forms.workspace import LocaleForm, WorkspaceForm
from accounts.models import Workspace
from accounts.zones import zone_choices
from tests.conftest import PASSWORD, make_user

SENT = "/accounts/confirm-email/"


@pytest.fixture(autouse=True)
def _no_limits_left_over(db):
    cache.clear()


def sign_up(email: str) -> Client:
    client = Client()
    client.post("/accounts/signup/", {"name": "Léa", "email": email, "password1": PASSWORD})
    return client


def page(client: Client, path: str, **extra) -> str:
    return client.get(path, **extra).content.decode()


def test_the_page_after_signing_up_says_where_the_link_went(db):
    assert "lea@new.example" in page(sign_up("lea@new.example"), SENT)


def test_the_link_is_sent_again_but_not_without_end(db):
    client = sign_up("lea@new.example")
    assert "a moment ago" in client.post(SENT, follow=True).content.decode()
    cache.clear()  # the minutes between two mails
    client.post(SENT)
    assert len(mail.outbox) == 2 and "confirm-email/" in mail.outbox[1].body


def test_who_confirmed_elsewhere_is_led_to_the_log_in(db):
    client = sign_up("lea@new.example")
    path = re.search(r"/accounts/confirm-email/[^/\s]+/", mail.outbox[0].body)[0]
    Client().post(path)
    assert client.post(SENT)["Location"] == "/accounts/login/"


def test_who_has_an_account_is_answered_as_who_has_none(alice):
    pages = [page(sign_up(email), SENT) for email in (alice.email, "nobody@new.example")]
    first, second = (re.sub(r"\S+@\S+|[A-Za-z0-9]{64}", "", text) for text in pages)
    assert first == second
    client = sign_up("b" + alice.email)
    cache.clear()
    assert client.post(SENT).status_code == 302


def test_without_a_sign_up_the_page_leads_to_the_log_in(db):
    assert 'href="/accounts/login/"' in page(Client(), SENT)
    assert Client().post(SENT)["Location"] == "/accounts/login/"
    assert not mail.outbox


def test_a_used_link_is_no_dead_end(db):
    client = sign_up("lea@new.example")
    path = re.search(r"/accounts/confirm-email/[^/\s]+/", mail.outbox[0].body)[0]
    assert client.post(path).status_code == 302
    assert 'href="/"' in page(client, path)
    assert 'href="/accounts/login/"' in page(Client(), path)


def test_who_signed_up_with_a_wrong_address_can_leave(db, as_user):
    text = page(as_user(make_user("n@new.example", "N")), "/new/")
    assert "n@new.example" in text and 'action="/accounts/logout/"' in text


def test_an_unfinished_workspace_does_not_stand_in_the_way_to_others(acme, alice, as_user):
    client = as_user(alice)
    step = client.post("/new/", {"name": "Bis", "country": "FR", "postal_address": "Lyon"})["Location"]
    assert client.get("/")["Location"] == "/w/acme/campaigns/"
    assert 'href="/"' in page(client, step)


def test_a_password_is_explained_in_one_sentence(db):
    text = page(Client(), "/accounts/signup/")
    assert "At least 10 characters" in text and "entirely numeric" not in text and "placeholder" not in text


@pytest.mark.parametrize(
    "accepted, country",
    [
        ("fr-FR,fr;q=0.9,en;q=0.8", "FR"),
        ("fr,en-GB;q=0.5", "GB"),
        ("fr", ""),
        ("es-419", ""),
        ("zh-Hant-TW", "TW"),
        ("*", ""),
        ("\x00-FR,;;q", ""),
        ("x-" * 5000, ""),
        ("", ""),
    ],
)
def test_the_country_is_the_browsers(accepted, country):
    assert countries.of_browser(accepted) == country


def test_the_browsers_country_is_chosen(db, as_user):
    text = page(as_user(make_user("n@new.example", "N")), "/new/", headers={"accept-language": "fr-BE,fr"})
    assert '<option value="BE" selected>' in text


@pytest.mark.parametrize("country, zone", [("FR", "Europe/Paris"), ("BE", "Europe/Brussels"), ("US", "")])
def test_the_zone_is_the_countrys(country, zone):
    assert LocaleForm(instance=Workspace(country=country))["time_zone"].value() == zone


def test_a_zone_that_was_chosen_stays():
    workspace = Workspace(country="FR", time_zone="America/Montreal", onboarding="sender")
    assert LocaleForm(instance=workspace)["time_zone"].value() == "America/Montreal"


def test_zones_are_named_by_country_and_city_in_the_readers_language():
    with translation.override("fr"):
        names = dict(zone_choices())
    assert names["Europe/London"].startswith("Royaume-Uni – Londres (UTC+0")
    assert names["Asia/Kolkata"].endswith("(UTC+05:30)")
    assert len(set(names.values())) == len(names), "one city stands once"
    assert names["America/Montreal"].startswith("Canada – Montr")


def test_a_zone_that_is_chosen_already_stays_possible():
    form = WorkspaceForm(instance=Workspace(country="US", time_zone="US/Eastern"))
    assert "US/Eastern" in dict(form.fields["time_zone"].choices)
