"""A merchant's first campaign in the browser: sign up, onboard, import, write, send to a real SMTP server. Then the
recipient's side: read the message, click, unsubscribe. Then the report, and the same pages as a stranger."""

import email
import email.policy
import re

import pytest

from tests.conftest import PASSWORD, make_workspace
from tests.journeys.conftest import make_person, wait_for
from tests.journeys.visitor import Visitor

pytestmark = pytest.mark.browser
CSV = (
    "E-mail;Prénom;Ville\n"
    + "".join(f"p{n}@example.com;P{n};Lyon\n" for n in range(40))
    + "hard@example.com;H;\nbad;B;\n"
)


def latest_mail(folder) -> str:
    def read():
        files = sorted(folder.glob("*"), key=lambda file: file.stat().st_mtime) if folder.exists() else []
        return email.message_from_bytes(files[-1].read_bytes(), policy=email.policy.default) if files else None

    return wait_for(read, "a mail").get_body(("plain",)).get_content()


def test_from_sign_up_to_the_report(browser, product, mail_server):
    mailbox, port = mail_server
    ana = Visitor(browser, product.address)
    page = ana.page
    ana.go("/accounts/signup/")
    page.get_by_label("Your name").fill("Ana")
    page.get_by_label("E-mail").fill("ana@shop.example")
    page.get_by_label("Password").fill(PASSWORD)
    page.locator("main button[data-variant=primary], main form.form button").first.click()
    page.wait_for_load_state()
    ana.go(re.search(r"http://\S+confirm-email\S+", latest_mail(product.mail_folder))[0])
    page.locator("main form.form button").first.click()
    page.wait_for_url("**/new/")

    ana.look()
    page.get_by_label("Organisation").fill("Ana's Shop")
    page.get_by_label("Country").select_option("FR")
    page.get_by_label("Postal address").fill("1 rue Neuve\n69001 Lyon")
    ana.press("Continue")
    ana.press("Continue")
    page.get_by_label("Name", exact=True).fill("Ana's Shop")
    page.get_by_label("E-mail", exact=True).fill("news@shop.example")
    ana.press("Finish")
    page.wait_for_url("**/w/anas-shop/campaigns/")
    ana.look()

    # A mail server, tested on the page, first with a wrong port.
    ana.go("/w/anas-shop/sending/accounts/new/smtp/")
    page.get_by_label("Server").fill("127.0.0.1")
    page.get_by_label("Port").fill("9")
    page.get_by_label("Encryption").select_option("none")
    ana.press("Save")
    page.get_by_role("button", name="Test connection").click()
    page.get_by_text("refuses connections on port 9").wait_for()
    page.get_by_label("Port").fill(str(port))
    ana.press("Save")
    page.get_by_role("button", name="Test connection").click()
    page.get_by_text("Connected to 127.0.0.1").wait_for()
    ana.go("/w/anas-shop/sending/accounts/")
    ana.press("Set as default")

    ana.go("/w/anas-shop/contacts/imports/new/")
    page.set_input_files(
        "input[type=file]", {"name": "clients.csv", "mimeType": "text/csv", "buffer": CSV.encode("cp1252")}
    )
    ana.press("Upload file")
    ana.look()
    assert page.get_by_label("Encoding").input_value() == "cp1252"
    assert page.get_by_label("“Ville” goes to").input_value() == "new:ville"
    page.get_by_label("How did these people agree").fill("Order form since 2023")
    page.get_by_label("Everyone in this file agreed").check()
    ana.press("Check the file")
    ana.press("Start import", exact=True)
    page.locator("header .badge", has_text="Done").wait_for(timeout=30_000)  # the progress polls until the end
    page.get_by_text("1 row with errors").wait_for()
    ana.look()

    ana.go("/w/anas-shop/templates/new/")
    page.get_by_role("link", name="Newsletter As HTML").click()
    page.wait_for_load_state()
    ana.look()
    page.locator("summary", has_text="Merge tags").click()
    page.get_by_role("button", name="ville", exact=True).wait_for()
    ana.press("Save")
    page.get_by_text("Template saved.").wait_for()
    ana.look()
    frame = page.frame_locator("#preview-frame")
    frame.get_by_text("Hello Camille").wait_for()

    ana.go("/w/anas-shop/campaigns/new/")
    page.get_by_label("Name", exact=True).fill("First")
    page.get_by_label("Sender").select_option(index=1)
    page.get_by_label("Subject").fill("News for {{ first_name }}")
    page.get_by_label("Template").select_option(index=1)
    page.locator("#count").get_by_text("41").first.wait_for()
    ana.press("Save and review")
    ana.look()
    assert page.get_by_text("41 people will receive this.").count()
    ana.confirm("Send now", "Send")
    wait_for(lambda: len(mailbox.taken) >= 40, "the messages to arrive", 60)
    page.get_by_role("link", name="Report").wait_for()
    page.locator("header .badge", has_text="Sent").wait_for(timeout=30_000)  # the page polls until the end
    assert mailbox.addresses() == sorted(f"p{n}@example.com" for n in range(40))

    # The recipient, who has no account, with another browser.
    source = next(source for address, source in mailbox.taken if address == "p7@example.com")
    message = email.message_from_bytes(source, policy=email.policy.default)
    assert message["Subject"] == "News for P7"
    html = message.get_body(("html",)).get_content()
    reader = Visitor(browser, product.address)
    pixel = re.search(r'src="([^"]*/o/[^"]*)"', html)[1]
    assert reader.page.request.get(pixel).status == 200
    click = re.search(r'href="([^"]*/c/[^"]*)"', html)[1]
    assert (
        reader.page.request.get(click, max_redirects=0, headers={"user-agent": "Mozilla/5.0 Firefox/140"}).status == 302
    )
    reader.go(message["List-Unsubscribe"].strip("<>"))
    reader.press("Unsubscribe")
    reader.page.get_by_text("You're unsubscribed").wait_for()
    reader.look()

    page.get_by_role("link", name="Report").click()

    def folded():
        page.reload()
        figures = " ".join(page.locator(".stats").inner_text().split())
        return figures if "Opens 2.5% 1" in figures and "Unsubscribes 2.5% 1" in figures else None

    figures = wait_for(folded, "the report's figures")
    assert "Sent 40" in figures and "Clicks 2.5% 1" in figures and "Bounces 2.4% 1" in figures
    table = " ".join(page.locator("table").first.inner_text().split())
    assert "Planned 41 Sent 40 Skipped 0 Failed Address doesn't exist: 1 1 Unknown 0 Still queued 0" in table
    ana.look()

    # A stranger with an account of his own gets 404 for all of it.
    charlie = sign_in_stranger(browser, product)
    assert {path: charlie.go(path) for path in PAGES} == dict.fromkeys(PAGES, 404)
    for visitor in (ana, reader, charlie):
        assert visitor.problems == []


PAGES = [
    f"/w/anas-shop/{path}"
    for path in (
        "campaigns/",
        "campaigns/1/",
        "contacts/",
        "contacts/1/",
        "contacts/imports/1/",
        "templates/",
        "templates/1/",
        "reports/campaigns/1/",
        "reports/campaigns/1/recipients/",
        "sending/accounts/",
        "members/",
        "audit/",
        "settings/workspace/",
    )
]


def sign_in_stranger(browser, product) -> Visitor:
    make_workspace("Beta", make_person("charlie@beta.example", "Charlie"))
    charlie = Visitor(browser, product.address)
    charlie.go("/accounts/login/")
    charlie.page.get_by_label("E-mail").fill("charlie@beta.example")
    charlie.page.get_by_label("Password").fill(PASSWORD)
    charlie.page.locator("main form.form button").first.click()
    charlie.page.wait_for_url("**/w/beta/campaigns/")
    return charlie
