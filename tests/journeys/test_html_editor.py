"""The HTML editor in the browser: writing, problems, preview, formatting, by keyboard alone."""

import itertools

import pytest

from kernel.tenancy import scope
from templates_app.models import MessageTemplate
from tests.conftest import PASSWORD, make_workspace
from tests.journeys.conftest import make_person
from tests.journeys.visitor import Visitor

pytestmark = pytest.mark.browser

NUMBERS = itertools.count(1)
HTML = (
    '<!DOCTYPE html>\n<html lang="en"><head><title>x</title></head><body><table role="presentation"><tbody><tr><td>'
    "<p>Hello {{ first_name }} <b>bold</b>, <i>it</i></p></td></tr></tbody></table>"
    "<!--[if mso]><p> as  it is </p><![endif]--><p>{{ fist_name }}</p></body></html>"
)


@pytest.fixture
def shop(product):
    """A workspace of its own for each test, and its member's address."""
    number = next(NUMBERS)
    address = f"ana{number}@shop.example"
    workspace = make_workspace(f"Shop{number}", make_person(address, "Ana"))
    with scope(workspace):
        MessageTemplate.objects.create(name="Letter", html=HTML)
    return workspace, address


def test_html_is_written_beside_its_message(browser, product, shop):
    shop, address = shop
    ana = Visitor(browser, product.address)
    page = ana.page
    ana.go("/accounts/login/")
    page.get_by_label("E-mail").fill(address)
    page.get_by_label("Password").fill(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url("**/campaigns/")

    with scope(shop):
        pk = MessageTemplate.objects.get().pk
    ana.go(f"/w/{shop.slug}/templates/{pk}/edit/")
    code = page.locator(".cm-content")
    code.wait_for()
    shown = page.frame_locator("iframe[data-shown]")
    shown.get_by_text("Hello Camille bold").wait_for()
    page.locator(".cm-lintRange-warning").first.wait_for()
    ana.look()

    # Completion of a merge tag, by keys; the message follows.
    code.focus()
    page.keyboard.press("Control+End")
    page.keyboard.press("ArrowUp")
    code.press("Control+f")
    ana.look()
    page.keyboard.press("Escape")
    page.keyboard.press("Control+End")
    page.keyboard.type("<p>{{ las")
    page.locator(
        ".cm-tooltip-autocomplete:not(.cm-tooltip-autocomplete-disabled) [aria-selected=true]", has_text="last_name"
    ).wait_for()
    page.wait_for_timeout(
        200
    )  # CodeMirror takes Enter for a new line in the first 75 ms of its list, so that nobody chooses by accident
    page.keyboard.press("Enter")
    assert "<p>{{ last_name }}" in page.locator("textarea[name=html]").input_value()
    shown.get_by_text("Martin").first.wait_for()

    # Formatting changes nothing that is seen, keeps tags and comments, and can be undone.
    before = page.locator("textarea[name=html]").input_value()
    ana.press("Format")
    page.get_by_text("Formatted.").first.wait_for()
    after = page.locator("textarea[name=html]").input_value()
    assert after != before and "{{ first_name }}" in after and "<!--[if mso]><p> as  it is </p><![endif]-->" in after
    page.keyboard.press("Control+z")
    assert page.locator("textarea[name=html]").input_value() == before

    # The text that is made, and one's own.
    page.get_by_role("tab", name="Text (made from it)").click()
    page.locator("#made-text", has_text="Hello {{ first_name }} bold, it").wait_for()
    ana.look()
    page.keyboard.press("ArrowRight")
    page.get_by_label("Plain-text version").wait_for()
    ana.look()
    page.get_by_role("tab", name="HTML", exact=True).click()

    # Tab indents; after Escape it leaves.
    code.focus()
    page.keyboard.press("Escape")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") != "editor-host"
    page.keyboard.press("Control+s")
    page.get_by_text("Template saved.").wait_for()
    with scope(shop):
        assert "{{ last_name }}" in MessageTemplate.objects.get().html

    ana.go(f"/w/{shop.slug}/templates/new/import/")
    page.get_by_label("HTML or MJML").fill("<title>June</title><p>*|FNAME|*</p>")
    ana.press("Import", exact=True)
    page.get_by_text("Merge tags of another program").wait_for()
    ana.look()
    ana.press("Write Fanfare’s merge tags")
    page.get_by_text("The merge tags are Fanfare").wait_for()
    assert not ana.problems


def test_the_editor_fits_a_phone(browser, product, shop):
    shop, address = shop
    ana = Visitor(browser, product.address, viewport={"width": 390, "height": 844})
    page = ana.page
    ana.go("/accounts/login/")
    page.get_by_label("E-mail").fill(address)
    page.get_by_label("Password").fill(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url("**/campaigns/")
    with scope(shop):
        pk = MessageTemplate.objects.get().pk
    ana.go(f"/w/{shop.slug}/templates/{pk}/edit/")
    page.frame_locator("iframe[data-shown]").get_by_text("Hello Camille").wait_for()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    ana.look()
    assert not ana.problems
