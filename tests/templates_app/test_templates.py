"""Templates on the pages: removals are reported, merge errors are explained, starters are clean."""

import pytest
from django.utils import translation

from delivery import tracking
from kernel.tenancy import scope
from templates_app import merging
from templates_app.merging import message_tags
from templates_app.models import MessageTemplate
from templates_app.plain_text import text_of
from templates_app.sanitising import sanitise
from templates_app.starters import STARTERS
from tests.factories import contacts


@pytest.fixture
def save(acme, bob, as_user):
    client = as_user(bob)

    def post(html, text=""):
        return client.post("/w/acme/templates/new/", {"name": "T", "html": html, "text": text}, follow=True)

    return post


def stored(workspace) -> list[str]:
    with scope(workspace):
        return list(MessageTemplate.objects.values_list("html", flat=True))


def test_a_script_is_taken_out_and_the_merchant_is_told(acme, save):
    page = save('<p onclick="x()">Hello {{ first_name }}</p><script>alert(1)</script>').content.decode()
    (html,) = stored(acme)
    assert "script" not in html and "onclick" not in html and "{{ first_name }}" in html
    assert "Removed &lt;script&gt;" in page and "onclick" in page


@pytest.mark.parametrize(
    "html, words",
    [
        ("<p>{{ first_name</p>", "Line 1"),
        ("<p>{% if x %}</p>", "endif"),
        ("<p>{% frobnicate %}</p>", "frobnicate"),
        ("<p>{% include 'x' %}</p>", "include"),
        ("{% for a in (1..100000) %}{% for b in (1..100000) %}x{% endfor %}{% endfor %}", "A loop is too long"),
        ("x" * 5_000_000, "the limit is 500 KB"),
    ],
)
def test_what_can_not_be_merged_is_explained_and_nothing_is_lost(acme, save, html, words):
    page = save(html)
    assert page.status_code == 200 and words in page.content.decode()
    assert stored(acme) == []


@pytest.mark.parametrize(
    "html, words",
    [
        ("<p>a</p>\n\n<script>{% if x %}</script>b\n{% endif %}", "Line 3: HTML can&#x27;t keep “{% if x %}”"),
        ("<p>a</p>\n<p onclick='{% if x %}'>b</p>\n{% endif %}", "Line 2: HTML can&#x27;t keep “{% if x %}”"),
    ],
)
def test_what_cleaning_breaks_is_named_by_the_merchants_own_line(acme, save, html, words):
    page = save(html)
    assert page.status_code == 200 and words in page.content.decode()
    assert stored(acme) == []


@pytest.mark.parametrize("language", ["en", "fr"])
@pytest.mark.parametrize("starter", STARTERS, ids=lambda starter: starter.slug)
def test_starters_pass_untouched_and_have_what_the_law_asks_for(starter, language):
    html = starter.in_language(language)
    sanitised = sanitise(html)
    assert sanitised.removed == ()
    assert merging.variables(sanitised.html) >= {"unsubscribe_url", "view_url", "postal_address", "first_name"}
    assert f'<html lang="{language}">' in html


def test_starters_come_in_the_readers_language():
    words = {"en": "Unsubscribe", "fr": "Se désabonner", "de": "Unsubscribe"}
    for language, word in words.items():
        with translation.override(language):
            assert all(word in starter.html for starter in STARTERS)


def test_values_are_escaped_in_html_and_not_in_text():
    values = {"first_name": "<b>&"}
    assert merging.parse("{{ first_name }}", html=True).render(values) == "&lt;b&gt;&amp;"
    assert merging.parse("{{ first_name }}", html=False).render(values) == "<b>&"


def test_nothing_of_python_can_be_reached():
    class Thing:
        secret = "no"

    for source in (
        "{{ x.secret }}",
        "{{ x.__class__ }}",
        "{{ x.__init__.__globals__ }}",
        "{{ settings }}",
        "{{ env }}",
    ):
        assert "no" not in merging.parse(source, html=True).render({"x": Thing()})


def test_conditions_defaults_and_missing_names():
    merger = merging.parse(
        '{% if city == "Lyon" %}L{% else %}-{% endif %} {{ first_name | default: "there" }}{{ nobody }}', html=True
    )
    assert merger.render({"city": "Lyon", "first_name": ""}) == "L there"
    assert merger.variables() == {"city", "first_name", "nobody"}


def test_the_text_part_keeps_links_and_merge_tags():
    text = text_of(
        '<html><head><title>no</title><style>p{}</style></head><body><h1>News</h1><p>Hello {{ first_name | default: "x" }}</p>'
        '<p><a href="https://a.example/?n={{ first_name }}">Read</a></p></body></html>'
    )
    assert 'Hello {{ first_name | default: "x" }}' in text and "Read: https://a.example/?n={{ first_name }}" in text
    assert "no" not in text.split() and "p{}" not in text


def test_the_merchants_own_text_wins(acme, save):
    save("<p>Hello</p>", "My own text")
    with scope(acme):
        assert MessageTemplate.objects.get().text_part == "My own text"


def test_duplicate_and_delete(acme, save, bob, as_user):
    save("<p>Hello</p>")
    with scope(acme):
        pk = MessageTemplate.objects.get().pk
    client = as_user(bob)
    client.post(f"/w/acme/templates/{pk}/duplicate/")
    client.post(f"/w/acme/templates/{pk}/delete/")
    page = client.get("/w/acme/templates/").content.decode()
    assert "Copy of T" in page and client.get(f"/w/acme/templates/{pk}/").status_code == 404


def test_a_preview_is_sandboxed_and_merged_as_the_chosen_contact(acme, save, bob, as_user):
    save("<p>Hello {{ first_name }}</p><style>@media (prefers-color-scheme: dark) { p { color: red } }</style>")
    with scope(acme):
        (person,) = contacts(1, first_name="Zoé <b>")
        pk = MessageTemplate.objects.get().pk
    client = as_user(bob)
    page = client.get(f"/w/acme/templates/{pk}/preview.html?contact={person.pk}&dark=1")
    assert "Hello Zoé &lt;b&gt;" in page.content.decode() and "@media all" in page.content.decode()
    # Web fonts that a template names are for its readers: our pages load no style sheet.
    assert "default-src 'none'" in page["Content-Security-Policy"]
    assert "style-src 'unsafe-inline';" in page["Content-Security-Policy"]
    assert page["Content-Security-Policy"].startswith("sandbox") and page["X-Frame-Options"] == "SAMEORIGIN"
    assert "Hello Camille" in client.get(f"/w/acme/templates/{pk}/preview.html").content.decode()


def test_who_a_preview_is_for_is_said_and_enter_takes_the_first_one_found(acme, save, bob, as_user):
    save("<p>Hello {{ first_name }}</p>")
    with scope(acme):
        (person,) = contacts(1, first_name="Anaïs", last_name="Lopez")
        path = f"/w/acme/templates/{MessageTemplate.objects.get().pk}/"
    client = as_user(bob)
    answer = client.get(f"{path}?who=Anaïs")
    assert answer.status_code == 302 and answer["Location"] == f"{path}?contact={person.pk}"
    assert "Preview as Anaïs Lopez" in client.get(answer["Location"]).content.decode()
    page = client.get(f"{path}?who=Nobody+like+that").content.decode()
    assert "Nobody found." in page and 'value="Nobody like that"' in page
    assert client.get(f"{path}?contact=99999999999999999999").status_code == 200


def test_every_link_of_a_message_leads_somewhere():
    """templates_app names the links; delivery, above it, says where they lead."""
    assert {*tracking.ADDRESSES} == {*message_tags.LINKS, message_tags.OPEN, message_tags.CLICK}
