"""Many messages in one call: expanded as the provider would, each equals the one that its own call would have sent."""

import json
import random
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, event, example, given, settings
from hypothesis import strategies as st

from delivery.channels.email.bulk_compiler import MARKS, MAX_SLOT_BYTES, MAX_SLOTS, TRIAL, BulkCompiler, NotBulkable
from delivery.channels.email.composing import Composer, Content
from delivery.providers.brevo.payload import BrevoApi
from delivery.providers.sendgrid.payload import SendGridApi
from delivery.sending import lane
from kernel.tenancy import scope
from templates_app.merging import MergeError
from tests.delivery.batches import start
from tests.delivery.bulk_calls import expanded
from tests.delivery.test_compiling import OUTPUT, PERSON, TEMPLATE, VALUE

APIS = {"sendgrid": SendGridApi, "brevo": BrevoApi}
# Marks, their beginnings and ends, and placeholders of other languages.
MARKED = [
    "",
    "_",
    "-",
    "_s",
    "-_",
    "lot0-",
    "slot1-",
    "_slot",
    "-_slot0-",
    "-_SLOT0-",
    "-_slot1-x",
    "-_place0-",
    "q",
    "qs",
    "_\rslot0-",
]
LIQUID = ["{{ first_name }}", "{% raw %}", "{{", "}}", "{", "%", "%name%", "-name-", "<%body%>"]
OTHERS = [
    "\\",
    '"',
    "\\u0041",
    "\0",
    "\ud800",
    "\u2028",
    "İ",
    "ſ",
    "\u212a",
    "été",
    "=3D",
    "\n",
    "\r",
    "<b>&",
    "\x0b\x7f\x85",
]
ODD = st.sampled_from([*MARKED, *LIQUID, *OTHERS])
WORD = st.one_of(ODD, st.builds("{}{}".format, ODD, ODD), VALUE)
SOMEBODY = st.one_of(
    PERSON,
    st.fixed_dictionaries(
        {"first_name": WORD, "last_name": WORD, "city": WORD},
        optional={"full_name": WORD, "plan": VALUE, "items": st.lists(WORD, max_size=3)},
    ),
)
# No braces or percent signs here: that would be Liquid.
BESIDE = st.sampled_from(
    ["", "_", "-", "-_", "slot0-", "-_slot0-", "_place", "_value q", "-_SLOT1-", "x ", "q", "<b>", '"\\\n']
)
CONDITION = st.sampled_from(["city", "first_name == 'A'", "plan contains 'o'", "missing"])
BLOCK = st.one_of(
    st.builds("{{% if {} %}}{}{}{{% else %}}{}{{% endif %}}".format, CONDITION, BESIDE, OUTPUT, OUTPUT),
    st.builds("{{% for p in items %}}{}{{{{ p }}}}{{% endfor %}}".format, BESIDE),
)
TEXT = st.lists(st.one_of(BLOCK, BESIDE, OUTPUT, OUTPUT, TEMPLATE), max_size=5).map("".join)
CONTENT = Content(
    subject="Voilà {{ first_name }}",
    html="<p>Été {{ first_name }}, {% if plan == 'gold' %}{{ city }}!{% else %}-{% endif %}</p>"
    '<a href="{{ fanfare_click }}0/">{{ first_name }}</a> {{ unsubscribe_url }} {% for p in items %}{{ p }}{% endfor %}',
    text="Bonjour {{ first_name }},\n\n{{ unsubscribe_url }}\n",
    from_name="Zoë’s Boutique",
    from_email="news@shop.example",
    reply_to="hello@shop.example",
    list_name="L’été",
)


@pytest.fixture(params=APIS)
def slug(request):
    return request.param


def api(slug: str):
    return APIS[slug]({}, {"api_key": "k"})


def call_json(call) -> dict:
    """The call's JSON without the idempotency key, which belongs to the call and not to a message."""
    sent = json.loads(call.body)
    sent.get("headers", {}).pop("idempotencyKey", None)
    return sent


def single(slug: str, composer: Composer, contact_id: int, values: dict) -> dict:
    return call_json(api(slug).send_request(composer.compose(contact_id, f"p{contact_id}@x.example", values)))


def expanded_bulk_call(slug: str, bulk_compiler: BulkCompiler, people: dict[int, dict], **how) -> list[dict]:
    parts = [
        bulk_compiler.recipient_part(contact_id, f"p{contact_id}@x.example", values)
        for contact_id, values in people.items()
    ]
    return expanded(slug, call_json(api(slug).bulk_request(parts)), **how)


def same(slug: str, content: Content, people: list[dict], **how) -> int:
    """Compare the calls for one message with the bulk call for all people who fit in it. Returns their number."""
    try:
        composer = Composer(3, 5, content)
        bulk_compiler = BulkCompiler(composer)
    except (MergeError, NotBulkable):
        return 0
    bulkable = {}
    for contact_id, values in enumerate(people, 1):
        try:
            bulk_compiler.recipient_part(contact_id, f"p{contact_id}@x.example", values)
            bulkable[contact_id] = values
        except Exception as problem:
            event(type(problem).__name__)
    if bulkable:
        singles = [single(slug, composer, contact_id, values) for contact_id, values in bulkable.items()]
        assert expanded_bulk_call(slug, bulk_compiler, bulkable, **how) == singles
    return len(bulkable)


MANY = settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@MANY
@given(html=TEXT, text=TEXT, subject=TEXT, people=st.lists(SOMEBODY, min_size=1, max_size=4), seed=st.integers(0, 99))
@example(
    "-{{ first_name }}{{ last_name }}", "{{ city }}", "S", [{"first_name": "_", "last_name": "slot0-", "city": "!"}], 1
)
@example("-{{ first_name }}x", "{{ city }}", "S", [{"first_name": "_\rslot0-", "city": "!"}], 1)
@example("{{ first_name }}{{ last_name }}", "x", "S", [{"first_name": "-_slot", "last_name": "1-"}], 1)
@example("{{ first_name }}", "", "S", [{"first_name": ""}, {"first_name": "A"}], 1)
@example("x", "{{ city }}", "{{ first_name }}", [{"first_name": ""}, {"first_name": "-_slot0-"}], 1)
def test_everybody_gets_the_same_message_either_way(html, text, subject, people, seed):
    def over_and_over(tags):
        return random.Random(seed).sample(sorted(tags), len(tags)) * 2

    html, text = f"x {html}", f"x {text}" if text else ""
    content = Content(subject=subject, html=html, text=text, from_name="Café", from_email="news@shop.example")
    for folds_case in (False, True):
        n = same("sendgrid", content, people, order=over_and_over, folds_case=folds_case)
    assert n == same("brevo", content, people)
    event(f"alike: {bool(n)}")


@MANY
@given(people=st.lists(SOMEBODY, min_size=2, max_size=6))
def test_people_do_not_get_each_others_values(people):
    for slug in APIS:
        same(slug, CONTENT, people)


PLAIN = [{"first_name": f"Zoé {n}", "full_name": "Zoé M", "plan": "gold" if n % 2 else "free"} for n in range(7)]


def test_usual_content_can_be_put_together(slug):
    assert same(slug, CONTENT, PLAIN) == 7
    assert same(slug, replace(CONTENT, reply_to="", text="", list_name=""), PLAIN) == 7


def test_without_a_way_to_unsubscribe(slug):
    composer = Composer(3, 5, CONTENT, unsubscribable=False)
    (made,) = expanded_bulk_call(slug, BulkCompiler(composer), {1: PLAIN[0]})
    assert made == single(slug, composer, 1, PLAIN[0])
    assert "List-Unsubscribe" not in made["headers"]


def test_texts_are_sent_once_and_values_per_person():
    bulk_compiler = BulkCompiler(Composer(3, 5, replace(CONTENT, html=CONTENT.html + "long " * 1000)))
    parts = [bulk_compiler.recipient_part(n, f"p{n}@x.example", PLAIN[n]) for n in range(7)]
    assert api("sendgrid").bulk_request(parts).body.count(b"long " * 1000) == 1


@pytest.mark.parametrize(
    "change",
    [
        {"html": "{% assign a = 1 %}x"},
        {"html": "{{ first_name }}"},  # no literal text: for some people it may be empty
        {"text": "{{ first_name }}"},
        {"html": ""},
        {"html": " ".join(["x", *MARKS])},
        {"reply_to": " ".join(MARKS)},
        {"html": "x" + "".join(f"{{{{ name_{n} }}}}" for n in range(MAX_SLOTS + 1))},
        {"to": "test@x.example"},
        {"as_contact": 7},
    ],
)
def test_content_that_is_not_put_together(change):
    with pytest.raises(NotBulkable):
        BulkCompiler(Composer(3, 5, replace(CONTENT, **change)))


@pytest.mark.parametrize(
    "values",
    [
        {"first_name": "x" * MAX_SLOT_BYTES},
        {"first_name": "-_slot0-"},
        {"first_name": "Jo_"},  # the next value may begin with the rest of a mark
        {"city": "-_SLOT0-", "plan": "gold"},
    ],
)
def test_values_that_are_not_put_together(values):
    with pytest.raises(NotBulkable):
        BulkCompiler(Composer(3, 5, CONTENT)).recipient_part(1, "a@x.example", values)


def test_a_text_that_would_become_too_large_is_left_to_the_composer():
    content = replace(CONTENT, html="x" + "{{ city }} " * 1000)
    values = {"city": "c" * 3000}
    with pytest.raises(NotBulkable):
        BulkCompiler(Composer(3, 5, content)).recipient_part(1, "a@x.example", values)
    with pytest.raises(MergeError):
        Composer(3, 5, content).compose(1, "a@x.example", values)


def test_another_mark_is_taken_where_the_content_has_the_first(slug):
    content = replace(
        CONTENT, html=f"-{MARKS[0]}0- {CONTENT.html} {MARKS[1]}", text=f"Hi {MARKS[2]}{{{{ first_name }}}}"
    )
    assert BulkCompiler(Composer(3, 5, content)).shared_part.mark in MARKS[3:]
    assert same(slug, content, PLAIN) == 7


def test_it_is_noticed_that_nobody_can_be_put_together():
    bulk_compiler = BulkCompiler(Composer(3, 5, CONTENT))
    for n in range(TRIAL):
        assert bulk_compiler.is_worthwhile
        with pytest.raises(NotBulkable):
            bulk_compiler.recipient_part(n, "a@x.example", {"first_name": "x" * MAX_SLOT_BYTES})
    assert not bulk_compiler.is_worthwhile


def test_a_rare_misfit_changes_nothing():
    bulk_compiler = BulkCompiler(Composer(3, 5, CONTENT))
    for n in range(200):
        try:
            bulk_compiler.recipient_part(
                n, "a@x.example", {"first_name": "x" * MAX_SLOT_BYTES if n % 4 == 0 else "Zoé"}
            )
        except NotBulkable:
            assert n % 4 == 0
    assert bulk_compiler.is_worthwhile


@pytest.mark.parametrize("purpose, has_compiler", [("marketing", True), ("service", False), ("test", False)])
def test_a_batch_of_one_is_not_prepared_for_many(acme, purpose, has_compiler):
    batch = start(acme, n=3)
    with scope(acme):
        type(batch).objects.update(purpose=purpose)
    assert lane.BatchWork(batch.pk).has_bulk_compiler() == has_compiler
