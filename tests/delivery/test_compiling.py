"""Compiled messages against an oracle: Django's own e-mail classes with the merge library's own rendering. Parsed, the
two are the same, header by header and part by part, for any templates and people."""

import email
import email.policy
import quopri

import pytest
from django.core.mail import EmailMultiAlternatives
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from delivery import tracking
from delivery.channels.email.composing import Composer, Content
from delivery.channels.email.header_text import one_line
from delivery.channels.email.quoted_printable import encode_chunk, end
from templates_app.merging import MergeError, parse
from templates_app.merging.spintax_nodes import SEED

WORDS = st.one_of(
    st.sampled_from(
        [
            "\n",
            ".\n..\n.",
            "été à Noël",
            "שלום עולם",
            "مرحبا",
            "=3D=",
            "x" * 300,
            "  \n\t\n",
            "From me\n",
            "<b>&amp;</b>",
            "👋🏽",
        ]
    ),
    st.text(st.characters(exclude_characters="{}%\r", exclude_categories=["Cs"]), max_size=60),
)
NAMES = ["first_name", "last_name", "city", "plan", "points", "items", "missing", "email"]
NAME = st.sampled_from(NAMES)
FILTERS = st.sampled_from(
    ["", ' | default: "there"', " | upcase", " | escape", " | size", ' | append: "!"', " | truncate: 5", " | first"]
)
OUTPUT = st.builds("{{{{ {}{} }}}}".format, NAME, FILTERS)
CONDITION = st.one_of(NAME, st.builds('{} == "gold"'.format, NAME), st.builds("{} contains 'a'".format, NAME))


def blocks(inner):
    return st.one_of(
        st.builds(
            "{{% if {} %}}{}{{% elsif {} %}}{}{{% else %}}{}{{% endif %}}".format,
            CONDITION,
            inner,
            CONDITION,
            inner,
            inner,
        ),
        st.builds("{{% unless {} %}}{}{{% endunless %}}".format, CONDITION, inner),
        st.builds("{{% for p in items %}}{}{{{{ p }}}}{{% endfor %}}".format, inner),
        st.builds("{{% for p in (1..3) %}}{{{{ forloop.index }}}}{}{{% endfor %}}".format, inner),
        st.builds("{{% case plan %}}{{% when 'gold' %}}{}{{% else %}}{}{{% endcase %}}".format, inner, inner),
        st.builds("{{% assign x = {} %}}{{{{ x }}}}{}".format, NAME, inner),
        st.builds("{{% capture c %}}{}{{% endcapture %}}{{{{ c }}}}".format, inner),
        st.builds("{{%- comment -%}}{}{{%- endcomment -%}}".format, st.just("nothing")),
        st.builds("{{% raw %}}{{{{ {} }}}}{{% endraw %}}".format, NAME),
        st.builds("{{ {}|{} }}".format, inner, inner),
    )


TEMPLATE = st.lists(
    st.recursive(st.one_of(WORDS, OUTPUT), lambda inner: st.one_of(blocks(inner), inner), max_leaves=6), max_size=6
).map("".join)
VALUE = st.one_of(
    st.text(max_size=40), st.integers(-5, 5), st.booleans(), st.none(), st.just("gold"), st.just("l'été <b>\"&")
)
PERSON = st.fixed_dictionaries(
    {"email": st.just("a@example.com")},
    optional=dict.fromkeys(NAMES[:5], VALUE) | {"items": st.lists(VALUE, max_size=3), SEED: st.integers(0, 9)},
)
MANY = settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def outcome(function):
    try:
        return function()
    except MergeError as problem:
        return f"error: {problem}"


@MANY
@given(source=TEMPLATE, people=st.lists(PERSON, min_size=1, max_size=3), html=st.booleans())
@example("{% if first_name %} {% endif %}x", [{"first_name": "A"}], True)
@example("{% if missing %}x{% elsif first_name %} {% else %}y{% endif %}x", [{"first_name": "A"}, {}], False)
@example("{% if first_name %} {% elsif city %} {% else %}y{% endif %}x", [{"first_name": "A"}, {"city": "B"}], False)
@example("{{ points }}{{ points }}", [{"points": 1}, {"points": True}, {"points": "1"}], True)
@example("{% for p in items %}{a|b {{ p }}}{% endfor %}", [{"items": ["1"], SEED: 1}, {"items": ["1"], SEED: 7}], True)
@example("{% if points == 1 %}one{% endif %}", [{"points": 1}, {"points": "1"}, {"points": True}], False)
def test_compiled_and_plain_rendering_say_the_same(source, people, html):
    merger = outcome(lambda: parse(source, html=html))
    if isinstance(merger, str):
        return
    compiled = merger.compile(encode_chunk)
    for values in [*people, *people]:  # the second time from the cache
        plain = outcome(lambda values=values: merger.render(values).replace("\r", ""))
        made = outcome(lambda values=values: quopri.decodestring(end(compiled(values))).decode().replace("\r\n", "\n"))
        if isinstance(plain, str) and not plain.startswith("error: "):
            plain = plain.encode("utf-8", "replace").decode()
        assert made == plain


def read(source: bytes):
    return email.message_from_bytes(source, policy=email.policy.default)


def text_of(message, kind: str) -> str:
    return message.get_body((kind,)).get_payload(decode=True).decode().replace("\r\n", "\n")


# The merge library writes both loops alike when it is asked for their source.
SHOWN_AND_FILLED = (
    "{% for p in (1..3) %}{{ city }}{% endfor %}",
    "{% for p in (1..3) %}{% raw %}{{ city }}{% endraw %}{% endfor %}",
)


@MANY
@given(
    html=TEMPLATE,
    text=TEMPLATE,
    subject=st.one_of(
        OUTPUT, st.text(st.characters(exclude_characters="{}%", exclude_categories=["C", "Z"]), max_size=90)
    ),
    person=PERSON,
    name=st.text(max_size=60),
)
@example("<p>" + "long " * 210_000 + "{{ first_name }}</p>", "t", "S", {"first_name": "Zoé"}, "Zoé")
@example("", "".join(SHOWN_AND_FILLED), "S", {"email": "a@example.com"}, "")
def test_the_message_is_the_one_that_django_builds(html, text, subject, person, name):
    html, text = f"<p>{html}", f"Hello {text}"  # Django leaves out a part that is empty
    content = Content(subject=subject, html=html, text=text, from_name="Café Ana", from_email="news@shop.example")
    person = person | {"full_name": name}
    composer = outcome(lambda: Composer(3, 5, content))
    if isinstance(composer, str):
        return
    ours = outcome(lambda: composer.compose(7, "a@example.com", person))
    values = composer.values(7, person)
    parts = [
        outcome(lambda source=source, html=html: parse(source, html=html).render(values))
        for source, html in ((subject, False), (text, False), (content.html, True))
    ]
    if any(part.startswith("error: ") for part in parts):
        assert isinstance(ours, str)
        return
    subject_line, plain, rich = parts
    oracle = EmailMultiAlternatives(
        one_line(subject_line),
        plain.replace("\r", "").encode("utf-8", "replace").decode(),
        "Café Ana <news@shop.example>",
        ["a@example.com"],
        headers={"List-Unsubscribe": f"<{tracking.addresses(tracking.sign('message', 3, 5, 7))['unsubscribe_url']}>"},
    )
    oracle.attach_alternative(rich.replace("\r", "").encode("utf-8", "replace").decode(), "text/html")
    theirs, ours = read(oracle.message().as_bytes()), read(ours.source)
    for header in ("Subject", "From", "List-Unsubscribe", "MIME-Version"):
        assert " ".join(str(ours[header] or "").split()) == " ".join(str(theirs[header] or "").split()), header
    assert [str(a.addr_spec) for a in ours["To"].addresses] == ["a@example.com"]
    assert ours.get_content_type() == theirs.get_content_type() == "multipart/alternative"
    for kind in ("plain", "html"):
        assert text_of(ours, kind) == text_of(theirs, kind)


@pytest.mark.parametrize(
    "source, compiles",
    [
        ("Hello {{ first_name }}", True),
        ("{% if a %}{% for b in c %}{{ b }}{% endfor %}{% endif %}", True),
        ("{% assign a = 1 %}{{ a }}", False),
        ("{% for b in c offset:continue %}{% endfor %}", False),
        ("{% cycle 'a', 'b' %}", False),
    ],
)
def test_what_carries_something_along_is_rendered_as_a_whole(source, compiles):
    from templates_app.merging.compiling import CompiledText, NotCompilable

    template = parse(source, html=True)._template
    if compiles:
        CompiledText(template, encode_chunk, frozenset())
    else:
        with pytest.raises(NotCompilable):
            CompiledText(template, encode_chunk, frozenset())


def test_the_time_of_day_is_never_remembered():
    import time_machine

    render = parse("{{ 'now' | date: '%H:%M' }}", html=False).compile(encode_chunk)
    with time_machine.travel("2026-01-01 10:00", tick=False):
        first = render({})
    with time_machine.travel("2026-01-01 11:30", tick=False):
        assert render({}) != first


def test_what_is_kept_does_not_grow_without_end(monkeypatch):
    from templates_app.merging import compiling

    monkeypatch.setattr(compiling, "MAX_CACHED", 10)
    render = parse("{{ email }} {{ email | upcase }}", html=True).compile(encode_chunk)
    assert all(f"{n}@x".encode() in render({"email": f"{n}@x"}) for n in range(100))


@given(
    st.lists(st.one_of(st.text(max_size=200), st.text(". =\n\tab", max_size=200), st.just("x" * 75 + ".")), max_size=6)
)
@settings(max_examples=500)
def test_chunks_join_in_any_order(parts):
    joined = b"".join(encode_chunk(part) for part in parts)
    text = "".join(part.replace("\r", "") for part in parts).encode("utf-8", "replace")
    assert quopri.decodestring(end(joined)).replace(b"\r\n", b"\n") == text
    assert all(len(line) <= 76 and not line.startswith(b".") for line in joined.split(b"\r\n"))
