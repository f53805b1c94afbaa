"""Blocks that only some people get."""

import json

import pytest

from contacts.models import ContactField
from delivery.channels.email.bulk_compiler import BulkCompiler
from delivery.channels.email.composing import Composer, Content
from kernel.tenancy import scope
from templates_app.blocks import checking, conditions, documents, look, mending, rendering, saving
from templates_app.blocks.documents import Block, Document, Unreadable
from templates_app.merging import Merger
from templates_app.models import MessageTemplate
from tests.markup import flat
from tests.templates_app.blocks.test_editor import opened, where

SECRET = "For some"


def shown_to(condition: dict, **values) -> bool:
    """Whether a person with these values gets a block with the condition."""
    html = conditions.wrapped({conditions.KEY: condition}, SECRET)
    return SECRET in Merger(f"<p>{html}</p>", html=True).render(values)


def condition(test: str, value: str = "", field: str = "city") -> dict:
    return {"field": field, "test": test, "value": value}


@pytest.mark.parametrize(
    "test, value, city, is_shown",
    [
        ("is", "Lyon", "Lyon", True),
        ("is", "lyon", "LYON", True),
        ("is", "LYON", "Lyon", True),
        ("is", "Lyon", "Paris", False),
        ("is", "Lyon", "", False),
        ("is", "L'Isle", "l'isle", True),
        ("is", 'a "b"', 'A "B"', True),
        ("is", "30", 30, True),
        ("is", "30", "30", True),
        ("is", "30", 31, False),
        ("is", "3,5", 3.5, True),
        ("is", "50%", "50%", True),
        ("is", "R&D", "r&d", True),
        ("is", "yes", True, True),
        ("is", "Oui", True, True),
        ("is", "yes", False, False),
        ("is", "no", False, True),
        ("is", "non", True, False),
        ("is", "no", "", False),
        ("is", "1", True, False),
        ("is", "mcdonald", "McDonald", True),
        ("is", "saint-denis en val", "Saint-Denis  en Val", True),
        ("is", "Orleans", "ORLÉANS", True),
        ("is_not", "iphone", "iPhone", False),
        ("is_not", "yes", "", True),
        ("is", "1,5", 1.5, True),
        ("is", "2026-12-24", "2026-12-24", True),
        ("contains", "5", 1500, True),
        ("contains", "true", True, True),
        ("contains", "é", "Cafe", True),
        ("filled", "", False, True),
        ("empty", "", False, False),
        ("filled", "", 0, True),
        ("empty", "", None, True),
        ("empty", "", "  ", True),
        ("is_not", "yes", False, True),
        ("is_not", "yes", True, False),
        ("is_not", "no", True, True),
        ("is_not", "Lyon", "Paris", True),
        ("is_not", "lyon", "Lyon", False),
        ("is_not", "30", 30, False),
        ("is_not", "Lyon", "", True),
        ("contains", "yo", "Lyon", True),
        ("contains", "yo", "Paris", False),
        ("contains", "yo", "", False),
        ("filled", "", "x", True),
        ("filled", "", "", False),
        ("empty", "", "", True),
        ("empty", "", "x", False),
    ],
)
def test_who_gets_it(test, value, city, is_shown):
    assert shown_to(condition(test, value), city=city) == is_shown


def test_nobody_without_the_field_but_for_the_tests_that_ask_for_that():
    assert not shown_to(condition("is", "Lyon")) and not shown_to(condition("filled"))
    assert shown_to(condition("empty")) and shown_to(condition("is_not", "Lyon"))


@pytest.mark.parametrize(
    "wrong",
    [
        condition("is", "x", field="a b"),
        condition("is", "x", field="a}}{{b"),
        condition("is", "x", field="x == 1 or true"),
        condition("is", "x", field="A"),
        condition("is", ""),
        condition("contains", "\u0301"),  # an accent alone: every text would contain what is left of it
        condition("is", "x" * 301),
        condition("like", "x"),
        {"field": ["city"], "test": "is", "value": "x"},
        {"field": "city", "test": "is", "value": {"a": 1}},
    ],
)
def test_what_is_no_condition_is_refused_wherever_it_comes_from(wrong):
    block = Block("text", {"text": "<p>x</p>", conditions.KEY: wrong}, "block001")
    with pytest.raises(Unreadable):
        checking.checked_block(block)


def test_a_condition_that_is_no_dict_is_none():
    block = checking.checked_block(Block("text", {"text": "<p>x</p>", conditions.KEY: "x"}, "block001"))
    assert conditions.KEY not in block.props


def test_the_footer_is_for_everybody():
    footer = Block("footer", {"unsubscribe": "Leave", conditions.KEY: condition("is", "Lyon")}, "block001")
    assert conditions.KEY not in checking.checked_block(footer).props


@pytest.fixture
def template(acme, alice):
    with scope(acme):
        ContactField.objects.create(name="city", label="City")
        template = MessageTemplate.objects.create(name="News", kind="blocks", html="")
        saving.keep(template, documents.read(STORED), by=alice)
        return template


STORED = {
    "v": 1,
    "language": "",
    "blocks": [
        {"id": "text0001", "type": "text", "props": {"text": f"<p>{SECRET}</p>"}},
        {"id": "foot0001", "type": "footer", "props": {"unsubscribe": "Unsubscribe"}},
    ],
}


def test_it_is_chosen_in_the_editor_and_taken_back(acme, template, alice, as_user):
    client, place = as_user(alice), where(template, "text0001/")
    page = client.get(place).content.decode()
    assert '<option value="city">City</option>' in page and "Who gets this block" in page
    sent = {"text": f"<p>{SECRET}</p>", "shown-field": "city", "shown-test": "is", "shown-value": "Lyon"}
    answer = flat(client.post(place, {**sent, "opened": opened(page)}))
    assert "Only for some people" in answer
    with scope(acme):
        template.refresh_from_db()
    assert template.document["blocks"][0]["props"][conditions.KEY] == condition("is", "Lyon")
    assert SECRET in Merger(template.html, html=True).render({"city": "Lyon"})
    assert SECRET not in Merger(template.html, html=True).render({"city": "Paris"})
    assert SECRET in Merger(template.text_part, html=False).render({"city": "Lyon"})
    assert SECRET not in Merger(template.text_part, html=False).render({"city": "Paris"})
    # Whoever writes it sees it.
    assert SECRET in client.get(where(template, "message.html")).content.decode()
    page = client.get(place).content.decode()
    client.post(place, {**sent, "shown-field": "", "opened": opened(page)})
    with scope(acme):
        template.refresh_from_db()
    assert conditions.KEY not in template.document["blocks"][0]["props"]


def test_a_page_from_before_keeps_it_and_what_is_wrong_changes_nothing(acme, template, alice, as_user):
    client, place = as_user(alice), where(template, "text0001/")
    for sent in (
        {"shown-field": "city", "shown-test": "is", "shown-value": "Lyon"},
        {},
        {"shown-field": "city", "shown-test": "like", "shown-value": "Lyon"},
        {"shown-field": "city", "shown-test": "is", "shown-value": ""},
    ):
        page = client.get(place).content.decode()
        client.post(place, {"text": f"<p>{SECRET}</p>", **sent, "opened": opened(page)})
        with scope(acme):
            template.refresh_from_db()
        assert template.document["blocks"][0]["props"][conditions.KEY] == condition("is", "Lyon")


def test_undo_brings_it_back(acme, template, alice, as_user):
    client = as_user(alice)
    stored = json.loads(json.dumps(STORED))
    stored["blocks"][0]["props"][conditions.KEY] = condition("contains", "yo")
    page = client.get(where(template, "")).content.decode()
    seen = page.split('data-seen="')[1].split('"')[0]
    client.post(where(template, "restore/"), {"document": json.dumps(stored | {"language": "de"}), "seen": seen})
    with scope(acme):
        template.refresh_from_db()
    assert template.document["blocks"][0]["props"][conditions.KEY] == condition("contains", "yo")
    assert template.document["language"] == "" and 'lang="en"' in template.html


def test_messages_with_conditions_still_go_in_bulk_calls(acme):
    blocks = (
        Block("text", {"text": f"<p>{SECRET}</p>", conditions.KEY: condition("is", "Lyon")}, "text0001"),
        Block("footer", {"unsubscribe": "Unsubscribe"}, "foot0001"),
    )
    html = rendering.render(Document(blocks), look.Look(), "en")
    content = Content(subject="s", html=html, text="t", from_name="n", from_email="a@x.example")
    assert BulkCompiler(Composer(3, 5, content)).is_worthwhile


@pytest.mark.parametrize(
    "value",
    [
        "a<b>c",
        "<!--",
        "-->",
        "</td>",
        "%} {% raw %}",
        "{{ x }}",
        'L\'Isle "X"',
        "a\nb",
        "R&D",
        "50%",
        "L'Isle",
        'a "b"',
        "éè 🎉",
        "&amp;",
        "--",
        "]]",
    ],
)
def test_values_survive_saving_in_both_parts(acme, alice, template, value):
    stored = json.loads(json.dumps(STORED))
    stored["blocks"][0]["props"][conditions.KEY] = condition("is", value)
    with scope(acme):
        saving.keep(template, checking.checked(documents.read(stored)), by=alice)
    for text, is_html in ((template.html, True), (template.text_part, False)):
        merger = Merger(text, html=is_html)
        assert SECRET in merger.render({"city": value}), is_html
        assert SECRET not in merger.render({"city": "other"}), is_html


def test_a_mend_of_the_words_leaves_the_condition(acme):
    block = Block("text", {"text": "<p>Lyon</p>", conditions.KEY: condition("is", "Lyon")}, "text0001")
    mended = mending.mended(block, old="Lyon", new="Paris")
    assert mended.props == {"text": "<p>Paris</p>", conditions.KEY: condition("is", "Lyon")}


def test_what_a_condition_asks_for_is_read_and_not_shown():
    merger = Merger(
        f"{conditions.wrapped({conditions.KEY: condition('is', 'x')}, SECRET)}{{{{ first_name }}}}", html=True
    )
    assert merger.variables() == {"city", "first_name"} and merger.shown() == {"first_name"}


def test_each_person_has_their_own_answer_where_texts_are_kept():
    html = conditions.wrapped({conditions.KEY: condition("is", "Lyon")}, SECRET)
    compiled = Merger(f"<p>{html}</p>", html=True).compile(str.encode)
    people = [{"city": "Lyon"}, {"city": "Paris"}, {}, {"city": 7}, {"city": "LYON"}] * 2
    assert [SECRET.encode() in compiled(person) for person in people] == [True, False, False, False, True] * 2


def test_a_text_cannot_give_the_answer_itself():
    html = conditions.wrapped({conditions.KEY: condition("is", "Lyon")}, SECRET)
    for assigned in ("city", "fanfare_folded_city"):
        text = f"{{% assign {assigned} = 'lyon' %}}{html}"
        assert SECRET not in Merger(text, html=True).render({"city": "Paris"})
