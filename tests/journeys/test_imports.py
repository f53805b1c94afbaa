"""From a file to a campaign in the browser: upload, check, import, see the result come in, mend the rows with errors,
import them as they are, write to these people."""

import pytest

from tests.conftest import PASSWORD, make_workspace
from tests.journeys.conftest import make_person
from tests.journeys.visitor import Visitor

pytestmark = pytest.mark.browser
CSV = "E-mail;Prénom\n" + "".join(f"p{n}@example.com;P{n}\n" for n in range(30)) + "zoé;Zoé\nbad@@example.com;B\n"


def test_rows_with_errors_are_mended_and_everybody_gets_a_campaign(browser, product):
    make_workspace("Files", make_person("ana@files.example", "Ana"))
    ana = Visitor(browser, product.address, accept_downloads=True)
    page = ana.page
    ana.go("/accounts/login/")
    page.get_by_label("E-mail").fill("ana@files.example")
    page.get_by_label("Password").fill(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url("**/w/files/campaigns/")

    upload(ana, "clients.csv", CSV.encode("cp1252"))
    page.get_by_label("How did these people agree").fill("Order form since 2023")
    page.get_by_label("Everyone in this file agreed").check()
    ana.press("Check the file")
    ana.press("Start import", exact=True)
    page.locator("header .badge", has_text="Done").wait_for(timeout=60_000)  # nobody reloads the page
    page.get_by_text("2 rows with errors").wait_for()
    first = page.url
    ana.look()

    with page.expect_download() as download:
        page.get_by_role("link", name="Download rows").click()
    text = download.value.path().read_text("utf-8-sig")
    assert download.value.suggested_filename == "clients - rows with errors.csv"
    upload(ana, "mended.csv", text.replace("bad@@", "bad@").encode())
    page.get_by_text("This file holds rows with errors").wait_for()
    ana.look()
    ana.press("Start import", exact=True)
    page.locator("header .badge", has_text="Done").wait_for(timeout=60_000)
    page.get_by_text("1 row with errors").wait_for()
    ana.go(first)
    page.get_by_text("1 of them has been imported since").wait_for()

    page.get_by_role("link", name="View these contacts").click()
    page.get_by_label("From the import “clients.csv”").wait_for()
    assert page.locator("tbody tr").count() == 30
    ana.look()
    ana.go(first)
    page.get_by_role("link", name="Added").click()
    page.get_by_text("p0@example.com").wait_for()
    ana.look()
    page.get_by_text("p0@example.com").click()
    page.get_by_text("Added by an import").wait_for()

    ana.go(first)
    ana.press("Write to them")
    page.wait_for_url("**/campaigns/new/**")
    page.locator("#count").get_by_text("30 people").first.wait_for()
    assert ana.problems == []


def upload(visitor: Visitor, name: str, data: bytes) -> None:
    visitor.go("/w/files/contacts/imports/new/")
    visitor.page.set_input_files("input[type=file]", {"name": name, "mimeType": "text/csv", "buffer": data})
    visitor.press("Upload file")
