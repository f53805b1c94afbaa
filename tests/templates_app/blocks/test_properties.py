"""What can stand in a block: only safe text, links that lead where a message may lead, and merge tags that can be
read."""

import json

import pytest

from templates_app.blocks import addresses, checking, documents, editing, rich_text, saving
from templates_app.blocks.documents import Block, Document, Unreadable
from templates_app.blocks.editing import NotPossible


@pytest.mark.parametrize(
    "written, stored",
    [
        ("<p>Hello <b>you</b> and <i>me</i></p>", "<p>Hello <strong>you</strong> and <em>me</em></p>"),
        ("no paragraph", "<p>no paragraph</p>"),
        ("<p>a</p><p><br></p><p></p>", "<p>a</p>"),
        ("<ul><li><p>one</p></li></ul>", "<ul><li>one</li></ul>"),
        ("<p onclick='x()' style='color:red' class='c'>a</p>", "<p>a</p>"),
        ("<script>alert(1)</script><p>a</p>", "<p>alert(1)</p><p>a</p>"),
        ("<p><img src=x onerror=alert(1)>a</p>", "<p>a</p>"),
        ('<p><a href="javascript:alert(1)">a</a></p>', "<p><a>a</a></p>"),
        ('<p><a href="www.example.com" target="_blank">a</a></p>', '<p><a href="https://www.example.com">a</a></p>'),
        (
            "<p><a href=\"https://a.example/?n={{ a | default: 'b' }}&amp;c\">a</a></p>",
            "<p><a href=\"https://a.example/?n={{ a | default: 'b' }}&amp;c\">a</a></p>",
        ),
        ('<p>{{ first_name | default: "<b>" }}</p>', '<p>{{ first_name | default: "<b>" }}</p>'),
        ("<!-- x --><p>a</p>", "<p>a</p>"),
    ],
)
def test_of_a_text_only_what_texts_have_is_kept(written, stored):
    cleaned = rich_text.clean(written)
    assert cleaned == stored
    assert rich_text.clean(cleaned) == cleaned


@pytest.mark.parametrize(
    "written, stored",
    [
        ("", ""),
        (" https://a.example/x ", "https://a.example/x"),
        ("www.example.com/page?a=1", "https://www.example.com/page?a=1"),
        ("example.com:8080/x", "https://example.com:8080/x"),
        ("ana@shop.example", "mailto:ana@shop.example"),
        ("tel:+33123", "tel:+33123"),
        ("{{ view_url }}", "{{ view_url }}"),
        ("https://a.example/{{ city }}", "https://a.example/{{ city }}"),
    ],
)
def test_addresses_are_stored_as_they_are_meant(written, stored):
    assert addresses.link(written) == stored
    assert addresses.link(stored) == stored


@pytest.mark.parametrize(
    "written",
    [
        "javascript:alert(1)",
        "JaVaScRiPt:alert(1)",
        "data:text/html,x",
        "vbscript:x",
        "file:///etc/passwd",
        "https://",
        "https:///path",
        'https://a.example/"onmouseover=x',
        "https://a.example/a b",
        "nonsense",
        '{{ zzz | default: "javascript:alert(1)" }}',
        '{{ email | prepend: "javascript:" }}',
        "/relative",
        "java\nscript:alert(1)",
        """https://a.example/{{ a | default: "b" | append: 'c' }}""",
        "https://a.example/" + "x" * 3000,
    ],
)
def test_addresses_that_lead_nowhere_or_run_something_are_refused(written):
    with pytest.raises(addresses.Refused):
        addresses.link(written)


def test_a_picture_has_a_web_address():
    assert addresses.picture("https://a.example/p.png")
    for wrong in ("mailto:a@b.example", "tel:1", "data:image/png;base64,x"):
        with pytest.raises(addresses.Refused):
            addresses.picture(wrong)


@pytest.mark.parametrize(
    "props",
    [
        {"text": "{% if %}", "level": "1"},
        {"text": "{{ first_name", "level": "1"},
        {"text": "", "level": "1"},
        {"text": "x", "level": "9"},
        {"text": ["x"], "level": {"a": 1}},
        {"text": "x" * 400},
    ],
)
def test_properties_from_outside_go_through_the_form_of_their_kind(props):
    with pytest.raises(Unreadable):
        checking.checked_block(Block("heading", props))


@pytest.mark.parametrize(
    "stored",
    [
        None,
        [],
        {"v": 2, "blocks": []},
        {"v": 1, "blocks": {}},
        {"v": 1, "blocks": [1]},
        {"v": 1, "blocks": [{"id": "x", "type": "text", "props": {}}]},
        {"v": 1, "blocks": [{"id": '"><script>', "type": "text", "props": {}}]},
        {"v": 1, "blocks": [{"id": "abcd", "type": "text", "props": []}]},
        {"v": 1, "blocks": [{"id": "abcd", "type": "text", "props": {}}] * 2},
        {"v": 1, "blocks": [{"id": f"id{n:06}", "type": "space", "props": {}} for n in range(10_000)]},
    ],
)
def test_what_is_no_document_is_refused(stored):
    with pytest.raises(Unreadable):
        documents.read(stored)
    with pytest.raises(Unreadable):
        saving.read_text(json.dumps(stored))


def test_json_that_is_none_or_too_deep_is_refused():
    half = '{"v": 1, "blocks": [{"id": "aaaaaaa1", "type": "heading", "props": {"text": "\\ud800"}}]}'
    for text in (half, "", "{", "[" * 100_000, '{"v": 1, "blocks": [' + "[" * 5000):
        with pytest.raises(Unreadable):
            saving.read_text(text)


def test_the_footer_can_be_moved_and_not_removed():
    document = editing.empty("en")
    footer = document.blocks[-1]
    assert editing.move(document, footer.id, 0).blocks[0] == footer
    with pytest.raises(NotPossible):
        editing.remove(document, footer.id)
    with pytest.raises(NotPossible):
        editing.duplicate(document, footer.id)
    with pytest.raises(Unreadable):
        checking.checked(Document(document.blocks[:1]))


def test_a_message_has_a_most_of_blocks():
    document = Document(tuple(Block("divider") for _number in range(documents.MAX_BLOCKS)))
    with pytest.raises(NotPossible):
        editing.add(document, Block("divider"))


@pytest.mark.parametrize(
    "text", ["", "{", "[" * 100_000, '{"v":' + "9" * 5000 + "}", '"\\ud800"', '{"v": true, "blocks": []}']
)
def test_what_is_no_document_is_said_in_our_words(text):
    with pytest.raises(Unreadable, match=r"^This is no message made of blocks\. Undo or copy again in the editor\.$"):
        saving.read_text(text)


@pytest.mark.parametrize("action", ["restore", "paste", "rename", "message", "done"])
def test_a_block_can_not_have_the_id_of_an_action(action):
    with pytest.raises(Unreadable):
        checking.checked_block(Block("divider", {}, action))
    for fine in ("abcdefab", "0123abcd", "block00"):
        assert checking.checked_block(Block("divider", {}, fine)).id == fine


@pytest.mark.parametrize("text", [{"a": 1}, ["a"], [], {}])
def test_a_list_is_no_text(text):
    with pytest.raises(Unreadable):
        checking.checked_block(Block("heading", {"text": text, "level": "1"}))


def test_a_message_from_outside_is_in_a_language_that_there_is():
    document = editing.empty("en")
    assert checking.checked(document).language == "en"
    with pytest.raises(Unreadable, match="language"):
        checking.checked(Document(document.blocks, "xx"))
