"""What query strings and forms may hold, and the pages of what is refused."""

import pytest
from django.http import QueryDict

from kernel import parameters


@pytest.mark.parametrize(
    "text", ["", "²", "٣", "１", "-1", "+1", "1.5", " 1 ", "9" * 19, "9" * 5000, "1_0", "0x1", "a"]
)
def test_only_a_rows_id_is_a_number(text):
    assert parameters.as_number(text) is None


def test_numbers_are_read_and_others_left_out():
    given = QueryDict("id=1&id=²&id=3&one=9&one=7&text=+a+b+&long=" + "x" * 500)
    assert parameters.numbers(given, "id") == [1, 3] and parameters.numbers(given, "id", 1) == [1]
    assert parameters.number(given, "one") == 7 and parameters.number(given, "nothing") is None
    assert parameters.text(given, "text") == "a b" and len(parameters.text(given, "long")) == parameters.MAX_TEXT
    assert parameters.as_number("9" * 18) == parameters.MAX_NUMBER < 2**63


@pytest.mark.parametrize(
    "path",
    [
        *("campaigns/?q=%00", "templates/?q=a%00", "audit/?verb=%00", "sending/sandbox/?q=%00", "contacts/?%00=1"),
    ],
)
def test_a_nul_in_an_address_is_refused_with_a_page(acme, alice, as_user, path):
    answer = as_user(alice).get("/w/acme/" + path)
    assert answer.status_code == 400 and "We can't read this request" in answer.content.decode()
    answer = as_user(alice).get("/w/acme/" + path, headers={"accept-language": "fr"})
    assert 'lang="fr"' in answer.content.decode()


def test_a_nul_in_a_cookie_is_refused_and_in_an_address_not_found(acme, alice, as_user, client):
    client.cookies["session"] = "a\0bcdefghijk"
    assert client.get("/accounts/login/").status_code == 400
    assert as_user(alice).get("/w/acme/trash/%00/1/restore/").status_code == 404


def test_a_nul_in_a_form_is_an_error_of_its_field(acme, alice, as_user):
    page = as_user(alice).post("/w/acme/contacts/tags/new/", {"name": "Kept\0"}).content.decode()
    assert "Null characters are not allowed" in page and "Kept" in page


@pytest.mark.parametrize(
    "path",
    [
        *(
            "audit/?member=²",
            "sending/sandbox/?batch=²",
            "sending/previews/people/",
            "templates/previews/people/?template=²",
        ),
        *(
            "contacts/bulk/new/?id=²",
            "contacts/1/merge/?with=²",
            "contacts/exports/new/?id=²",
            "contacts/999999999999999999999/",
        ),
    ],
)
def test_odd_digits_are_no_numbers(acme, alice, as_user, path):
    assert as_user(alice).get("/w/acme/" + path).status_code in (200, 302, 404)


@pytest.mark.parametrize("charset", ["hex", "utf-16", "idna", "undefined", "nonsense"])
def test_the_header_does_not_choose_how_text_is_read(client, charset, db):
    answer = client.get("/accounts/login/?next=%C3%A9", headers={"content-type": f"text/html; charset={charset}"})
    assert answer.status_code == 200


def test_the_address_of_a_button_shows_where_the_button_is(acme, alice, as_user):
    answer = as_user(alice).get("/w/acme/contacts/imports/7/forecast/new/")
    assert answer.status_code == 405 and answer["Allow"] == "POST"
    assert 'href="/w/acme/contacts/imports/7/forecast/"' in answer.content.decode()
    assert 'href="/w/acme/members/"' in as_user(alice).get("/w/acme/members/7/remove/").content.decode()


@pytest.mark.parametrize("path", ["login/", "login/callback/?code=1&state=1", "login/token/"])
@pytest.mark.parametrize("method", ["get", "post"])
def test_without_google_there_is_no_log_in_with_it(client, db, path, method):
    assert getattr(client, method)(f"/accounts/google/{path}").status_code == 404


@pytest.mark.parametrize("path", ["/u/broken", "/p/broken/", "/v/broken/", "/c/broken/1/", "/f/broken/", "/u/a.b/"])
def test_a_bad_link_of_a_message_is_explained_to_its_reader(client, db, path):
    answer = client.get(path)
    page = answer.content.decode()
    assert answer.status_code == 404 and "This link doesn't work" in page
    assert "workspace" not in page and "Fanfare" not in page and not answer.cookies
