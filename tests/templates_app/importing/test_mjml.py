"""MJML, fenced: what its compiler would lose, change or die of."""

import pytest

from templates_app.importing import mjml
from templates_app.importing.mjml import compile_mjml
from templates_app.importing.problems import NotImportable
from templates_app.sanitising import sanitise


def column(inside: str) -> str:
    return f"<mjml><mj-body><mj-section><mj-column>{inside}</mj-column></mj-section></mj-body></mjml>"


def made(source: str) -> str:
    return sanitise(compile_mjml(source, 1, "fr")).html


def test_it_becomes_a_message_that_nothing_was_taken_from():
    html = compile_mjml(column("<mj-text>Hello</mj-text><mj-button href='https://a.example/'>Go</mj-button>"), 1, "fr")
    sanitised = sanitise(html)
    assert "Hello" in sanitised.html and 'lang="fr"' in sanitised.html and "[if mso" in sanitised.html
    assert sanitised.removed == ()


def test_merge_tags_keep_their_place_and_their_letters():
    html = made(
        column(
            '{% if a < 3 and b == "x & y" %}<mj-text>{{ first_name | default: "it\'s" }}</mj-text>{% endif %}'
            "<mj-button href='https://a.example/?n={{ city | url_encode }}&b=1'>Go</mj-button>"
        )
    )
    assert '{% if a < 3 and b == "x & y" %}<tr>' in html and "</tr>{% endif %}" in html
    assert '{{ first_name | default: "it\'s" }}' in html
    assert 'href="https://a.example/?n={{ city | url_encode }}&amp;b=1"' in html


def test_html_that_is_no_xml_stays_html():
    html = made(column("<mj-text>one<br>two & three <p>x<p>y&nbsp;z <b>bold</mj-text>"))
    assert "one<br>two &amp; three" in html and "<p>y&nbsp;z <b>bold</b></p>" in html


def test_attributes_come_out_as_they_are_written():
    html = made(
        column('<mj-text css-class="a\\b" font-family="A\n  B">x</mj-text><mj-image src="a.png" alt="l’été\xa0!" />')
    )
    assert 'alt="l’été&nbsp;!"' in html and "\\u{" not in html and "font-family:A B;" in html


@pytest.mark.parametrize(
    "source",
    [
        column('<mj-image src="a.png" title=\'x" onclick="alert(1)\' />'),
        column("<mj-image src='a.png' alt='\"><script>alert(1)</script>' />"),
        column("<mj-text><script>alert(1)</script><p onclick='alert(1)'>x</p></mj-text>"),
        column("<mj-button href='javascript:alert(1)'>x</mj-button>"),
        column("<mj-raw><iframe src='//a'></iframe></mj-raw>"),
        "<mjml><mj-head><mj-style></style><script>alert(1)</script></mj-style></mj-head><mj-body></mj-body></mjml>",
    ],
)
def test_nothing_runs(source):
    html = made(source)
    assert "<script" not in html and "<iframe" not in html and "javascript:" not in html
    assert " onclick=" not in html.replace('title="x&quot; onclick=&quot;alert(1)"', "")


@pytest.mark.parametrize(
    "source, words",
    [
        ("<mjml><mj-body>\n<mj-include path='/etc/passwd' /></mj-body></mjml>", "Line 2: <mj-include>"),
        (column("<mj-text>a"), "<mj-text> isn't closed"),
        ("<mjml><mj-body>\n\n<mj-section></mj-body></mjml>", "Line 3: <mj-section> isn't closed"),
        ("<mjml></mj-body></mjml>", "<mjml> isn't closed"),
        ("<mjml><mj-body><div>x</div></mj-body></mjml>", "Put it into <mj-text>"),
        (column("just words"), "“just words”"),
        ("<mjml><mj-head>{% if x %}</mj-head><mj-body></mj-body></mjml>", "can't stand here"),
        ("<mjml><mj-body>" + "<mj-wrapper>" * 2000, "More than 100 elements"),
        ("<mjml><!-- never closed" + "<!--" * 1000, "“-->” is missing"),
        ("<mjml>" + "x" * 600_000, "the limit is 512 KB"),
        (column("<mj-text>{{ a }}</mj-text>keptpart0part"), "keptpart"),
    ],
)
def test_what_can_not_be_compiled_is_told_with_its_line(source, words):
    with pytest.raises(NotImportable) as refused:
        compile_mjml(source, 1, "en")
    assert words in str(refused.value)


def test_ten_thousand_nested_tags_end_no_process_of_ours():
    html = compile_mjml(column(f"<mj-text>{'<div>' * 10_000}</mj-text>"), 1, "en")
    with pytest.raises(ValueError, match="nested elements"):
        sanitise(html)


def test_the_compiler_may_die_alone(monkeypatch):
    monkeypatch.setattr(mjml, "MAX_DEPTH", 100_000)
    with pytest.raises(NotImportable, match="takes too long"):
        compile_mjml(
            "<mjml><mj-body>" + "<mj-wrapper>" * 20_000 + "</mj-wrapper>" * 20_000 + "</mj-body></mjml>", 1, "en"
        )


@pytest.mark.parametrize(
    "text, found",
    [
        ("<mjml><mj-body/></mjml>", True),
        ('\n<?xml version="1.0"?><!-- a --><!-- b -->\n<mjml>', True),
        ("<html><body><mjml>", False),
        ("<!-- a -->" * 1500, False),
    ],
)
def test_mjml_is_told_from_html(text, found):
    assert mjml.is_mjml(text) is found
