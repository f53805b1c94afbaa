"""The merge language as its readers see it: what is empty is nothing, and things are written in the reader's way."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.utils import translation

from contacts.identity import merge_values
from templates_app import starters
from templates_app.merging import MergeError, check, localising, parse


def said(source: str, values: dict, *, html: bool = False) -> str:
    """What the text says, made as a whole and slot by slot."""
    merger = parse(source, html=html)
    whole = merger.render(values)
    assert merger.compile(str.encode)(values).decode() == whole
    outline = merger.outline(str.encode)
    if outline is not None:
        filled = [slot(values) for slot in outline.slots]
        assert (
            b"".join(filled[piece] if isinstance(piece, int) else piece for piece in outline.pieces).decode() == whole
        )
    return whole


@pytest.mark.parametrize("empty", [{"x": ""}, {"x": "  \n"}, {"x": None}, {}])
@pytest.mark.parametrize(
    "source, words",
    [
        ("{% if x %}a{% else %}b{% endif %}", "b"),
        ("{% unless x %}b{% endunless %}", "b"),
        ("{% if x and true %}a{% elsif x %}c{% else %}b{% endif %}", "b"),
        ("{% if x or y %}a{% else %}b{% endif %}", "b"),
        ("{% if x == blank %}b{% endif %}", "b"),
        ("{% if x != blank %}a{% else %}b{% endif %}", "b"),
        ("{{ x | default: 'b' }}", "b"),
        ("{% assign n = x | strip %}{% if n %}a{% else %}b{% endif %}", "b"),
        ("{% capture n %}{{ x }}{% endcapture %}{% if n %}a{% else %}b{% endif %}", "b"),
        ("{% for i in (1..1) %}{% if x %}a{% else %}b{% endif %}{% endfor %}", "b"),
    ],
)
def test_what_is_empty_is_nothing(source, words, empty):
    assert said(source, empty) == words


@pytest.mark.parametrize("values", [{"x": ""}, {}])
def test_a_name_without_a_value_equals_an_empty_text(values):
    assert said('{% if x == "" %}b{% endif %}{% if x != "" %}a{% endif %}', values) == "b"
    assert said('{% if x == "" %}b{% endif %}{% if x != "" %}a{% endif %}', {"x": "Zoé"}) == "a"


@pytest.mark.parametrize("value", [0, 0.0, "0", "false", [0]])
def test_zero_is_something(value):
    assert said("{% if x %}a{% endif %}", {"x": value}) == "a"


@pytest.mark.parametrize("starter", starters.STARTERS, ids=lambda starter: starter.slug)
@pytest.mark.parametrize("language", ["en", "fr"])
def test_no_starter_greets_nobody(starter, language):
    """Three of them began with “, nous avions hâte” for people without a first name."""
    nobody = merge_values.of_person("a@b.example", None, "", "", "{}")
    with translation.override(language):
        text = " ".join(said(starter.html, nobody, html=True).split())
    for wrong in ("> ,", ">,", "> !", "Bonjour ,", "Hello ,", "Hi ,"):
        assert wrong not in text


FRENCH = {localising.LANGUAGE: "fr", localising.TIME_ZONE: "Europe/Paris", localising.CURRENCY: "EUR"}
ENGLISH = {localising.LANGUAGE: "en", localising.TIME_ZONE: "America/New_York", localising.CURRENCY: "USD"}


@pytest.mark.parametrize(
    "output, french, english",
    [
        ('day | date: "%-d %B %Y"', "12 mars 2026", "12 March 2026"),
        ('day | date: "%A %d %b"', "jeudi 12 mars", "Thursday 12 Mar"),
        ('day | date: "%^B 100%%"', "MARS 100%", "MARCH 100%"),
        ('day | date: "short"', "12/03/2026", "3/12/26"),
        ('day | date: "long"', "12 mars 2026", "March 12, 2026"),
        ('moment | date: "%H:%M"', "14:05", "09:05"),
        ('moment | date: "full"', "jeudi 12 mars 2026", "Thursday, March 12, 2026"),
        ('late | date: "%d"', "13", "12"),
        ("n | number", "1 234,5", "1,234.5"),
        ("n | number: 2", "1 234,50", "1,234.50"),
        ("n | money", "1 234,50 €", "$1,234.50"),
        ('n | money: "GBP"', "1 234,50 £GB", "£1,234.50"),
        ("word | money", "soon", "soon"),
        ('word | date: "%d"', "soon", "soon"),
        ("huge | number", "1e999999", "1e999999"),
        ("nothing | money", "", ""),
    ],
)
def test_dates_numbers_and_money_are_written_as_the_reader_does(output, french, english):
    values = {"day": "2026-03-12", "moment": "2026-03-12T13:05:00Z", "late": "2026-03-12T23:30:00+00:00"}
    values |= {"n": 1234.5, "word": "soon", "huge": "1e999999"}
    for locale, words in ((FRENCH, french), (ENGLISH, english)):
        found = said(f"{{{{ {output} }}}}", values | locale)
        assert " ".join(found.split()) == words
        assert said(f"{{{{ {output} }}}}", values | locale) == found, "also from the cache, beside another language"


def test_now_is_the_workspaces_time():
    with time_machine.travel(datetime(2026, 12, 31, 23, 30, tzinfo=UTC), tick=False):
        assert said("{{ 'now' | date: '%Y' }}", FRENCH) == "2027"
        assert said("{{ 'now' | date: '%Y' }}", ENGLISH) == "2026"
        assert localising.format_date(datetime(2026, 1, 1, tzinfo=ZoneInfo("UTC")), "%Y", context=_Context()) == "2026"


class _Context:
    def resolve(self, name, default=""):
        return default


def test_another_language_than_ours_is_spoken_too():
    assert said("{{ day | date: '%-d %B' }}", {"day": "2026-03-12", localising.LANGUAGE: "pl"}) == "12 marca"
    assert said("{{ day | date: '%B %Y' }}", {"day": "2026-03-12", localising.LANGUAGE: "pl"}) == "marzec 2026"
    assert said("{{ day | date: '%B' }}", {"day": "2026-03-12", localising.LANGUAGE: "xx-nowhere"}) == "March"


def test_an_events_data_is_looped_over():
    """Conditions and loops over what somebody did, with fallbacks in them."""
    event = {"items": [{"name": "Wool", "price": 12.5}, {"name": "", "price": 3}], "shop": {"city": "Lyon"}}
    source = (
        "{% for item in event.items %}{{ item.name | default: 'gift' }} {{ item.price | money }}"
        "{% unless forloop.last %}, {% endunless %}{% else %}nothing{% endfor %} in {{ event.shop.city | upcase }}"
    )
    assert " ".join(said(source, {"event": event, **FRENCH}).split()) == "Wool 12,50 €, gift 3,00 € in LYON"
    assert said(source, {"event": {}}) == "nothing in "


WRONG = [
    ("a\n {% if x %}b", 2, "“{% if x %}” has no end. Write “{% endif %}” where it ends."),
    ("{% if x %}\n{% for a in b %}\n{% endif %}", 2, "“{% for a in b %}” has no end."),
    ("\n\n{% endif %}", 3, "“{% endif %}” ends nothing"),
    ("{% else %}", 1, "“{% else %}” stands in no “{% if %}”."),
    ("{% fro a in b %}", 1, "There is no tag “fro”. Did you mean “for”?"),
    ("{% include 'a' %}", 1, "There is no tag “include” in messages."),
    ("\n{{ a | defualt: 'x' }}", 2, "There is no filter “defualt”. Did you mean “default”?"),
    ("{% if x %}{{ a | upcse }}{% endif %}", 1, "There is no filter “upcse”. Did you mean “upcase”?"),
    ("{{ first name }}", 1, "A name has no spaces"),
    ("{{ a | default: “x” }}", 1, "Write straight quotation marks"),
    ("{% if a = b %}{% endif %}", 1, "To compare, write =="),
    ("{% if a && b %}{% endif %}", 1, "Write “and” or “or” in words."),
    ("{{ 'a }}", 1, "A quotation mark is missing."),
    ("{{ a | append }}", 1, "“append” needs a value behind a colon."),
    ("{{ 3 | divided_by: 0 }}", 1, "A number can't be divided by zero."),
    ("{{ 3 | money: 'euros' }}", 1, "“euros” is no currency."),
    ("{{a|b} c|d}", 1, "write a space between the two braces"),
    ("{%  %}", 1, "has no name"),
]


@pytest.mark.parametrize("source, line, words", WRONG)
def test_a_mistake_is_told_with_its_line_in_the_writers_language(source, line, words):
    with pytest.raises(MergeError) as told:
        check(source, html=False)
    assert str(told.value).startswith(f"Line {line}, ") and words in str(told.value)
    with translation.override("fr"), pytest.raises(MergeError) as told:
        check(source, html=False)
    assert str(told.value).startswith(f"Ligne {line}, ") and words not in str(told.value)
