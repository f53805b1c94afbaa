"""The text part that is made from a template's HTML: every word and address, no markup, merge tags in their order."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from templates_app.merging import parse
from templates_app.merging.hiding import HiddenTags
from templates_app.plain_text import text_of
from templates_app.sanitising import sanitise

AMPERSANDS = "https://shop.example/?id=1&region=idf&param=x&section=2&currency=EUR&copy=1&times=2&notify=3&lt=4"


@pytest.mark.parametrize(
    "html, text",
    [
        (f'<a href="{AMPERSANDS.replace("&", "&amp;")}">See</a>', f"See: {AMPERSANDS}"),
        ("Type &amp;lt;b&amp;gt; &amp; &lt;i&gt; for bold", "Type &lt;b&gt; & <i> for bold"),
        ('<a href="https://a.example/"><img src="x.jpg" alt="Sale -50 %"></a>', "Sale -50 %: https://a.example/"),
        ('<a href="https://a.example/"><img src="x.jpg" alt=""></a>', "https://a.example/"),
        ('<a href="https://a.example/"><img src="x.jpg"> <b>Buy</b> </a>!', "Buy: https://a.example/!"),
        (
            '<b><a href="https://a.example/">a</a></b><a href="https://b.example/">b</a>{{ x }} c',
            "a: https://a.example/ b: https://b.example/ {{ x }} c",
        ),
        ('<a href="https://a.example/">a</a><span><b>b</b></span>.', "a: https://a.example/ b."),
        ('<a href="https://a.example/">a</a><i><b>.</b></i>b', "a: https://a.example/.b"),
        ('<a href="https://a.example/">a</a><img src="x.jpg" alt="b">', "a: https://a.example/ b"),
        ('<p><a href="https://a.example/">a</a></p>b', "a: https://a.example/\n\nb"),
        ('<img src="x.jpg" alt="Logo"><img src="y.jpg" alt="Shop &amp; Co">', "Logo Shop & Co"),
        ('<a href=" https://a.example/a b\n">See</a>', "See: https://a.example/a%20b"),
        ('<a href="https://a.example/(x)[y]">See [1]</a>', "See [1]: https://a.example/(x)[y]"),
        ('<a href="#top">Top</a><a name="top"></a>', "Top"),
        ('<a href="mailto:a@b.example">a@b.example</a> <a href="tel:+331">+331</a>', "a@b.example +331"),
        ('<a href="https://a.example/">https://a.example/</a>', "https://a.example/"),
        ('<map name="m"><area href="https://a.example/" alt="Zone"></map>', "Zone: https://a.example/"),
        ('<div style="Display: none">Preheader &zwnj;</div><p>Hello</p>', "Hello"),
        ("<p>mergetag99x mergetag0x {{ x }}</p>", "mergetag99x mergetag0x {{ x }}"),
        ("<p>&#xE000;0&#xE001; \ue0001\ue001 {{ x }}</p>", "\ue0000\ue001 \ue0001\ue001 {{ x }}"),
        ("<p>{{ address | newline_to_br }} {{ n | escape }}</p>", "{{ address }} {{ n }}"),
        ("<table><tr><td>a<td>b</tr><tr><td>c</td></tr></table>", "a b\nc"),
        ("<!-- x --><style>p{}</style><title>{{ x }}</title>", ""),
        ("", ""),
    ],
)
def test_words_and_addresses(html, text):
    assert re.sub(r"\s*(\}\})", r" \1", text_of(html)) == re.sub(r"\s*(\}\})", r" \1", text)


@pytest.mark.parametrize(
    "html, words",
    [
        ("{% raw %}{{ x }} {% y %} {{{% endraw %}", "{{ x }} {% y %} {{"),
        ("&#123;{{ x }} &#123;{ x }} {&#37; y", "{1 {{ x }} {% y"),
        ("{% comment %}<p>no {% if %}</p>{% endcomment %}yes", "yes"),
        ("<!-- {% if x %} --><p>yes</p><!-- {% else %} --><p>no</p><!-- {% endif %} -->", "yes"),
        (
            "<head>{% assign y = 'yes' %}<style>{% assign z = 'no' %}</style></head><body>{{ y }} {{ z }}</body>",
            "yes no",
        ),
        ('<div style="display:none">{% unless x %}</div><p>no</p>{% endunless %}<p>yes</p>', "yes"),
        (
            "<table>{% for p in people %}<tr><td>{{ p.a }}</td><td>{% if p.b %}<p>b</p><p>c</p>{% endif %}</td>"
            "<td>{% if p.c %}<p>d</p><p>e</p>{% endif %}</td></tr>{% endfor %}</table>",
            "1 b c 2 d e",
        ),
        ("<ul>{% for p in people %}<li>{{ p.a }}</li>{% endfor %}</ul>", "* 1 * 2"),
    ],
)
def test_the_text_says_what_the_html_says(html, words):
    people = [{"a": "1", "b": True}, {"a": "2", "c": True}]
    rendered = parse(text_of(sanitise(html).html), html=False).render({"x": "1", "people": people})
    assert " ".join(rendered.split()) == words


OPENING = st.sampled_from(["{% if a %}", "{% for p in c %}", "{% unless b %}"])
WORD = st.sampled_from(
    ["word", "{{ a }}", "<br>", '<img alt="b">', '<a href="https://a.example/?{{ b }}">l</a>', "<hr>"]
)
PIECE = st.recursive(
    WORD,
    lambda inner: (
        st.builds("{}{}{{% end %}}{}".format, OPENING, inner, inner)
        | st.builds("<table>{}<tr><td>{}</td><td>{}</td></tr>{{% end %}}</table>".format, OPENING, inner, inner)
        | st.builds("<ul>{}<li>{}</li>{{% end %}}</ul>".format, OPENING, inner)
        | st.builds('<div style="display:none">{}</div><!-- {} -->{}<!-- {{% end %}} -->'.format, inner, OPENING, inner)
    ),
    max_leaves=8,
)


def closed(html: str) -> str:
    """The text with each `{% end %}` as the end of what was opened last."""
    open_tags: list[str] = []

    def close(found: re.Match) -> str:
        if found[1] != "end":
            open_tags.append(found[1])
            return found[0]
        return f"{{% end{open_tags.pop()} %}}"

    return re.sub(r"\{% (\w+)[^%]*%\}", close, html)


@settings(max_examples=150, deadline=None)
@given(PIECE.map(closed))
def test_conditions_and_loops_keep_their_order(html):
    html = sanitise(html).html
    text = text_of(html)
    blocks = [[tag.source for tag in HiddenTags(source).tags if tag.kind == "block"] for source in (html, text)]
    assert blocks[0] == blocks[1]
    parse(text, html=False).render({"a": "1", "c": [1, 2]})


@given(st.text("{}%\ue000\ue001\ue0020123456789 rawendcomt-x&#;", max_size=40))
def test_any_text_is_hidden_and_shown_again(source):
    hidden = HiddenTags(source)
    assert hidden.show(hidden.text) == source
