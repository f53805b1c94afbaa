"""What each check says of a message, where, and that it says nothing of one that is as it should be."""

import time

import pytest
from django.utils import translation

from delivery.channels.email import message_checks
from kernel.tenancy import scope
from templates_app import designs
from templates_app.blocks import saving
from templates_app.checks import running, support
from templates_app.checks.finding import LOOK, PASSED, STOPS
from templates_app.checks.message import Message
from templates_app.models import Brand
from tests import factories

FOOTER = '<p>{{ postal_address }} <a href="{{ unsubscribe_url }}">Unsubscribe</a></p>'


def html(body: str, head: str = "") -> str:
    return f'<!DOCTYPE html><html lang="en"><head>{head}</head>\n<body>\n{body}\n{FOOTER}</body></html>'


@pytest.fixture
def look(acme):
    """Look at a message: its findings but those that passed, as (check, severity, title, line)."""

    def looked(source: str, **parts) -> list[tuple[str, str, str, int]]:
        with scope(acme):
            acme.postal_address = "1 High Street"
            found = running.run(Message(acme, source, **parts), seconds=30)
        return [(one.check, one.severity, one.title, one.place.line) for one in found if one.severity != PASSED]

    return looked


def test_a_good_message_passes_with_its_figures(acme, look):
    body = '<h1>News</h1><p>Hello</p><img src="https://x.test/a.png" alt="Wool"><a href="https://x.test/">Wool</a>'
    assert look(html(body)) == []
    with scope(acme):
        found = running.run(Message(acme, html(body)), seconds=30)
    figures = {one.check: one.figure for one in found}
    assert figures["links"] == "2 links" and figures["size"] == "1 KB" and figures["headings"] == "h1"
    assert figures["language"] == "en" and figures["text_part"].endswith(" words")


@pytest.mark.parametrize(
    "body, check, severity, words",
    [
        ('\n<a href="https://[::1">Shop</a>', "links", STOPS, "doesn't work: “https://[::1”"),
        ('\n<a href="https://shop">Shop</a>', "links", STOPS, "doesn't work"),
        ("\n<a>Shop</a>", "links", STOPS, "“Shop” has no link"),
        ('\n<a href="">Shop</a>', "links", STOPS, "“Shop” has no link"),
        ('\n<a href="#"><img src="https://x.test/a.png" alt="Wool"></a>', "links", STOPS, "“Wool” has no link"),
        ('\n<a href="#prices">Shop</a>', "links", LOOK, "a place that the message doesn't have"),
        ('\n<a href="http://x.example/a">Shop</a>', "links", LOOK, "without encryption"),
        ('\n<a href="https://bit.ly/a">Shop</a>', "links", LOOK, "short address of bit.ly"),
        ('\n<a href="{{ first_name }}">Shop</a>', "links", LOOK, "“Shop” leads to wherever a contact's value says"),
        ('\n<a href="https://x.example{{ city }}">Shop</a>', "links", LOOK, "wherever a contact's value says"),
        ('\n<a href="https://shop.{{ city }}">Shop</a>', "links", LOOK, "wherever a contact's value says"),
        ('\n<a href="https://www.example.com/a">Shop</a>', "links", LOOK, "“Shop” still leads to the example's page"),
        ('\n<a href="https://shop.example">Shop</a>', "links", LOOK, "still leads to the example's page"),
        ('\n<a href="https://x.test/">Click here!</a>', "link_words", LOOK, "“Click here!” doesn't say"),
        ('\n<a href="https://x.test/">cliquez ici</a>', "link_words", LOOK, "“cliquez ici” doesn't say"),
        ('\n<img src="https://x.test/a.png">', "alt_texts", LOOK, "no alt text"),
        (
            '\n<a href="https://x.test/"><img src="https://x.test/a.png" alt=""></a>',
            "alt_texts",
            LOOK,
            "no alt text",
        ),
        ('\n<img src="a.png" alt="A">', "pictures", LOOK, "no complete address"),
        ('\n<p style="color:#aaa">Pale words</p>', "contrast", LOOK, "Hard to read: “Pale words”"),
        ("<h1>One</h1>\n<h3>Three</h3>", "headings", LOOK, "“Three” skips a level"),
        ("\n<table><tr><td>x</td></tr></table>", "tables", LOOK, "1 table doesn't say"),
        ("\n<p>BUY THIS WOOL NOW</p>", "capitals", LOOK, "“BUY THIS WOOL NOW”"),
        ("\n<p>{{ fist_name }}</p>", "merge_tags", LOOK, "Did you mean “first_name”?"),
        ("\n<p>*|FNAME|*</p>", "merge_tags", LOOK, "merge tag of Mailchimp"),
        ("\n<p>{Hello|Hi there</p>", "spintax", LOOK, "without an end: “{Hello|Hi there”"),
        ("\n<p>Hello|Hi} there</p>", "spintax", LOOK, "without an end: “Hello|Hi}”"),
        ("\n<p>{% if city %}</p>", "merge_tags", STOPS, "has no end"),
    ],
)
def test_each_mistake_is_told_with_its_line(look, body, check, severity, words):
    found = [one for one in look(html(body)) if one[0] == check]
    assert [(one[1], one[3]) for one in found] == [(severity, 4)], found
    assert words in found[0][2]
    with translation.override("fr"):
        assert words not in next(one for one in look(html(body)) if one[0] == check)[2]


@pytest.mark.parametrize(
    "target", ["{{ view_url }}", "https://x.test/{{ city }}", "mailto:a@x.example?subject={{ city }}", "#{{ city }}"]
)
def test_a_value_that_decides_no_website_is_fine(look, target):
    assert not [one for one in look(html(f'\n<a href="{target}">Shop</a>')) if one[0] == "links"]


def test_merge_tags_of_several_lines_move_no_line(look):
    found = look(html('<p>{% if city\n%}a{%\nendif %}</p>\n<img src="https://x.test/a.png">'))
    assert [one[3] for one in found if one[0] == "alt_texts"] == [6]


def test_words_in_the_dark_are_looked_at_as_dark_programs_show_them(look):
    sheet = "<style>p{color:#222222}@media (prefers-color-scheme: dark){body{background:#111111}}</style>"
    found = [one[2] for one in look(html("<p>Words</p>", sheet)) if one[0] == "contrast"]
    assert "Hard to read in the dark: “Words”" in found
    mended = sheet.replace("}}", "}p{color:#eeeeee}}")
    assert not [one for one in look(html("<p>Words</p>", mended)) if one[0] == "contrast"]


def test_without_unsubscribe_link_or_address_nothing_is_sent(acme, look):
    stops = [one[2] for one in look("<p>Hello</p>") if one[1] == STOPS]
    assert len(stops) == 2 and "unsubscribe_url" in stops[0] and "postal_address" in stops[1]
    acme.postal_address = ""
    with scope(acme):
        found = running.run(Message(acme, html("<p>Hello</p>")), seconds=30)
    assert [one.page for one in found if one.severity == STOPS] == ["settings:workspace"]


def test_the_language_is_asked_for_and_offered(acme):
    with scope(acme):
        found = running.run(Message(acme, html("x").replace(' lang="en"', "")), seconds=30)
    (one,) = [one for one in found if one.check == "language"]
    assert one.severity == LOOK and one.fix.old == "<html>" and one.fix.new == '<html lang="en">'


def test_the_subject_and_preview_text_are_looked_at(look):
    parts = {"subject": "{{ fist_name }} {% if %}", "preheader": "BUY OUR LOVELY WOOL {today|now"}
    found = {one[0] for one in look(html("<p>Hello</p>"), **parts)}
    assert {"merge_tags", "capitals", "spintax"} <= found
    fine = {"subject": r"{Hi|Hello {{ first_name | default: 'you' }}} \{a|b", "preheader": "a | b {$x|y} {c}"}
    assert "spintax" not in {one[0] for one in look(html("<p>{Hello|Hi} a | b</p>"), **fine)}


def test_a_text_part_that_says_less_is_told(look):
    whole = html("<p>" + "many words of wool " * 20 + "</p>")
    assert [one[2] for one in look(whole, text="Hi")] == ["The plain-text version says much less than the message"]
    longer = "many words of wool " * 15
    assert [one[2] for one in look(whole, text=longer)] == ["The plain-text version has no unsubscribe link"]
    assert look(whole, text=longer + "{{ unsubscribe_url }}") == []


def test_the_size_is_that_of_what_is_sent(look):
    links = "".join(f'<p><a href="https://x.test/{n}">Wool</a></p>' for n in range(1300))
    assert len(html(links)) < 80_000
    (found,) = [one for one in look(html(links)) if one[0] == "size"]
    assert "too long for Gmail" in found[2]


def test_what_the_programs_of_the_audience_ignore_is_weighted(acme):
    source = html('<p style="position:absolute;border-radius:4px">x</p>')
    message = Message(acme, source)
    with scope(acme):
        few = list(support.findings(message, {"gmail.com": 3, "yahoo.com": 97}))
        many = list(support.findings(message, {"gmail.com": 40, "yahoo.com": 30, "other": 30}))
        assert not list(support.findings(message, {}))
    assert [one.severity for one in few] == [PASSED] and few[0].figure == "97 %"
    assert [one.severity for one in many] == [LOOK, PASSED] and "“position”" in many[0].title
    assert "70 %" in many[0].seen and "Gmail" in many[0].title and many[1].figure == "43 %"


def test_the_audience_is_counted_by_mailbox_provider(acme):
    with scope(acme):
        factories.contacts(2)
        message_checks._known.clear()
        assert message_checks.readers() == {"other": 2}


def test_every_program_of_the_facts_has_a_name():
    programs = {program for ignoring in support.facts().values() for program in ignoring}
    assert programs <= set(support.NAMES) and set(support.PROGRAMS.values()) == set(support.NAMES)
    assert len(support.facts()) > 60


def test_time_that_is_up_is_said(acme):
    source = html(
        "".join(f'<p class="c{n}">{n}</p>' for n in range(3000)), "<style>" + ".a .b{color:red}" * 900 + "</style>"
    )
    with scope(acme):
        began = time.thread_time()
        found = running.run(Message(acme, source), seconds=0.2)
    assert [one.check for one in found if one.severity == LOOK and one.check == "time"]
    assert time.thread_time() - began < 5


@pytest.mark.parametrize("language", ["en", "fr"])
def test_our_own_designs_have_nothing_to_mend_but_their_example_links(acme, language):
    bad = []
    acme.postal_address = "1 High Street"
    for design in designs.DESIGNS:
        with scope(acme):
            found = running.run(
                Message(acme, saving.html_of(design.document(language), acme, Brand.of_workspace())), seconds=30
            )
        bad += [(design.slug, one.check, one.title) for one in found if one.severity != PASSED]
    assert not [one for one in bad if one[1] not in ("links", "merge_tags")]


def test_html_is_looked_at_while_it_is_written(acme, bob, as_user):
    source = html('<a href="http://x.example/?a=1&amp;b=2">Wool</a>\n<img src="https://x.test/a.png">')
    page = as_user(bob).post("/w/acme/templates/check/", {"html": source, "text": ""}).content.decode()
    assert "no alt text" in page and 'data-line="4"' in page
    assert 'data-old="http://x.example/?a=1&amp;amp;b=2"' in page, "as it stands in the source"
