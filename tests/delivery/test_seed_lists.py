"""Tests to several addresses at once, and to a seed list; the inbox line."""

import pytest
from django.conf import settings as django_settings
from django.utils.html import escape

from accounts.models import AuditEntry
from delivery import inbox_lines, testers
from delivery.models import Batch, ProviderAccount, SeedList, Sender, Tester
from kernel.tenancy import scope
from tests import factories

LISTS = "/w/acme/sending/seed-lists/"


@pytest.fixture
def words(acme):
    with scope(acme):
        words = {"sender": Sender.objects.get().pk, "account": ProviderAccount.objects.get().pk}
        return words | {"template": factories.campaign().template_id}


def send(client, words: dict, **given) -> str:
    where = f"/w/acme/sending/templates/{words['template']}/test/"
    return client.post(where, words | given, follow=True).content.decode()


def sent_to(workspace) -> list[str]:
    with scope(workspace):
        return [batch.parameters["to"] for batch in Batch.objects.filter(purpose="test").order_by("pk")]


def test_a_test_goes_to_several_addresses_as_a_chosen_person(acme, bob, as_user, words):
    with scope(acme):
        (person,) = factories.contacts(1)
    answer = send(as_user(bob), words, to=["bob@acme.example", "rita@acme.example"], contact=person.pk)
    assert "Test sent to bob@acme.example, rita@acme.example" in answer
    assert sent_to(acme) == ["bob@acme.example", "rita@acme.example"]
    with scope(acme):
        assert {batch.parameters["as_contact"] for batch in Batch.objects.filter(purpose="test")} == {person.pk}


def test_where_one_may_not_get_it_nobody_does(acme, bob, as_user, words, settings):
    settings.TESTS_PER_HOUR = 1  # one person may send two
    people = ["bob@acme.example", "rita@acme.example", "alice@acme.example"]
    assert "Too many tests" in send(as_user(bob), words, to=people) and sent_to(acme) == []
    assert (
        "Test sent" not in send(as_user(bob), words, to=["bob@acme.example", "x@new.example"]) and sent_to(acme) == []
    )


def test_a_seed_list_is_made_changed_and_used(acme, bob, rita, as_user, words):
    client = as_user(bob)
    made = {"name": "Ours", "addresses": ["bob@acme.example", "rita@acme.example"]}
    assert "Seed list saved" in client.post(f"{LISTS}new/", made, follow=True).content.decode()
    with scope(acme):
        seeds = SeedList.objects.get()
        assert AuditEntry.objects.filter(verb="seed_list.created").exists()
    assert "Ours" in client.get(f"/w/acme/sending/templates/{words['template']}/test/").content.decode()
    send(client, words, to=["bob@acme.example"], seed_list=seeds.pk)
    assert sent_to(acme) == ["bob@acme.example", "rita@acme.example"], "each once"
    assert "of this name" in client.post(f"{LISTS}new/", made).content.decode()
    assert (
        "x@new.example" in client.post(f"{LISTS}new/", {"name": "B", "addresses": ["x@new.example"]}).content.decode()
    )
    with scope(acme):
        assert SeedList.objects.count() == 1
    assert as_user(rita).post(f"{LISTS}new/", made).status_code == 403


def test_a_seed_list_reaches_only_those_who_may_get_tests(acme, bob, as_user, words):
    with scope(acme):
        seeds = SeedList.objects.create(name="Old", addresses=["gone@x.example", "x@new.example"])
    answer = send(as_user(bob), words, seed_list=seeds.pk)
    assert escape("Choose at least one address") in answer and sent_to(acme) == []


def test_who_no_longer_gets_tests_leaves_the_seed_lists(acme):
    with scope(acme):
        tester = Tester.objects.create(email="Tess@x.example")
        seeds = SeedList.objects.create(name="Ours", addresses=["tess@x.example", "bob@acme.example"])
        testers.forget(tester)
        seeds.refresh_from_db()
        assert seeds.addresses == ["bob@acme.example"] and not Tester.objects.exists()


def test_two_people_in_one_seed_list_overwrite_nothing_unseen(acme, bob, as_user):
    with scope(acme):
        seeds = SeedList.objects.create(name="Ours", addresses=["bob@acme.example"])
    client = as_user(bob)
    import html
    import re

    page = client.get(f"{LISTS}{seeds.pk}/").content.decode()
    opened = html.unescape(re.search(r'name="opened" value="([^"]*)"', page)[1])
    with scope(acme):
        SeedList.objects.update(addresses=["rita@acme.example"])
    answer = client.post(f"{LISTS}{seeds.pk}/", {"name": "Ours", "addresses": ["alice@acme.example"], "opened": opened})
    with scope(acme):
        assert SeedList.objects.get().addresses == ["rita@acme.example"] and answer.status_code == 200


@pytest.mark.parametrize(
    "preheader, html, preview, is_of_body",
    [
        ("Look, {{ first_name }}", "<p>Body</p>", "Look, Camille", False),
        (
            "",
            '<style>p{}</style><p style="display:none">Hidden</p><img src="https://x.example/a" alt="Wool">'
            "<p>Hello <b>{{ first_name }}</b>, welcome</p>",
            "Wool Hello Camille , welcome",
            True,
        ),
        ("  ", "", "", True),
    ],
)
def test_the_inbox_line_is_what_programs_show(acme, preheader, html, preview, is_of_body):
    with scope(acme):
        template = factories.campaign(html=html or "<p></p>").template
        line = inbox_lines.inbox_line(
            template, acme, sender=None, subject="{Hi|Hi} {{ first_name }}", preheader=preheader, contact=None
        )
    assert (line.subject, line.preview, line.is_of_body) == ("Hi Camille", preview, is_of_body)
    assert line.sender == acme.name and django_settings.BASE_URL not in line.preview


def test_the_inbox_line_is_shown_beside_the_preview(acme, rita, as_user, words):
    where = f"/w/acme/sending/templates/{words['template']}/inbox/"
    page = as_user(rita).get(where, {"subject": "<b>News</b>", "preheader": "Look"}).content.decode()
    assert "&lt;b&gt;News" in page and "Look" in page and "Outlook, phone" in page
    template = as_user(rita).get(f"/w/acme/templates/{words['template']}/").content.decode()
    assert where in template and "data-preview-pictures" in template


def test_a_preview_without_pictures_loads_none(rita, as_user, words):
    where = f"/w/acme/templates/{words['template']}/preview.html"
    assert "img-src 'none'" in as_user(rita).get(f"{where}?pictures=off")["Content-Security-Policy"]
    assert "img-src 'none'" not in as_user(rita).get(where)["Content-Security-Policy"]
