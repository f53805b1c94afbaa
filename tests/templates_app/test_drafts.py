"""The HTML editor's answers while somebody writes, and saving without an edit."""

import pytest

from kernel.tenancy import scope
from templates_app import versions
from templates_app.models import MessageTemplate

DRAFT = "/w/acme/templates/draft/"


@pytest.fixture
def ask(acme, bob, as_user):
    client = as_user(bob)
    return lambda part, **sent: client.post(f"{DRAFT}message.{part}", sent)


def test_the_preview_is_the_message_as_saving_and_sending_make_it(ask):
    page = ask("html", html='<p onclick="x">Hello {{ first_name }}</p><script>1</script>{% if city %}x{% endif %}')
    html = page.content.decode()
    assert "Hello Camille" in html and "onclick" not in html and "<script" not in html
    policy = page["Content-Security-Policy"]
    assert "default-src 'none'" in policy and "allow-scripts" not in policy and "frame-ancestors 'self'" in policy


@pytest.mark.parametrize(
    "html, words",
    [
        ("<p>\n{{ first_name", "Line 2"),
        ("{% for a in (1..2000) %}{% for b in (1..2000) %}x{% endfor %}{% endfor %}", "loop"),
        ("<p>" + "<div>" * 3000, "nested elements"),
        ("x" * 600_000, "the limit is 500 KB"),
        ("<p>{% frob <b> %}</p>", "frob"),
    ],
)
def test_what_is_wrong_stands_in_the_preview(ask, html, words):
    page = ask("html", html=html)
    assert page.status_code == 200 and words in page.content.decode() and "<b>" not in page.content.decode()


def test_the_preview_can_be_dark(ask):
    html = "<style>@media (prefers-color-scheme: dark) {p {color: #fff}}</style><p>x</p>"
    assert "@media all" in ask("html", html=html, dark="1").content.decode()


def test_the_text_follows_the_html(ask):
    page = ask("txt", html='<h1>News</h1><p>Hi {{ first_name | default: "x" }}</p>')
    assert (
        page["Content-Type"].startswith("text/plain") and 'Hi {{ first_name | default: "x" }}' in page.content.decode()
    )
    assert ask("txt", html="{{ x").status_code == 422


def test_a_viewer_may_not_ask(acme, rita, as_user):
    assert as_user(rita).post(f"{DRAFT}message.html", {"html": "x"}).status_code == 403


@pytest.mark.parametrize(
    "html, text",
    [
        ("<!DOCTYPE html>\n<html><head></head><body><p>a  </p>\n\n</body></html>\n", "a  \n\nb \n"),
        ("\ufeff<p>not as we would write it</P>\r\n<b>\r\n", "with\r\nCRLF \r\n\r\n"),
        ("\n\n<p>leading lines</p>", "\n\n x \t"),
        ("<p>&#65279; {{ first_name }} </p>", ""),
    ],
)
def test_opening_and_saving_changes_not_one_byte(acme, bob, as_user, html, text):
    with scope(acme):
        template = MessageTemplate.objects.create(name="T", html=html, text=text)
        versions.freeze(template, by=bob)
    client = as_user(bob)
    address = f"/w/acme/templates/{template.pk}/edit/"
    form = client.get(address).context["form"]
    sent = {
        "opened": form["opened"].value(),
        "name": "T",
        # As browsers send a textarea.
        "html": form["html"].value().replace("\r\n", "\n").replace("\n", "\r\n"),
        "text": form["text"].value().replace("\r\n", "\n").replace("\n", "\r\n"),
    }
    assert client.post(address, sent).status_code == 302
    with scope(acme):
        saved = MessageTemplate.objects.get(pk=template.pk)
        assert (saved.html, saved.text) == (html, text)
        assert saved.versions.count() == 1


def test_an_edit_is_cleaned_and_lines_end_as_ours_do(acme, bob, as_user):
    client = as_user(bob)
    sent = {"name": "T", "html": "\ufeff<p>a</p>\r\n<p onclick=x>b</p>", "text": "one \r\ntwo\r\n"}
    client.post("/w/acme/templates/new/", sent)
    with scope(acme):
        (saved,) = MessageTemplate.objects.all()
    assert "\r" not in saved.html and "onclick" not in saved.html and "\ufeff" not in saved.html
    assert "65279" not in saved.html and saved.text == "one \ntwo\n"


def test_half_characters_never_reach_the_database(acme, bob, as_user):
    client = as_user(bob)
    body = b"name=T&html=%3Cp%3E%ED%A0%BDx%3C%2Fp%3E&text="
    client.post("/w/acme/templates/new/", body, content_type="application/x-www-form-urlencoded")
    with scope(acme):
        html = MessageTemplate.objects.get().html
    assert "\ufffd" in html and html.encode("utf-8")


def test_the_checks_say_what_saving_takes_out(acme, bob, as_user):
    page = as_user(bob).post("/w/acme/templates/check/", {"html": "<p>a</p>\n<form action=x>b</form>\n<p onclick=x>"})
    text = page.content.decode()
    assert 'data-line="2"' in text and "&lt;form&gt; is taken out when you save" in text
    assert 'data-line="3"' in text and "The attribute onclick" in text
