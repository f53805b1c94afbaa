"""The block editor on a phone: what is pressed can be reached, and what is typed about a picture is kept."""

import pytest

from kernel.tenancy import scope
from templates_app import beginning, designs
from templates_app.blocks import saving
from templates_app.models import MessageTemplate, Picture
from templates_app.pictures import uploading
from tests.conftest import PASSWORD, make_workspace
from tests.journeys.conftest import make_person
from tests.journeys.visitor import Visitor
from tests.templates_app.pictures.drawn import photo, upload

pytestmark = pytest.mark.browser


@pytest.fixture
def template(product) -> MessageTemplate:
    ana = make_person("ana@phone.example", "Ana")
    workspace = make_workspace("Phone", ana)
    with uploading.received(workspace, upload(photo(640, 480)), ana) as picture:
        picture.alt = "Wool"
        picture.save()
    template, _problem = beginning.with_blocks(workspace, ana, designs.find("magazine"), "en")
    return template


def blocks(template: MessageTemplate) -> list:
    with scope(template.workspace):
        return list(saving.document_of(MessageTemplate.objects.get(pk=template.pk)))


def test_blocks_are_changed_with_a_finger(browser, product, template):
    ana = Visitor(browser, product.address, viewport={"width": 390, "height": 844}, has_touch=True)
    page = ana.page
    ana.go("/accounts/login/")
    page.get_by_label("E-mail").fill("ana@phone.example")
    page.get_by_label("Password").fill(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url("**/campaigns/")
    ana.go(f"/w/phone/templates/{template.pk}/blocks/")
    assert page.locator(".block-editor-bar").bounding_box()["height"] < 2 * 60
    assert page.evaluate("document.documentElement.scrollWidth") == 390

    # A block's sheet comes up at its words, goes, and comes again for the same block.
    sheet, hero = page.locator("#properties"), next(one for one in blocks(template) if one.type == "hero")
    row = page.locator(f"#outline-{hero.id}")
    row.tap()
    heading = sheet.get_by_label("Heading")
    heading.wait_for()
    assert sheet.get_by_label("Picture", exact=True).bounding_box()["y"] < sheet.bounding_box()["y"]
    for name in ("Move up", "Move down", "Duplicate", "Remove"):
        box = sheet.get_by_role("button", name=name).bounding_box()
        assert box["width"] >= 44 and box["height"] >= 44, name
    sheet.get_by_role("button", name="Close").tap()
    sheet.wait_for(state="hidden")
    row.tap()
    sheet.wait_for()

    # What is typed about a picture is the picture's, and the block says the new one instead of the old one.
    sheet.get_by_role("button", name="Choose a picture").tap()
    dialog = page.locator("#picture-dialog")
    dialog.locator("[data-picture-tile]", has_text="wool.jpg").tap()
    dialog.get_by_role("textbox", name="Alt text").fill("Balls of wool, red and blue")
    dialog.get_by_role("button", name="Use this picture").tap()
    dialog.wait_for(state="detached")
    page.get_by_text("Saved", exact=True).first.wait_for()
    assert sheet.get_by_role("textbox", name="Alt text").input_value() == "Balls of wool, red and blue"
    with scope(template.workspace):
        assert Picture.objects.get(name="wool.jpg").alt == "Balls of wool, red and blue"

    # Words that were written for this block stay, whichever picture it shows.
    sheet.get_by_role("textbox", name="Alt text").fill("Our own words")
    sheet.get_by_role("button", name="Choose a picture").tap()
    dialog.locator("[data-picture-tile]").last.tap()
    dialog.locator("[data-picture-form]").wait_for()
    dialog.get_by_role("button", name="Use this picture").tap()
    dialog.wait_for(state="detached")
    assert sheet.get_by_role("textbox", name="Alt text").input_value() == "Our own words"

    # A removed block comes back with one press, and no other sheet opens; a new one is open and in view.
    sheet.get_by_role("button", name="Remove").tap()
    sheet.wait_for(state="hidden")
    page.get_by_role("button", name="Undo").last.tap()
    row.wait_for()
    page.locator("[data-add=coupon]").tap()
    sheet.get_by_label("Code").wait_for()
    assert sheet.get_by_label("Code").input_value() == "WELCOME10"
    page.wait_for_function(
        "() => { const box = document.getElementById('block-chosen').getBoundingClientRect();"
        " return box.height > 0 && box.bottom > 0 && box.top < innerHeight }"
    )

    # Who goes a moment after typing loses nothing.
    sheet.get_by_label("Code").fill("SPRING10")
    page.get_by_role("link", name="Back to the template").tap()
    page.wait_for_url(f"**/templates/{template.pk}/")
    assert any(one.props.get("code") == "SPRING10" for one in blocks(template))
