"""The product's main use from start to end: import, template, campaign, sandbox, opens and clicks, report."""

from __future__ import annotations

import email
import email.policy
import random
import re
import time

from allauth.account.models import EmailAddress
from django.core.files.base import ContentFile
from django.core.management import CommandError
from django.test import Client

from accounts.access import Role
from accounts.models import Membership, User, Workspace
from adminpanel.demo.people import csv_text
from analytics.reports.campaign import CampaignReport
from campaigns import sending
from campaigns.models import Campaign
from contacts.forms.signups.signup_form import usual_wording
from contacts.groups import tagging
from contacts.imports import running, uploading
from contacts.models import Contact, ContactField, ContactImport, ContactList, FormTopic, SignupForm, Topic
from contacts.signups import signing_up
from delivery import batching, folding
from delivery.models import Batch, CapturedMessage, ProviderAccount, Sender
from delivery.sending import lane, recovering, restore_guard
from kernel.jobs import run
from kernel.tenancy import scope
from templates_app import beginning, designs
from templates_app.models import MessageTemplate

PEOPLE = {"ana@demo.example": ("Ana Ferreira", Role.OWNER), "leo@demo.example": ("Léo Petit", Role.MANAGER)}
DESIGNS = ("apology", "welcome-code", "save-the-date", "autumn", "gift-guide", "magazine")
BROWSER = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"


def workspace(password: str) -> Workspace:
    """The demo's workspace. The first run creates it, later runs find it."""
    found = Workspace.objects.filter(slug="demo").first()
    if found:
        return found
    found = Workspace.objects.create(
        name="Maison Demo",
        slug="demo",
        country="FR",
        postal_address="12 rue de la République\n69002 Lyon",
        time_zone="Europe/Paris",
        onboarding=Workspace.Step.DONE,
    )
    for address, (name, role) in PEOPLE.items():
        user, _created = User.objects.get_or_create(email=address, defaults={"name": name, "language": "en"})
        user.set_password(password)
        user.is_staff = user.is_superuser = role == Role.OWNER
        user.save()
        EmailAddress.objects.get_or_create(user=user, email=address, defaults={"verified": True, "primary": True})
        Membership.objects.create(workspace=found, user=user, role=role)
    with scope(found):
        ProviderAccount.objects.create(name="Sandbox", provider="sandbox").make_default()
        Sender.objects.create(name="Maison Demo", email="hello@demo.example")
    return found


def import_people(demo: Workspace, size: int) -> ContactImport:
    user = User.objects.get(email="ana@demo.example")
    file = ContentFile(csv_text(size).encode("cp1252"), name="clients-2026.csv")
    with uploading.received(demo, file, user) as contact_import:
        ContactField.objects.get_or_create(name="ville", defaults={"label": "Ville"})
        contact_import.mapping = ["email", "first_name", "last_name", "attributes:ville", "tags"]
        contact_import.consent_source = "Newsletter form on maison-demo.example, since 2023"
        running.start(contact_import, user)
    while not running.run(demo.pk, contact_import.pk):
        pass
    with scope(demo):
        contact_import.refresh_from_db()
    return contact_import


def write_templates(demo: Workspace) -> None:
    """Begin a few templates with designs, the campaign's last. The first run does, later ones find them."""
    user = User.objects.get(email="ana@demo.example")
    with scope(demo):
        if MessageTemplate.objects.exists():
            return
    for slug in DESIGNS:
        beginning.with_blocks(demo, user, designs.find(slug), demo.language)


def send_campaign(demo: Workspace) -> Campaign:
    """Start a campaign and do the workers' work in this process, so that the demo needs no workers."""
    with scope(demo):
        user = User.objects.get(email="ana@demo.example")
        number = Campaign.objects.count() + 1
        campaign = Campaign.objects.create(
            name=f"November newsletter {number}",
            subject='{{ first_name | default: "Hello" }}, what happened this month',
            preheader="Three short stories",
            sender=Sender.objects.first(),
            template=MessageTemplate.objects.filter(category="newsletter").first() or MessageTemplate.objects.first(),
            created_by=user,
        )
        sending.start(campaign.pk)
        campaign.refresh_from_db()
        batch = campaign.first_batch
    finish(batch)
    return campaign


def take_a_signup(demo: Workspace) -> SignupForm:
    """A form with two topics, and a person who signed up with it and confirmed. The first run creates it."""
    with scope(demo):
        found = SignupForm.objects.first()
        if found:
            return found
        topics = [
            Topic.objects.create(name="News", description="What is new in the shop, once a month"),
            Topic.objects.create(name="Offers", description="Sales and seconds", needs_choice=True),
        ]
        form = SignupForm.objects.create(
            name="Newsletter page",
            title="Letters from Maison Demo",
            intro="One letter a month, and word of our sales to those who want it.",
            wording=usual_wording(demo, "en"),
            fields=[{"name": "first_name", "required": False}, {"name": "ville", "required": False}],
            contact_list=ContactList.objects.get_or_create(name="Newsletter")[0],
            tags=[tagging.made("newsletter").pk],
        )
        FormTopic.objects.bulk_create([FormTopic(form=form, topic=topic) for topic in topics])
        visit = signing_up.Visit(page=form.address, address="203.0.113.7", user_agent=BROWSER)
        fields, offered = {"first_name": "Inès", "ville": "Lyon"}, [topic.pk for topic in topics]
        answers = {"fields": fields, "topics": offered[:1], "offered": offered}
        signup = signing_up.sign_up(form, "ines.morel@example.com", answers, visit, doubtful=False)
    run("delivery.ask_for_confirmation@event", demo.pk, {"signup_id": signup.pk})
    with scope(demo):
        batch = Batch.objects.filter(purpose=Batch.Purpose.SERVICE).latest("id")
    finish(batch)
    with scope(demo):
        signing_up.confirm(signup, visit)
    return form


def finish(batch: Batch) -> None:
    """Fill the batch and run a lane until all its messages have ended. Raises CommandError."""
    while not batching.fill(batch.pk):
        pass
    deadline = time.monotonic() + 300
    while lane.run() or not _is_over(batch):
        if not restore_guard.may_send():
            raise CommandError(
                "This database is a copy or a backup, so nothing is sent: run manage.py confirm_restore."
            )
        if time.monotonic() > deadline:
            raise CommandError("The campaign did not end within five minutes. Is sending stopped in the admin?")
        recovering.reap()
        time.sleep(0.1)
    run("campaigns.mark_sent@event", batch.workspace_id, {"batch_id": batch.pk})


def _is_over(batch: Batch) -> bool:
    with scope(batch.workspace_id):
        batch.refresh_from_db()
    return batch.finished_at is not None


def read_the_mail(demo: Workspace, campaign: Campaign) -> int:
    """Open some of the captured messages, click in some and unsubscribe from a few, through the public pages.

    Returns how many messages it looked at."""
    generator = random.Random(11)
    with scope(demo):
        sources = list(
            CapturedMessage.objects.filter(batch=campaign.first_batch).values_list("source", flat=True)[:400]
        )
    browser = Client(headers={"user-agent": BROWSER}, SERVER_NAME="localhost")
    for source in sources:
        message = email.message_from_bytes(bytes(source), policy=email.policy.default)
        html = message.get_body(("html",)).get_content()  # type: ignore[union-attr]  # every template has HTML
        if generator.random() < 0.55:
            browser.get(_path(re.findall(r'src="([^"]*/o/[^"]*)"', html)[0]))
        links = re.findall(r'href="([^"]*/c/[^"]*)"', html)
        if links and generator.random() < 0.2:
            browser.get(_path(generator.choice(links)))
        if generator.random() < 0.01:
            browser.post(_path(message["List-Unsubscribe"].strip("<>")), {"List-Unsubscribe": "One-Click"})
    while folding.fold():
        pass
    return len(sources)


def _path(address: str) -> str:
    """The path of a full address."""
    return "/" + address.split("/", 3)[3]


def report(demo: Workspace, campaign: Campaign) -> list[str]:
    """The campaign's report as lines of text."""
    with scope(demo):
        page = CampaignReport(campaign)
        lines = [f"Report of “{campaign.name}”: planned {page.number('planned')}"]
        lines += [f"  {fact:<13} {n}" for fact, n in page.ends if n or fact in ("accepted", "skipped", "failed")]
        lines += [f"  {fact:<13} {page.number(fact)}" for fact in ("opened", "clicked", "unsubscribed")]
        lines.append(f"  planned = sum of all ends: {'yes' if page.adds_up else 'NO'}")
        lines.append(f"  contacts in the workspace: {Contact.objects.count()}")
    return lines
