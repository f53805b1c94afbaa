"""Spintax: which text it is, what it chooses, and what it leaves alone."""

import pytest

from templates_app.merging import MergeError, Merger, spintax
from templates_app.merging.spintax_nodes import SEED
from templates_app.plain_text import text_of
from templates_app.sanitising import sanitise

FIRST, SECOND = -1, -2


def said(source: str, seed: int, *, html: bool = True, **values) -> str:
    merger = Merger(source, html=html)
    whole = merger.render({SEED: seed, **values})
    assert merger.compile(str.encode)({SEED: seed, **values}).decode() == whole
    return whole


@pytest.mark.parametrize(
    "source, first, second",
    [
        ("{Hello|Hi} Zoé", "Hello Zoé", "Hi Zoé"),
        ("{Hello {{ name }}|Hi}!", "Hello Zoé!", "Hi!"),
        ("{a {b|c}|d {e|{f|g}}}", "a b", "d g"),
        ("{a {% if name %}x{% endif %}|{% for i in (1..2) %}{p|q}{% endfor %}}", "a x", "qq"),
        ("{% if name %}{a|b}{% else %}{c|d}{% endif %}", "a", "b"),
        ("{% for i in (1..2) %}{a|b}{{ i }}{% endfor %}", "a1a2", "b1b2"),
        ("{% assign x = 1 %}{{ x }}{a|b}", "1a", "1b"),
        ("{a|}!", "a!", "!"),
        (r"{a\|b|c\}d}", "a|b", "c}d"),
        ("{https://a.example|https://b.example}", "https://a.example", "https://b.example"),
        ("{ {a|b} (x)|y}", " a (x)", "y"),
    ],
)
def test_a_group_becomes_one_of_its_options(source, first, second):
    for html in (True, False):
        assert said(source, FIRST, html=html, name="Zoé") == first
        assert said(source, SECOND, html=html, name="Zoé") == second


@pytest.mark.parametrize(
    "source",
    [
        "{a}",
        '{"a": 1, "b": [2]}',
        "{|}",
        "{ a | b",
        "a | b}",
        "<style>p {color: red} {a|b}</style><p>x</p>",
        "<!-- {a|b} -->",
        "<!--[if mso]><p>{a|b}</p><![endif]-->",
        '<p style="{a|b}" title="{c|d}" class={e|f}>x</p>',
        '<a href="https://a.example/{a|b}">https://a.example/{a|b}?c={d|e}</a>',
        "{a <b>x</b>|y}",
        "<{|x}script>",
        "<{a|b} ",
        "{contactfield=firstname|Customer} {$name|upper} {!firstname|x}",
        r"C:\{a} \| b",
    ],
)
def test_what_is_no_spintax_stays_as_it_is(source):
    for seed in (FIRST, SECOND, 12345):
        assert said(source, seed) == source


def test_merge_tags_and_raw_blocks_are_no_spintax():
    assert (
        said("{{ x | default: 'b' }}{% raw %}{a|b}{% endraw %}{% comment %}{a|b}{% endcomment %}", SECOND) == "b{a|b}"
    )


def test_an_escaped_group_is_text():
    assert said(r"\{a|b} {c|d}", SECOND) == "{a|b} d"
    for text in (r"{a|b}", r"\{a|b}", r"{a|{b|c}}", r"{a\|b|c}"):
        assert said(spintax.escaped(text, html=True), SECOND) == text


def test_the_same_person_reads_the_same_and_people_differ():
    source = "".join(f"{{a{n}|b{n}|c{n}}}" for n in range(6))
    render = Merger(source, html=True).render
    made = [render({SEED: spintax.seed("text", contact)}) for contact in range(300)]
    assert made == [render({SEED: spintax.seed("text", contact)}) for contact in range(300)]
    assert len(set(made)) > 150
    for place in range(6):
        for letter in "abc":
            assert 60 < sum(text[2 * place] == letter for text in made) < 140
    assert made != [render({SEED: spintax.seed("another text", contact)}) for contact in range(300)]


def test_html_and_its_text_part_say_the_same():
    html = (
        "<p>{Hello &amp; welcome|Hi}, <b>{a|b}</b> {a|b} \\{x|y} {<b>p</b>|q} {k\\|l|m}</p>"
        '<img src="https://x.example/a.png" alt="{m|n}">'
    )
    text = text_of(html)
    for contact in range(20):
        seed = spintax.seed(text, contact)
        words = said(text, seed, html=False)
        shown = said(html, seed).replace("&amp;", "&")
        greeting = words.partition(",")[0]
        assert f"<p>{greeting}, <b>{words.split(', ')[1][0]}</b> {words.split(', ')[1][2]} {{x|y}}" in shown
        assert "{x|y} {p|q}" in words and "{m|n}" in words, "what is text in the HTML is text"


@pytest.mark.parametrize(
    "source, words",
    [
        ("x\n" + "{a|" * 6 + "}" * 6, "Line 2, column 1: Spintax is nested too deeply here."),
        ("{" + "a|" * 100 + "b}", "This group of spintax has more than 100 options."),
        ("{a|b}" * 501, "There are more than 500 groups of spintax."),
    ],
)
def test_too_much_of_it_is_refused_with_its_place(source, words):
    with pytest.raises(MergeError, match=words):
        Merger(source, html=False)


def test_no_choice_makes_markup():
    """Whatever options a sanitised document has, readers get its elements and attributes, and no others."""
    nasty = [
        "&lt;{script|img src=x onerror=alert(1)}&gt;",
        "<{script|b}>alert(1)</{script|b}>",
        "{<|&lt;}script>alert(1){</|x}script>",
        "{<img src=x onerror=alert(1)>|b}",
        '<p title="{a|">}<script>alert(1)</script>">{x|y}</p>',
        "<{|x}img src=x onerror=alert(1)>",
        "{&lt;script&gt;|<!--}alert(1){-->|x}",
        "<a href='java{|x}script:alert(1)'>{a|b}</a>",
        "<style>{a|</style><script>alert(1)</script>}</style>",
    ]
    for source in nasty:
        clean = sanitise(source).html
        for seed in (FIRST, SECOND, 1, 2, 3):
            made = said(clean, seed)
            assert made.count("<") == clean.count("<") and made.count(">") == clean.count(">"), source
            assert "<script" not in made and "onerror=" not in made.replace("img src=x onerror=alert(1)&gt;", ""), (
                source
            )
