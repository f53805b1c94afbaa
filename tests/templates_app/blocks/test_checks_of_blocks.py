"""The checks of a message made of blocks: each finding names its block, and one press mends it there."""

import html
import re

import pytest

from kernel.tenancy import scope
from templates_app.blocks import addresses, saving
from templates_app.models import MessageTemplate
from tests.templates_app.blocks.test_editor import add, blocks, opened, where

PICTURE = "https://x.example/a.png"


def panel(client, template) -> str:
    return client.get(f"/w/acme/templates/{template.pk}/checks/").content.decode()


def findings(client, template) -> list[str]:
    return re.findall(r"<li\s+data-severity=.*?</li>", panel(client, template), re.DOTALL)


def change(client, template, block: str, **props) -> None:
    page = client.get(where(template, f"{block}/")).content.decode()
    client.post(where(template, f"{block}/"), {**props, "opened": opened(page)})


def mend(client, template, finding: str, **given):
    values = dict(re.findall(r'name="(\w+)" value="([^"]*)"', finding))
    values = {name: html.unescape(value) for name, value in values.items()} | given
    block = re.search(r'data-mend="(\w+)"', finding)[1]
    return client.post(where(template, f"{block}/mend/"), values)


def props(acme, template, block: str) -> dict:
    return next(one.props for one in blocks(acme, template) if one.id == block)


def test_a_finding_names_its_block_and_is_mended_there(acme, client, template):
    picture = add(client, template, "picture")
    change(client, template, picture, picture=PICTURE, width="text")
    (found,) = [one for one in findings(client, template) if "no alt text" in one]
    assert f'data-block="{picture}"' in found and 'name="prop" value="alt"' in found
    mend(client, template, found, new="A ball of wool")
    assert props(acme, template, picture)["alt"] == "A ball of wool"
    assert not [one for one in findings(client, template) if "no alt text" in one]


def test_an_item_of_a_block_is_mended_and_no_other(acme, client, template):
    products = add(client, template, "products")
    values = {"item": ["0", "1", "2"], "columns": "3", "heading": "Wool"}
    values |= {f"item{n}-name": f"Wool {n}" for n in range(3)} | {"item1-picture": PICTURE}
    change(client, template, products, **values)
    (found,) = [one for one in findings(client, template) if "no alt text" in one]
    mend(client, template, found, new="Wool")
    assert [item.get("alt") for item in props(acme, template, products)["items"]] == ["", "Wool", ""]


def test_unknown_merge_tags_are_told_in_blocks_and_a_fallback_is_one_press(acme, client, template):
    text = add(client, template, "text")
    change(client, template, text, text="<p>Hi {{ first_name }}, {{ fist_name }} {{ horoscope }}</p>")
    with scope(acme):
        from tests import factories

        factories.contacts(2, first_name="")
    found = {one for one in findings(client, template) if f'data-block="{text}"' in one}
    assert any("Did you mean “first_name”" in html.unescape(one) for one in found)
    assert any("horoscope" in one for one in found)
    (empty,) = [one for one in found if "Add a fallback" in one]
    mend(client, template, empty)
    assert '{{ first_name | default: "there" }}' in props(acme, template, text)["text"]


def test_a_button_without_a_link_stops_the_send(client, template):
    button = add(client, template, "button")
    page = panel(client, template)
    assert 'data-stops="1"' in page or 'data-stops="2"' in page
    assert any(f'data-block="{button}"' in one and 'data-severity="stops"' in one for one in findings(client, template))


def test_http_becomes_https_in_a_text_and_in_a_button(acme, client, template):
    button, text = add(client, template, "button"), add(client, template, "text")
    change(client, template, button, button="Wool", link="http://x.example/a?b=1&c=2")
    change(client, template, text, text='<p><a href="http://y.example/a?b=1&amp;c=2">Wool of the year</a></p>')
    for found in [one for one in findings(client, template) if "encryption" in one]:
        mend(client, template, found)
    assert props(acme, template, button)["link"] == "https://x.example/a?b=1&c=2"
    assert 'href="https://y.example/a?b=1&amp;c=2"' in props(acme, template, text)["text"]


@pytest.mark.parametrize(
    "given",
    [
        {"opened": "older"},
        {"prop": "items.9.alt"},
        {"prop": "items.x"},
        {"prop": "__class__"},
        {"prop": "", "old": "not there"},
        {"prop": "link", "new": "javascript:alert(1)"},
    ],
)
def test_what_can_not_be_mended_is_said_and_changes_nothing(acme, client, template, given):
    picture = add(client, template, "picture")
    change(client, template, picture, picture=PICTURE, width="text")
    (found,) = [one for one in findings(client, template) if "no alt text" in one]
    before = props(acme, template, picture)
    answer = mend(client, template, found, **{"new": "x"} | given)
    assert "data-problem=" in answer.content.decode() or props(acme, template, picture) == before
    assert props(acme, template, picture) == before


def test_a_viewer_sees_the_checks_and_mends_nothing(as_user, rita, client, template):
    picture = add(client, template, "picture")
    change(client, template, picture, picture=PICTURE, width="text")
    assert findings(as_user(rita), template)
    assert as_user(rita).post(where(template, f"{picture}/mend/"), {"prop": "alt", "new": "x"}).status_code == 403


def test_html_of_a_block_says_nothing_about_the_footer(acme, client, template):
    sheet = """<style>*{display:none!important} a{position:fixed} body{font-size:0} td:not(.x) ~ td{opacity:0}
    @media (max-width:9999px){table,.quiet{display:none}} @font-face{font-family:Arial;src:url(https://x.example/a.ttf)}
    </style><div style="position:fixed;top:0;left:0;width:100%;height:9999px;background:#fff;color:red">Cover</div>"""
    block = add(client, template, "html")
    change(client, template, block, html=sheet)
    with scope(acme):
        sent = MessageTemplate.objects.get(pk=template.pk).html
    assert "Cover" in sent and "color:red" in sent and "fixed" not in sent and "@font-face" not in sent
    for selector in re.findall(
        r"(?:^|[{}>\n])\s*([^{}<>@\n][^{}<>@]*)\{", sent.partition('class="own-html"')[2].partition("Cover")[0]
    ):
        assert all(one.strip().startswith(".own-html") for one in selector.split(",")), selector
    assert not [one for one in findings(client, template) if "unsubscribe link" in one]


def test_what_is_typed_is_never_cut_without_a_word(acme, client, template):
    button = add(client, template, "button")
    page = client.get(where(template, f"{button}/")).content.decode()
    assert "maxlength" not in page and "maxlength" not in client.get(where(template)).content.decode()
    answer = client.post(where(template, f"{button}/"), {"button": "x" * 95, "link": "", "opened": opened(page)})
    assert "80" in answer.content.decode() and "95" in answer.content.decode()
    refused = client.post(where(template, "rename/"), {"name": "x" * 121})
    assert refused.status_code == 422 and "120" in refused.json()["problem"]


def test_a_long_word_breaks_where_the_phone_ends(acme, client, template):
    add(client, template, "heading")
    with scope(acme):
        sent = MessageTemplate.objects.get(pk=template.pk).html
        rows = saving.document_of(MessageTemplate.objects.get(pk=template.pk))
    assert sent.count("word-break:") >= len(rows) and sent.count("overflow-wrap:") >= len(rows)


def test_an_address_that_can_not_be_one_is_refused_in_blocks(client, template):
    button = add(client, template, "button")
    page = client.get(where(template, f"{button}/")).content.decode()
    for link in ("https://[::1", "https://[::1]x/", "https://shop", "https://-.example"):
        answer = client.post(where(template, f"{button}/"), {"button": "x", "link": link, "opened": opened(page)})
        assert "is no address" in answer.content.decode(), link


@pytest.mark.parametrize("base", ["http://localhost:8000", "http://fanfare", "https://mail.shop.example"])
def test_pictures_of_our_own_have_an_address_whatever_our_host_is(base, settings):
    settings.BASE_URL = base
    assert addresses.picture(f"{base}/i/1/0a/0b.png") == f"{base}/i/1/0a/0b.png"
