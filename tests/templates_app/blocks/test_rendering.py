"""What a document of blocks becomes: HTML that passes the gate of all HTML unchanged, in its order, escaped, in the
dark, on phones."""

import pytest
from django.utils import translation

from templates_app import merging
from templates_app.blocks import checking, editing
from templates_app.blocks.documents import Block, Document
from templates_app.blocks.look import Look
from templates_app.blocks.rendering import render
from templates_app.blocks.types import KINDS
from templates_app.sanitising import sanitise

LOOK = Look(name="Maison Demo & Fils")
PICTURE = "https://pictures.example/wool.jpg"
WORDS = {
    "name": "Wool & silk",
    "heading": "Wool & silk",
    "text": "<p>Soft <strong>wool</strong></p>",
    "picture": PICTURE,
    "alt": 'A "red" ball',
    "link": "https://shop.example/?a=1&b=2",
    "button": "See <it>",
}


def filled(kind: str) -> Block:
    """A block of which each property has a value."""
    block = editing.new_block(kind, "en")
    forms = {name: WORDS[name] for name in KINDS[kind].form.base_fields if name in WORDS}
    if kind == "heading":
        forms["text"] = "Wool & silk"
    if kind == "view_online":
        forms["text"] = "See <it>"
    props = {**block.props, **forms}
    if item_form := KINDS[kind].item_form:
        item = {name: WORDS[name] for name in item_form.base_fields if name in WORDS}
        props["items"] = [{**one, **item} for one in props["items"]]
    return checking.checked_block(Block(kind, props))


def document(*kinds: str) -> Document:
    made = editing.empty("en")
    for kind in kinds:
        made = editing.add(made, filled(kind))
    return made


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_passes_the_gate_of_all_html_with_nothing_taken_out(kind):
    shown = document(*([kind] if kind not in ("header", "footer") else []))
    gated = sanitise(render(shown, LOOK, "en"))
    assert gated.removed == ()
    assert sanitise(gated.html).html == gated.html
    assert "{{ unsubscribe_url }}" in gated.html and "{{ postal_address }}" in gated.html
    if "link" in KINDS[kind].form.base_fields and kind not in ("header",):
        assert "https://shop.example/?a=1&amp;b=2" in gated.html


def test_words_are_escaped_and_merge_tags_are_not():
    text = 'Tom & <b>{{ first_name | default: "you & me" }}</b>'
    heading = Block("heading", {"text": text, "level": "1"})
    html = render(Document((heading, editing.new_block("footer", "en"))), LOOK, "en")
    assert 'Tom &amp; &lt;b&gt;{{ first_name | default: "you & me" }}&lt;/b&gt;' in html
    page = merging.parse(sanitise(html).html, html=True).render({"first_name": "<i>"})
    assert "Tom &amp; &lt;b&gt;&lt;i&gt;&lt;/b&gt;" in page


def test_a_merge_tag_in_an_address_keeps_its_quotes_out_of_the_way():
    link = 'https://shop.example/?n={{ first_name | default: "you" }}&x=1'
    block = checking.checked_block(Block("button", {"button": "Go", "link": link}))
    html = sanitise(render(Document((block, editing.new_block("footer", "en"))), LOOK, "en")).html
    page = merging.parse(html, html=True).render({})
    assert 'href="https://shop.example/?n=you&amp;x=1"' in page


def test_blocks_stand_in_their_order():
    html = render(document("heading", "quote", "coupon"), LOOK, "en")
    places = [html.index(words) for words in ("Maison Demo &amp; Fils", "Wool &amp; silk", "“What a", "WELCOME10")]
    assert places == sorted(places) and html.index("unsubscribe_url") > places[-1]


def test_a_missing_picture_is_shown_to_its_maker_only():
    picture = Document((Block("picture", {}), editing.new_block("footer", "en")))
    assert "No picture yet" in render(picture, LOOK, "en", is_edited=True)
    sent = render(picture, LOOK, "en")
    assert "No picture yet" not in sent and "data-block" not in sent and "<img" not in sent


def test_a_message_says_its_language_and_its_example_words_are_in_it():
    with translation.override("en"):
        html = render(editing.empty("fr"), LOOK, "fr")
    assert '<html lang="fr">' in html and "Vos préférences" in html and "Voir en ligne" in html


def test_a_row_of_products_is_filled_up():
    products = filled("products")
    products.props["items"] = products.props["items"][:1] * 4
    html = render(Document((products, editing.new_block("footer", "en"))), LOOK, "en")
    assert html.count(PICTURE) == 4 and html.count('width="33%"') == 6
