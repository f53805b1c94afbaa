"""The pages, on a desktop in the dark and on a phone in the light, in both languages: answered, wide enough, nothing
serious for axe, nothing that the content security policy refuses; and the keyboard gets everywhere."""

import os
import subprocess
import sys

import pytest
from django.contrib.auth.hashers import make_password
from django.core.files.base import ContentFile

from accounts.models import User
from tests.journeys.conftest import ROOT
from tests.journeys.test_first_campaign import PASSWORD, Visitor

pytestmark = pytest.mark.browser

CONTACTS = [
    "contacts/",
    "contacts/?q=nobody",
    "contacts/new/",
    "contacts/{contact}/",
    "contacts/{contact}/edit/",
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
REST = [
    "campaigns/",
    "campaigns/?q=nothing",
    "campaigns/new/",
    "campaigns/{campaign}/",
    "campaigns/{draft}/",
    "reports/campaigns/{campaign}/",
    "reports/campaigns/{campaign}/recipients/",
    "templates/",
    "templates/new/",
    "templates/new/?starter=announcement",
    "templates/{template}/",
    "templates/{template}/edit/",
    "sending/previews/{template}/test/",
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
OTHERS = [
    "/profile/",
    "/new/",
    "/styleguide/",
    "/accounts/email/",
    "/accounts/password/change/",
    "/accounts/2fa/",
    "/accounts/sessions/",
]
ENTRANCE = ["/accounts/login/", "/accounts/signup/", "/accounts/password/reset/", "/invitations/unknown/"]


@pytest.fixture
def demo(product):
    """The product with the demo workspace in it; ids for the pages' addresses."""
    subprocess.run(
        [sys.executable, str(ROOT / "manage.py"), "demo", "--people", "130"],
        check=True,
        env=os.environ | {"BASE_URL": product.address},
    )
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

    User.objects.update(password=make_password(PASSWORD, hasher="argon2"))
    ana = User.objects.get(email="ana@demo.example")
    with scope(ana.memberships.get().workspace):
        forecast = {"done": True, "counts": {"rows": 2, "created": 1, "rejected": 1}, "reasons": {"no_address": 1}}
        waiting = uploading.upload(ContentFile(b"email,first name\na@example.com,Ana\n,Bo\n", name="new.csv"), ana)
        waiting.preview = (waiting.preview or {}) | {"forecast": forecast}
        waiting.save()
        made = {
            "company": Company.objects.create(name="A company", email="office@example.com"),
            "list": ContactList.objects.create(name="A list"),
            "export": Export.objects.create(kind="contacts", format="csv", name="people.csv", asked_by=ana),
            "bulk": BulkAction.objects.create(verb="tag", scope={"ids": []}, asked_by=ana),
            "waiting": waiting,
            "tag": Tag.objects.first() or Tag.objects.create(name="a tag"),
            "field": ContactField.objects.first(),
            "topic": Topic.objects.first(),
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
        product.ids = {name: thing.pk for name, thing in made.items()} | {
            "campaign": sent.pk,
            "draft": draft.pk,
            "contact": Contact.objects.order_by("id").first().pk,
            "segment": segment.pk,
            "form": SignupForm.objects.get().pk,
            "import": ContactImport.objects.exclude(pk=waiting.pk).get().pk,
            "template": MessageTemplate.objects.get().pk,
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
@pytest.mark.parametrize("pages, others", [(CONTACTS, []), (REST, OTHERS)], ids=["contacts", "the-rest"])
def test_every_page(browser, demo, theme, language, options, pages, others):
    visitor = Visitor(browser, demo.address, **options)
    for path in ENTRANCE:
        assert visitor.go(path) in (200, 404), path
    User.objects.filter(email="ana@demo.example").update(theme=theme, language=language)
    visitor.go("/accounts/login/")
    visitor.page.locator("input[name=login]").fill("ana@demo.example")
    visitor.page.locator("input[name=password]").fill(PASSWORD)
    visitor.page.locator("main form.form button").first.click()
    visitor.page.wait_for_url("**/w/demo/campaigns/")
    wide = []
    for path in [f"/w/demo/{page}".format(**demo.ids) for page in pages] + others:
        assert visitor.go(path) == 200, path
        visitor.page.wait_for_load_state("networkidle")
        if visitor.page.evaluate("document.documentElement.scrollWidth > innerWidth"):
            wide.append(path)
        assert visitor.page.locator("html").get_attribute("lang") == language, path
    assert wide == []
    assert visitor.problems == []


def test_the_keyboard_opens_menus_and_confirms(browser, demo):
    ana = Visitor(browser, demo.address, viewport={"width": 390, "height": 844})
    page = ana.page
    ana.go("/accounts/login/")
    page.locator("input[name=login]").fill("ana@demo.example")
    page.locator("input[name=password]").fill(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url("**/w/demo/campaigns/")
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
    ana.go(f"/w/demo/contacts/{demo.ids['contact']}/")
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
