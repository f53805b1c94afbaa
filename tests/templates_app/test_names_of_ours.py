"""No text can give the names of ours another value: readers always get our unsubscribe link and the postal address."""

import pytest
from django.utils import translation

from delivery.channels.email.composing import Composer, Content
from templates_app.checks.required_parts import required_parts
from templates_app.merging import MergeError, Merger, check, parse
from templates_app.merging.compiling import CompiledText

FOOTER = '<p>{{ postal_address }} <a href="{{ unsubscribe_url }}">Unsubscribe</a> <a href="{{ view_url }}">View</a></p>'
TRIES = [
    '{% assign unsubscribe_url = "https://evil.example/" %}{% assign postal_address = "Nowhere" %}',
    "{% assign postal_address = postal_address | replace: 'rue', 'nowhere' %}",
    "{% capture unsubscribe_url %}https://evil.example/{% endcapture %}{% capture postal_address %}{% endcapture %}",
    "{%- assign view_url = first_name -%}",
    "{% if first_name %}{% for x in (1..2) %}{% assign preferences_url = x %}{% endfor %}{% endif %}",
    "{% for unsubscribe_url in (1..2) %}{{ unsubscribe_url }}{% endfor %}",
    "{a|{% assign fanfare_click = 'https://evil.example/' %}b}",
    "{% assign fanfare_open = '' %}",
]
ABOUT = {
    "subject": "News",
    "text": "",
    "from_name": "A",
    "from_email": "a@shop.example",
    "postal_address": "1 rue Neuve",
}


@pytest.mark.parametrize("source", TRIES)
@pytest.mark.parametrize("html", [True, False])
def test_a_text_that_gives_them_a_value_can_not_be_saved(source, html):
    with pytest.raises(
        MergeError, match=r"Line 2, column \d+: “\w+” can't be changed: choose another name\."
    ) as refused:
        check(f"Hello\n{source}", html=html)
    assert refused.value.problems[0].start > 6
    with translation.override("fr"), pytest.raises(MergeError, match=r"ne peut pas être changé"):
        check(f"Hello\n{source}", html=html)


def test_other_names_can_be_set():
    check("{% assign first_name = first_name | default: 'you' %}{% for x in (1..2) %}{{ x }}{% endfor %}", html=True)


@pytest.mark.parametrize("source", TRIES)
@pytest.mark.parametrize("is_test", [False, True])
def test_stored_texts_that_do_have_no_effect(source, is_test):
    composer = Composer(3, 5, Content(html=f"<body>{source}{FOOTER}</body>", **ABOUT), is_test=is_test)
    plain = Composer(3, 5, Content(html=f"<body>{FOOTER}</body>", **ABOUT), is_test=is_test)
    person = {"first_name": "Zoé"}
    assert plain.html(7, person).removeprefix("<body>") in composer.html(7, person)
    sent = composer.compose(7, "z@b.example", person).source
    footer = plain.compose(7, "z@b.example", person).source.replace(b"=\r\n", b"").partition(b"<body>")[2]
    assert footer in sent.replace(b"=\r\n", b"")
    assert b"evil" not in sent and b"1 rue Neuve" in sent


def test_one_persons_link_is_never_kept_for_the_next():
    source = "{% for unsubscribe_url in (1..1) %}{{ unsubscribe_url }}{% endfor %}"
    compiled = CompiledText(Merger(source, html=True)._template, str.encode, frozenset())
    assert [compiled.render({"unsubscribe_url": link}) for link in ("a", "b")] == [b"a", b"b"]


def test_the_text_part_keeps_them_too():
    source = "{% assign unsubscribe_url = 'x' %}{{ unsubscribe_url }}"
    assert parse(source, html=False).render({"unsubscribe_url": "https://ours.example/u"}) == "https://ours.example/u"


def test_the_checks_see_the_footer_as_it_is_sent():
    link, address = required_parts(f"<body>{TRIES[0]}{FOOTER}</body>", {"first_name": ""})
    assert not link.problem and not address.problem
