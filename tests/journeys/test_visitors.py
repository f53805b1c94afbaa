"""Sign-up forms in the browser: the hosted page with its proof of work, a frame and a form in a merchant's own page, a
browser without JavaScript, the confirmation, the preference centre."""

import contextlib
import http.server
import re
import threading

import pytest
from django.utils.text import slugify

from contacts.models import Contact, FormTopic, Signup, SignupForm, Topic
from delivery.models import CapturedMessage, ProviderAccount, Sender
from kernel.tenancy import scope
from tests.conftest import make_user, make_workspace
from tests.journeys.conftest import wait_for
from tests.journeys.visitor import Visitor

pytestmark = pytest.mark.browser


@contextlib.contextmanager
def site(html: str):
    """Serve a page of the merchant's, on another origin than the product's."""

    class Page(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.end_headers()
            self.wfile.write(f"<!DOCTYPE html><html lang=en><title>Shop</title>{html}".encode())

        def log_message(self, *args):
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Page) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()


@pytest.fixture
def shop(db, request):
    """A workspace of the test's own, because the tests share a database."""
    name = f"Shop {request.node.name[:40]}"
    workspace = make_workspace(name, make_user(f"{slugify(name)}@shop.example", "Ana"), slug=slugify(name))
    with scope(workspace):
        ProviderAccount.objects.create(name="Sandbox", provider="sandbox").make_default()
        Sender.objects.create(name="Shop", email="news@shop.example")
    return workspace


@pytest.fixture
def form(shop):
    with scope(shop):
        form = SignupForm.objects.create(name="F", title="Our news", wording="I agree to get news from the shop.")
        FormTopic.objects.create(form=form, topic=Topic.objects.create(name="Offers"))
        return form


def link_for(workspace, address: str, word: str) -> str:
    def read():
        with scope(workspace):
            found = CapturedMessage.objects.filter(recipient=address).order_by("-id").first()
        return re.search(rf"http://localhost:\d+(/{word}/[\w/-]+)", bytes(found.source).decode()) if found else None

    return wait_for(read, f"a mail to {address}")[1]


def fill_in(page, address):
    page.get_by_label("E-mail").fill(address)
    page.get_by_label("Offers").check()
    page.get_by_label("I agree").check()
    page.wait_for_timeout(2100)  # faster answers count as a program's
    page.get_by_role("button", name="Sign up").click()


def test_sign_up_confirm_and_choose(browser, product, shop, form):
    path = form.address.replace("http://localhost:8000", "")
    ana = Visitor(browser, product.address, viewport={"width": 390, "height": 844})
    assert ana.go(path) == 200
    fill_in(ana.page, "ana@example.com")
    ana.page.get_by_role("heading", name="Check your inbox").wait_for()  # the browser did the proof of work
    ana.look()
    assert ana.go(link_for(shop, "ana@example.com", "f/confirm")) == 200
    ana.press("Confirm")
    ana.page.get_by_role("heading", name="You're subscribed").wait_for()
    ana.look()
    ana.page.get_by_role("link", name="Choose what you receive").click()
    ana.page.get_by_role("heading", name="Your preferences").wait_for()
    ana.look()
    ana.page.get_by_label("Offers: E-mail").uncheck()
    ana.page.get_by_label("How often").select_option("weekly")
    ana.page.get_by_label("Language").select_option("fr")
    ana.press("Save")
    assert ana.page.locator("html").get_attribute("lang") == "fr"
    ana.look()
    with scope(shop):
        contact = Contact.objects.get(email="ana@example.com")
        assert (contact.status, contact.frequency, contact.language) == ("subscribed", "weekly", "fr")
        assert not contact.topicchoice_set.get().wanted
    assert ana.context.cookies() == [] and ana.problems == []


def test_in_a_frame_in_a_page_of_the_merchants_and_without_javascript(browser, product, shop, form):
    path = form.address.replace("http://localhost:8000", "")
    with site(f'<iframe src="{product.address}{path}embed/" width=360 height=600></iframe>') as address:
        leo = Visitor(browser, product.address)
        leo.page.goto(address)
        frame = leo.page.frame_locator("iframe")
        frame.get_by_label("E-mail").fill("leo@example.com")
        frame.get_by_label("Offers").check()
        frame.get_by_label("I agree").check()
        leo.page.wait_for_timeout(2100)
        frame.get_by_role("button", name="Sign up").click()
        frame.get_by_role("heading", name="Check your inbox").wait_for()
    own_form = (
        f'<form action="{product.address}{path}" method=post><input name=email><input type=checkbox name=consent>'
        f"<input type=checkbox name=topics value={topic_of(shop)}><button>Go</button></form>"
    )
    with site(own_form) as address:
        for name, options in (("zoe", {}), ("tom", {"java_script_enabled": False})):
            page = browser.new_context(**options).new_page()
            page.goto(address)
            page.locator("[name=email]").fill(f"{name}@example.com")
            page.locator("[name=consent]").check()
            page.locator("[name=topics]").check()
            page.get_by_role("button", name="Go").click()
            page.get_by_role("heading", name="One more click").wait_for()
            page.get_by_role("button", name="Sign up").click()
            page.get_by_role("heading", name="Check your inbox").wait_for()
    tom = browser.new_context(java_script_enabled=False).new_page()
    tom.goto(product.address + path)
    fill_in(tom, "max@example.com")
    tom.get_by_role("heading", name="One more click").wait_for()
    tom.get_by_role("button", name="Sign up").click()
    tom.get_by_role("heading", name="Check your inbox").wait_for()
    with scope(shop):
        people = set(Signup.objects.values_list("email", flat=True))
        assert people == {f"{name}@example.com" for name in ("leo", "zoe", "tom", "max")}
        assert Signup.objects.get(email="leo@example.com").page.startswith("http://127.0.0.1:")


def topic_of(workspace) -> int:
    with scope(workspace):
        return Topic.objects.get().pk
