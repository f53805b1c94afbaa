"""Sign-up forms, as the merchant sees them."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import AuditEntry
from contacts.models import ContactField, ContactList, Signup, SignupForm, Topic
from kernel.tenancy import scope
from tests.contacts.conftest import WORDING, path
from tests.markup import edit

NEW = {
    "name": "Footer",
    "language": "en",
    "title": "Our news",
    "wording": WORDING,
    "double_opt_in": "on",
    "ask_first_name": "required",
    "ask_city": "optional",
}


def test_from_nothing_to_a_form_on_the_site(acme, alice, as_user):
    client = as_user(alice)
    assert "No forms yet" in client.get("/w/acme/contacts/forms/").content.decode()
    with scope(acme):
        ContactField.objects.create(name="city", label="City")
        topic = Topic.objects.create(name="Offers")
        people = ContactList.objects.create(name="Newsletter")
    page = client.get("/w/acme/contacts/forms/new/").content.decode()
    assert "receive news and offers from Acme" in page and "City" in page
    values = NEW | {"topics": [topic.pk], "contact_list": people.pk, "tags": "site, footer"}
    answer = client.post("/w/acme/contacts/forms/new/", values)
    assert answer.status_code == 302, answer.context["form"].errors
    with scope(acme):
        form = SignupForm.objects.get()
        assert form.fields == [{"name": "first_name", "required": True}, {"name": "city", "required": False}]
        assert {tag.name for tag in form.given_tags()} == {"site", "footer"} and list(form.topics.all()) == [topic]
        assert AuditEntry.objects.filter(verb="form.created").exists()
    page = client.get(f"/w/acme/contacts/forms/{form.pk}/").content.decode()
    snippet = page[page.index('id="form-code"') :]
    snippet = snippet[: snippet.index("</textarea>")]
    for name in ("email", "first_name", "own_city", "topics", "consent", "website"):
        assert f"name=&quot;{name}&quot;" in snippet, name
    assert form.address in snippet and form.embed_address in page
    assert f"value=&quot;{topic.pk}&quot;&gt; Offers" in snippet
    public = Client().get(path(form.address)).content.decode()
    assert "Offers" in public and "City" in public and WORDING in public
    assert "Our news" in client.get(f"/w/acme/contacts/forms/{form.pk}/preview/").content.decode()


def test_the_snippet_posts_the_fields_that_the_form_reads(acme, form, alice, as_user):
    import html
    import re

    page = as_user(alice).get(f"/w/acme/contacts/forms/{form.pk}/").content.decode()
    snippet = html.unescape(page[page.index('id="form-code"') :].split("</textarea>")[0])
    names = set(re.findall(r'name="(\w+)"', snippet))
    assert names == {"email", "first_name", "consent", "website"}


@pytest.mark.parametrize(
    "change, words",
    [
        ({"wording": ""}, "This field is required"),
        ({"title": ""}, "This field is required"),
        ({"thanks_url": "http://shop.example/"}, "must start with https://"),
        ({"thanks_url": "javascript:alert(1)"}, "Enter a valid URL"),
        ({"thanks_url": "https://shop.example:99999/"}, "Check it for typos"),
        ({"thanks_url": f"https://{'ü' * 62}.example/"}, "Check it for typos"),
        ({"ask_first_name": "sometimes"}, "Select a valid choice"),
        ({"contact_list": "999999"}, "Select a valid choice"),
        ({"topics": ["999999"]}, "Select a valid choice"),
        ({"tags": "x" * 61}, "up to 60 characters"),
        ({"name": "a\0b"}, "Null characters are not allowed"),
    ],
)
def test_errors_are_shown_and_no_input_is_lost(acme, alice, as_user, change, words):
    response = as_user(alice).post("/w/acme/contacts/forms/new/", {**NEW, "intro": "Kept", **change})
    page = response.content.decode()
    assert response.status_code == 200 and words in page and "Kept" in page
    with scope(acme):
        assert not SignupForm.objects.exists()


def test_the_thank_you_address_is_stored_in_ascii(acme, alice, as_user):
    address = "https://müsli.example:8443/danke?a=é#b"
    as_user(alice).post("/w/acme/contacts/forms/new/", NEW | {"thanks_url": address})
    with scope(acme):
        form = SignupForm.objects.get()
        assert form.thanks_url == "https://xn--msli-0ra.example:8443/danke?a=é#b"
        SignupForm.objects.update(double_opt_in=False)
    assert "https://xn--msli-0ra.example:8443" in Client().get(path(form.address))["Content-Security-Policy"]


def test_the_default_wording_follows_the_language_and_a_custom_one_does_not(acme, alice, as_user):
    from contacts.forms.signups.signup_form import usual_wording

    client = as_user(alice)
    client.post("/w/acme/contacts/forms/new/", NEW | {"wording": usual_wording(acme, "en"), "language": "fr"})
    client.post("/w/acme/contacts/forms/new/", NEW | {"name": "Other", "language": "fr"})
    with scope(acme):
        wordings = dict(SignupForm.objects.values_list("name", "wording"))
    assert wordings == {"Footer": usual_wording(acme, "fr"), "Other": WORDING}


def test_switching_double_opt_in_off_warns(acme, alice, as_user, form):
    client = as_user(alice)
    values = {name: value for name, value in NEW.items() if name not in ("double_opt_in", "ask_city")}
    page = edit(client, f"/w/acme/contacts/forms/{form.pk}/edit/", values, follow=True).content.decode()
    assert "Anyone can sign up someone else" in page
    with scope(acme):
        assert not SignupForm.objects.get().double_opt_in


def test_close_open_delete_restore(acme, alice, as_user, form):
    client, base = as_user(alice), f"/w/acme/contacts/forms/{form.pk}/"
    client.post(base + "opening/", {"open": "0"})
    assert "closed at the moment" in Client().get(path(form.address)).content.decode()
    client.post(base + "opening/", {"open": "1"})
    assert 'name="email"' in Client().get(path(form.address)).content.decode()
    client.post(base + "delete/")
    assert Client().get(path(form.address)).status_code == 404 and client.get(base).status_code == 404
    assert "Footer" not in client.get("/w/acme/contacts/forms/").content.decode()
    assert "Footer" in client.get("/w/acme/trash/?of=form").content.decode()
    client.post(f"/w/acme/trash/form/{form.pk}/restore/")
    assert client.get(base).status_code == 200
    with scope(acme):
        verbs = set(AuditEntry.objects.values_list("verb", flat=True))
    assert {"form.closed", "form.opened", "form.deleted", "form.restored"} <= verbs


def test_sign_ups_are_listed_with_their_states(acme, alice, rita, as_user, form):
    now = timezone.now()
    with scope(acme):
        for n, (confirmed, expires) in enumerate([(None, 1), (now, 1), (now, -1), (None, -1)]):
            Signup.objects.create(
                form=form,
                email=f"p{n}@example.com",
                wording=WORDING,
                wording_version="1",
                confirmed_at=confirmed,
                expires_at=now + timedelta(days=expires),
            )
    base = f"/w/acme/contacts/forms/{form.pk}/"
    for client in (as_user(alice), as_user(rita)):
        assert all(f"p{n}@example.com" in client.get(base).content.decode() for n in range(4))
        for state, shown in {"waiting": [0], "confirmed": [1, 2], "expired": [3]}.items():
            page = client.get(f"{base}?state={state}").content.decode()
            assert [n for n in range(4) if f"p{n}@example.com" in page] == shown
    assert as_user(rita).post(base + "delete/").status_code == 403


def test_the_number_of_queries_does_not_grow_with_the_lists(acme, alice, as_user, form):
    client = as_user(alice)
    pages = ["/w/acme/contacts/forms/", f"/w/acme/contacts/forms/{form.pk}/"]

    def queries():
        counts = []
        for page in pages:
            client.get(page)
            with CaptureQueriesContext(connection) as captured:
                assert client.get(page).status_code == 200
            counts.append(len(captured))
        return counts

    few = queries()
    with scope(acme):
        SignupForm.objects.bulk_create([SignupForm(name=f"F{n}", title="T", wording=WORDING) for n in range(60)])
        Signup.objects.bulk_create(
            [
                Signup(form=form, email=f"p{n}@example.com", wording="", wording_version="", expires_at=timezone.now())
                for n in range(60)
            ]
        )
    assert queries() == few and max(few) <= 25


def test_another_workspaces_form_is_not_found(acme, beta, form, charlie, as_user):
    client = as_user(charlie)
    for page in ("", "edit/", "preview/"):
        assert client.get(f"/w/beta/contacts/forms/{form.pk}/{page}").status_code == 404
    for page in ("opening/", "delete/"):
        assert client.post(f"/w/beta/contacts/forms/{form.pk}/{page}").status_code == 404


def test_the_merchants_texts_are_escaped_everywhere(acme, alice, as_user, form):
    evil = '</textarea><script>alert(1)</script>"><img src=x onerror=alert(1)>'
    with scope(acme):
        ContactField.objects.create(name="evil", label=evil[:80])
        fields = [{"name": "evil", "required": False}]
        SignupForm.objects.update(title=evil, intro=evil, wording=evil, button="</button><b>", name=evil, fields=fields)
        form.refresh_from_db()
    inside = as_user(alice)
    pages = [inside.get(f"/w/acme/contacts/forms/{form.pk}/{page}") for page in ("", "edit/", "preview/")]
    pages += [inside.get("/w/acme/contacts/forms/"), Client().get(path(form.address))]
    pages += [Client().post(path(form.address), {"email": evil, "first_name": evil})]
    pages += [Client().post(path(form.address), {"email": "a@b.example", "consent": "on", "page": evil})]
    for page in pages:
        assert page.status_code in (200, 422)
        assert "<script>alert" not in page.content.decode() and "<img src=x" not in page.content.decode()
