"""What somebody wrote into a form never becomes a link that runs something."""

import json
from dataclasses import replace

import pytest

from delivery.channels.email.composing import Composer
from templates_app.merging import parse
from templates_app.merging.address_nodes import AddressNode
from tests.delivery.test_bulk_calls import CONTENT, same, single
from tests.templates_app.test_merging import said

BAD = [
    "javascript:alert(1)//",
    " JavaScript:alert(1)",
    "java\tscript:alert(1)",
    "java\nscript:alert(1)",
    "\x01javascript:alert(1)",
    "java\u200bscript:alert(1)",
    "data:text/html,x",
    "vbscript:x",
    "file:///etc/passwd",
    ":x",
]
ADDRESSES = [
    '<a href="{{ x }}">',
    "<a href='{{ x }}'>",
    "<a href={{ x }}>",
    '<a HREF = " {{ x }}">',
    '<img src="{{ x }}">',
    '<img alt="src=" src="{{ x }}">',
    '<form action="{{ x | strip }}">',
    '<td background="{{ x }}/y">',
    '<a href="{% if y %}https://a.example/{% endif %}{{ x }}">',
    '<a href="{% if x %}{{ x }}{% else %}https://a.example/{% endif %}">',
    '<a href="{% if x %}{{ x }}"{% else %}https://a.example/"{% endif %}>',
    '<a href="{% for i in (1..1) %}{{ x }}{% endfor %}">',
    '<a href="{% assign z = x %}{{ z }}">',
    '{% capture z %}{{ x }}{% endcapture %}<a href="{{ z }}">',
    '<a href="{% cycle x, y %}">',
    '<a href="{% echo x %}">',
    '<a href="{{ y }}{{ x }}">',
    '<a {% if x %}href="{{ x }}"{% endif %}>',
    '<p>{Hello|Hi} <a href="{{ x }}">{a|b}</a>',
    '<!--[if mso]><v:rect href="{{ x }}"><![endif]-->',
    '<a href="&#32;{{ x }}">',
]


@pytest.mark.parametrize("source", ADDRESSES)
def test_no_value_makes_an_address_that_runs(source):
    for bad in BAD:
        made = said(source, {"x": bad}, html=True)
        assert ":" not in made.replace("v:rect", "").replace("https:", "") and "#" in made, bad
        # what is kept for one value is not kept for another
    assert "https://b.example/?q=1:2" in said(source, {"x": "https://b.example/?q=1:2"}, html=True)


def test_a_scheme_in_pieces():
    assert said('<a href="java{{ x }}">', {"x": "script:alert(1)"}, html=True) == '<a href="java#">'
    assert said('<a href="{{ x }}:alert(1)">', {"x": "javascript"}, html=True) == '<a href="#:alert(1)">'


@pytest.mark.parametrize(
    "value",
    ["https://b.example/a?b=c:d", "http://b.example", "mailto:a@b.example", "tel:+331", "/page", "a@b.example", ""],
)
def test_other_addresses_stay(value):
    assert said('<a href="{{ x }}">', {"x": value}, html=True) == f'<a href="{value}">'


@pytest.mark.parametrize(
    "source",
    [
        '<a href="https://a.example/{{ x }}">',
        '<a href="https://a.example/?x={{ x }}&y={{ x }}">',
        '<a href="mailto:{{ x }}">',
        '<a href="#{{ x }}">',
        '<a href="{{ unsubscribe_url }}">',
        '<a href="{{ view_url }}?{{ x }}">',
        '<a href="{{ fanfare_click }}3/?{{ x }}">',
        '<img src="{{ fanfare_open }}">',
        '<p title="{{ x }}">{{ x }}</p>',
        "<p>{{ x }}</p>",
    ],
)
def test_what_begins_with_an_address_costs_nothing(source):
    assert not any(isinstance(node, AddressNode) for node in parse(source, html=True)._template.nodes)
    values = {"x": "javascript:alert", "unsubscribe_url": "javascript:alert", "fanfare_open": "javascript:alert"}
    assert "javascript:alert" in said(source, values, html=True)


@pytest.mark.parametrize("slug", ["sendgrid", "brevo"])
def test_calls_for_many_people_look_at_them_too(slug):
    content = replace(CONTENT, html='<p><a href="{{ website }}">Shop</a> {{ website }}</p>')
    people = [{"website": website} for website in ("https://b.example/", "javascript:alert(1)", "javascript:alert(1)")]
    assert same(slug, content, people) == 3
    sent = [single(slug, Composer(3, 5, content), 1, person) for person in people]
    assert ['href=\\"#\\"' in json.dumps(call) for call in sent] == [False, True, True]


def test_text_is_no_address():
    assert said('<a href="{{ x }}">', {"x": "javascript:x"}, html=False) == '<a href="javascript:x">'
