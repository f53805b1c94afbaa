"""Every page, on a desktop in the dark theme and on a phone in the light one, in both languages: it answers, is not
wider than the screen, and has no serious finding of axe and no violation of the content security policy. And the product
can be used by keyboard alone."""

import pytest
from django.contrib.auth.hashers import make_password
from django.core.files.base import ContentFile

from accounts.models import User
from campaigns.models import Campaign
from contacts.imports import uploading
from contacts.models import (
    BulkAction,
    Company,
    Contact,
    ContactField,
    ContactImport,
    ContactList,
    Export,
    Segment,
    SignupForm,
    Tag,
    Topic,
)
from delivery.models import CapturedMessage
from kernel.tenancy import across_workspaces, scope
from templates_app.models import MessageTemplate
from templates_app.starters import NEWSLETTER
from tests.conftest import PASSWORD
from tests.journeys.visitor import Visitor

pytestmark = pytest.mark.browser

CONTACTS = [
    "contacts/",
    "contacts/?q=nobody",
    "contacts/new/",
    "contacts/{contact}/",
    "contacts/{contact}/edit/",
    "contacts/{contact}/consent/new/",
    "contacts/{contact}/merge/",
    "contacts/{contact}/erase/",
    "contacts/bulk/new/?all=1",
    "contacts/companies/",
    "contacts/companies/new/",
    "contacts/companies/{company}/",
    "contacts/companies/{company}/edit/",
    "contacts/lists/",
    "contacts/lists/new/",
    "contacts/lists/{list}/",
    "contacts/lists/{list}/edit/",
    "contacts/tags/",
    "contacts/tags/new/",
    "contacts/tags/{tag}/edit/",
    "contacts/segments/",
    "contacts/segments/new/",
    "contacts/segments/{segment}/?who=person",
    "contacts/segments/{segment}/edit/",
    "contacts/forms/",
    "contacts/forms/new/",
    "contacts/forms/{form}/",
    "contacts/forms/{form}/edit/",
    "contacts/imports/",
    "contacts/imports/new/",
    "contacts/imports/{import}/",
    "contacts/imports/{import}/contacts/",
    "contacts/?import={import}",
    "contacts/imports/{waiting}/",
    "contacts/exports/",
    "contacts/exports/new/",
    "contacts/exports/{export}/",
    "contacts/bulk/{bulk}/",
    "contacts/fields/",
    "contacts/fields/new/",
    "contacts/fields/{field}/edit/",
    "contacts/topics/",
    "contacts/topics/new/",
    "contacts/topics/{topic}/edit/",
    "contacts/health/",
    "contacts/duplicates/",
    "contacts/suppression/",
    "contacts/suppression/new/",
    "contacts/suppression/domains/",
]
OTHER_APPS = [
    "campaigns/",
    "campaigns/?q=nothing",
    "campaigns/new/",
    "campaigns/{campaign}/",
    "campaigns/{campaign}/messages/",
    "campaigns/{draft}/",
    "reports/campaigns/{campaign}/",
    "reports/campaigns/{campaign}/recipients/",
    "templates/",
    "templates/new/",
    "templates/new/?starter=announcement",
    "templates/?q=nothing",
    "templates/{template}/",
    "templates/{template}/versions/",
    "templates/{template}/versions/1/",
    "templates/{template}/versions/compare/?version=1",
    "templates/{template}/blocks/",
    "templates/{html}/edit/",
    "sending/templates/{template}/test/",
    "sending/testers/",
    "campaigns/{draft}/test/",
    "sending/senders/",
    "sending/senders/new/",
    "sending/accounts/",
    "sending/accounts/new/smtp/",
    "sending/sandbox/",
    "sending/sandbox/{captured}/",
    "members/",
    "audit/",
    "settings/workspace/",
    "notifications/",
    "jobs/",
]
WITHOUT_WORKSPACE = [
    "/profile/",
    "/help/",
    "/help/import/",
    "/help/rejected/",
    "/help/templates/",
    "/new/",
    "/styleguide/",
    "/accounts/email/",
    "/accounts/password/change/",
    "/accounts/2fa/",
    "/accounts/sessions/",
]
SIGNED_OUT = ["/accounts/login/", "/accounts/signup/", "/accounts/password/reset/", "/invitations/unknown/"]


@pytest.fixture(scope="module")
def demo(product):
    """The product with the demo workspace, and the ids for the addresses of its pages. Tests leave both as they are."""
    product.manage("demo", "--people", "130")
    User.objects.update(password=make_password(PASSWORD, hasher="argon2"))
    ana = User.objects.get(email="ana@demo.example")
    workspace = ana.memberships.get().workspace
    with scope(workspace):
        forecast = {"done": True, "counts": {"rows": 2, "created": 1, "rejected": 1}, "reasons": {"no_address": 1}}
        forecast["first"] = [[3, "no_address", ["", "A long name " * 9]]]
        waiting = uploading.upload(ContentFile(b"email,first name\na@example.com,Ana\n,Bo\n", name="new.csv"), ana)
        waiting.preview = (waiting.preview or {}) | {"forecast": forecast}
        waiting.save()
        rows = {
            "company": Company.objects.create(name="A company", email="office@example.com"),
            "list": ContactList.objects.create(name="A list"),
            "export": Export.objects.create(kind="contacts", format="csv", name="people.csv", asked_by=ana),
            "bulk": BulkAction.objects.create(verb="tag", scope={"ids": []}, asked_by=ana),
            "waiting": waiting,
            "tag": Tag.objects.first() or Tag.objects.create(name="a tag"),
            "field": ContactField.objects.first(),
            "topic": Topic.objects.first(),
            "html": MessageTemplate.objects.create(name="HTML", html=NEWSLETTER.html, created_by=ana),
        }
    with across_workspaces("a test"):
        sent = Campaign.objects.get()
        draft = Campaign(
            workspace_id=sent.workspace_id, name="x" * 110, subject="A long one " * 15, template=sent.template
        )
        draft.save()
        rules = [{"on": "email", "op": "contains", "with": {"value": "1"}}]
        definition = {"version": 1, "match": "any", "rules": rules}
        segment = Segment(workspace_id=sent.workspace_id, name="Ones", definition=definition)
        segment.save()
        product.ids = {name: row.pk for name, row in rows.items()} | {
            "workspace": workspace.pk,
            "campaign": sent.pk,
            "draft": draft.pk,
            "contact": Contact.objects.order_by("id").first().pk,
            "segment": segment.pk,
            "form": SignupForm.objects.get().pk,
            "import": ContactImport.objects.exclude(pk=waiting.pk).get().pk,
            "template": sent.template_id,
            "captured": CapturedMessage.objects.order_by("id").first().pk,
        }
    return product


@pytest.mark.parametrize(
    "theme, language, options",
    [
        ("dark", "en", {"viewport": {"width": 1280, "height": 900}}),
        ("light", "fr", {"viewport": {"width": 390, "height": 844}, "has_touch": True, "locale": "fr-FR"}),
    ],
    ids=["desktop-dark-english", "phone-light-french"],
)
@pytest.mark.parametrize(
    "pages, others", [(CONTACTS, []), (OTHER_APPS, WITHOUT_WORKSPACE)], ids=["contacts", "the-rest"]
)
def test_every_page(browser, demo, theme, language, options, pages, others):
    visitor = Visitor(browser, demo.address, **options)
    for path in SIGNED_OUT:
        assert visitor.go(path) in (200, 404), path
    log_in(visitor, theme=theme, language=language)
    too_wide = []
    for path in [f"/w/demo/{page}".format(**demo.ids) for page in pages] + others:
        assert visitor.go(path) == 200, path
        visitor.page.wait_for_load_state("networkidle")
        if visitor.page.evaluate("document.documentElement.scrollWidth > innerWidth"):
            too_wide.append(path)
        assert visitor.page.locator("html").get_attribute("lang") == language, path
    assert too_wide == []
    assert visitor.problems == []


def test_the_rows_of_a_check_wrap_on_a_phone(browser, demo):
    """Else the reason stands out of sight, beside the contents of a long row."""
    ana = Visitor(browser, demo.address, viewport={"width": 390, "height": 844})
    log_in(ana, language="en")
    ana.go("/w/demo/contacts/imports/{waiting}/".format(**demo.ids))
    table = ana.page.locator(".table-wrap").last
    assert "A long name" in table.inner_text()
    assert table.evaluate("e => e.scrollWidth <= e.clientWidth")


def log_in(visitor, **fields):
    """Log in as the demo's owner, by keyboard. `fields` are her settings."""
    User.objects.filter(email="ana@demo.example").update(**fields)
    visitor.go("/accounts/login/")
    visitor.page.locator("input[name=login]").fill("ana@demo.example")
    visitor.page.locator("input[name=password]").fill(PASSWORD)
    visitor.page.keyboard.press("Enter")
    visitor.page.wait_for_url("**/w/demo/campaigns/")


def test_the_keyboard_opens_menus_and_confirms(browser, demo):
    with scope(demo.ids["workspace"]):
        contact = Contact.objects.create(email="deleted@example.com")
    ana = Visitor(browser, demo.address, viewport={"width": 390, "height": 844})
    page = ana.page
    log_in(ana, language="en")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Enter")
    assert page.evaluate("location.hash") == "#main"
    page.locator(".menu-button").focus()
    page.keyboard.press("Enter")
    page.locator("#sidebar").wait_for(state="visible")
    assert page.locator(".menu-button").get_attribute("aria-expanded") == "true"
    page.keyboard.press("Escape")
    assert page.evaluate("document.activeElement.classList.contains('menu-button')")
    ana.go(f"/w/demo/contacts/{contact.pk}/")
    page.get_by_role("button", name="Delete", exact=True).focus()
    page.keyboard.press("Enter")
    page.locator("#confirm[open]").wait_for()
    page.keyboard.press("Escape")
    assert not page.locator("#confirm[open]").count() and "Delete" in page.content()
    page.get_by_role("button", name="Delete", exact=True).focus()
    page.keyboard.press("Enter")
    page.locator("#confirm").get_by_role("button", name="Delete").focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/w/demo/contacts/")
    page.get_by_text("Contact deleted.").wait_for()
    assert ana.problems == []


def test_a_form_that_came_back_shows_the_error_far_down(browser, demo):
    ana = Visitor(browser, demo.address, viewport={"width": 390, "height": 844})
    page = ana.page
    log_in(ana, language="en")
    ana.go("/w/demo/contacts/forms/new/")
    page.get_by_label("Name", exact=True).fill("At the door")
    page.get_by_label("Title").fill("Our letter")
    page.get_by_label("Thank-you page").fill("http://example.com")
    ana.press("Save")
    page.get_by_text("The address must start with https://.").wait_for()
    assert page.get_by_text("The address must start with https://.").evaluate(
        "e => e.getBoundingClientRect().bottom < innerHeight"
    )
    assert page.evaluate("document.activeElement.name") == "thanks_url"
    assert ana.problems == []
