"""Choose among many groups in the browser, by keyboard and mouse: in the campaign form and the segment builder."""

import pytest

from contacts.models import Contact, ContactTag, Segment, Tag
from kernel.tenancy import scope
from tests.conftest import PASSWORD, make_workspace
from tests.journeys.conftest import make_person
from tests.journeys.visitor import Visitor

pytestmark = pytest.mark.browser


@pytest.fixture
def shop(product):
    """A workspace with 300 tags and three people, of whom two have the first tag."""
    workspace = make_workspace("Shop", make_person("ana@shop.example", "Ana"))
    with scope(workspace):
        tags = Tag.objects.bulk_create(Tag(name=f"tag {n:03}") for n in range(300))
        for n in range(3):
            contact = Contact.objects.create(email=f"p{n}@example.com", status="subscribed")
            if n:
                ContactTag.objects.create(contact=contact, tag=tags[0])
    return workspace


def test_groups_are_chosen_by_keyboard_and_mouse(browser, product, shop):
    ana = Visitor(browser, product.address)
    page = ana.page
    ana.go("/accounts/login/")
    page.get_by_label("E-mail").fill("ana@shop.example")
    page.get_by_label("Password").fill(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url("**/w/shop/campaigns/")

    ana.go("/w/shop/campaigns/new/")
    count = page.locator("#count")
    count.get_by_text("3 people will receive this").wait_for()
    search = page.get_by_role("combobox", name="Send to")
    search.press_sequentially("tag 00")
    page.get_by_role("option").nth(9).wait_for()
    assert search.get_attribute("aria-expanded") == "true"
    ana.look()
    search.press("ArrowDown")
    active = page.locator(f"[id='{search.get_attribute('aria-activedescendant')}']")
    assert active.inner_text() == "tag 000" and active.get_attribute("aria-selected") == "false"
    search.press("Enter")
    assert active.get_attribute("aria-selected") == "true"
    count.get_by_text("2 people will receive this").wait_for()
    page.get_by_role("option", name="tag 005").click()
    search.press("Escape")
    assert search.get_attribute("aria-expanded") == "false"
    ana.look()
    page.get_by_role("button", name="Remove tag 000").click()
    count.get_by_text("0 people will receive this").wait_for()
    assert "Remove tag 005" in page.evaluate("document.activeElement.innerText")
    search.fill("nothing like it")
    page.get_by_text("No match.").wait_for()
    search.press("Enter")
    assert page.url.endswith("/campaigns/new/"), "a search does not save the form"
    page.get_by_label("Name", exact=True).focus()
    assert search.input_value() == "" and page.get_by_text("No match.").is_hidden()

    ana.go("/w/shop/contacts/segments/new/")
    page.get_by_label("Name", exact=True).fill("Firsts")
    ana.choose("Criterion", "tag")
    ana.choose("Comparison", "any")
    search = page.get_by_role("combobox", name="Tag: search by name")
    search.press("ArrowDown")
    page.get_by_role("option", name="tag 000").click()
    verdict = page.locator("#verdict")
    verdict.get_by_text("Tag is “tag 000”.").wait_for()
    assert "2 contacts" in verdict.inner_text() and page.locator(".problem").is_hidden()
    ana.look()
    search.press("Escape")
    ana.press("Save")
    page.get_by_text("Segment saved.").wait_for()
    with scope(shop):
        assert Segment.objects.get().definition["rules"][0]["with"] == {
            "ids": [str(Tag.objects.get(name="tag 000").pk)]
        }
    assert ana.problems == []
