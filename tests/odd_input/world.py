"""The demo workspace with a row of every kind, and what stands in the places of its addresses."""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.core.files.base import ContentFile
from django.core.management import call_command
from django.test import Client

from accounts.access import Role
from accounts.models import Invitation, Job, Membership, User, Workspace
from campaigns.models import Archive, ArchiveEntry, Campaign
from contacts.consent import preferences
from contacts.imports import uploading
from contacts.models import (
    BlockedDomain,
    BulkAction,
    Company,
    CompanyContact,
    Contact,
    ContactField,
    ContactImport,
    ContactList,
    Export,
    ListMember,
    Note,
    Segment,
    Signup,
    SignupForm,
    Suppression,
    Tag,
    Topic,
)
from contacts.signups import signing_up
from delivery.models import Batch, CapturedMessage, Message, ProviderAccount, SeedList, Sender, Tally
from kernel import trash
from kernel.links import sign_ids
from kernel.tenancy import across_workspaces, scope
from templates_app.blocks import editing, saving
from templates_app.models import MessageTemplate, Picture, PictureFile
from tests.conftest import make_user

BACKEND = "allauth.account.auth_backends.AuthenticationBackend"
#: Beginnings of paths whose rows are of one kind, the longest first.
KINDS = {
    "/w/{workspace}/contacts/suppression/domains/": "domain",
    "/w/{workspace}/contacts/suppression/": "suppression",
    "/w/{workspace}/contacts/companies/": "company",
    "/w/{workspace}/contacts/segments/": "segment",
    "/w/{workspace}/contacts/imports/": "import",
    "/w/{workspace}/contacts/exports/": "export",
    "/w/{workspace}/contacts/topics/": "topic",
    "/w/{workspace}/contacts/fields/": "field",
    "/w/{workspace}/contacts/lists/": "list",
    "/w/{workspace}/contacts/forms/": "form",
    "/w/{workspace}/contacts/tags/": "tag",
    "/w/{workspace}/contacts/bulk/": "bulk",
    "/w/{workspace}/contacts/": "contact",
    "/w/{workspace}/sending/templates/": "template",
    "/w/{workspace}/sending/seed-lists/": "seed_list",
    "/w/{workspace}/sending/accounts/": "account",
    "/w/{workspace}/sending/senders/": "sender",
    "/w/{workspace}/sending/sandbox/": "captured",
    "/w/{workspace}/sending/activity/": "contact",
    "/w/{workspace}/templates/{pk}/blocks/": "blocks",
    "/w/{workspace}/templates/pictures/": "picture",
    "/w/{workspace}/templates/": "template",
    "/w/{workspace}/campaigns/": "campaign",
    "/w/{workspace}/reports/": "campaign",
    "/w/{workspace}/members/invitations/": "invitation",
    "/w/{workspace}/members/": "membership",
    "/w/{workspace}/jobs/": "job",
    "/w/{workspace}/trash/": "trashed",
    "/admin/delivery/batch/": "batch",
}
#: The purposes of the tokens in public addresses, by their beginning.
TOKENS = {
    "/f/confirm/": "signup",
    "/f/": "form",
    "/p/rights/": "rights",
    "/p/find/": "find",
    "/p/": "message",
    "/invitations/": "invited",
    "/": "message",
}


@dataclass
class World:
    """`rows`: ids by kind; `tokens`: tokens by purpose; `session`: the key of ana's, who owns the demo and is staff;
    `blocks`: the ids of the blocks of the template that is made of blocks."""

    workspace: Workspace
    rows: dict[str, list[int]]
    tokens: dict[str, str]
    session: str
    blocks: list[str]

    def fill(self, template: str, rng: random.Random, odd: float = 0.0) -> str:
        """The template with ids and tokens; in `odd` of the cases with something else in one of its places."""
        given = {name: str(rng.choice(found)) for name, found in self._places(template).items()}
        if given and rng.random() < odd:
            name = rng.choice(sorted(given))
            given[name] = self._odd(name, given[name], rng)
        return template.format_map(given)

    def _places(self, template: str) -> dict[str, list]:
        pks = next((self.rows[kind] for start, kind in KINDS.items() if template.startswith(start)), [1])
        token = next(self.tokens[purpose] for start, purpose in TOKENS.items() if template.startswith(start))
        return {
            "workspace": ["demo"],
            "slug": ["demo"],
            "pk": pks,
            "contact": self.rows["contact"],
            "note": self.rows["note"],
            "retry": self.rows["batch"],
            "batch": self.rows["batch"],
            "n": [1, 2],
            "number": [1, 2],
            "block_id": self.blocks,
            "spec": ["a8492a-f5e9d3-2a2521-6b6058-georgia-arial-6"],
            "noun": trash.KINDS.names(),
            "of": ["tags", "lists", "companies"],
            "provider": ["smtp", "sandbox", "ses", "brevo", "sendgrid"],
            "token": [token],
            "archive": [self.tokens["archive"]],
            "message": [self.tokens["archived"]],
            "key": ["MQ:1abcde:xyz", "set-password"],
            "uidb36": ["1"],
            "object_id": _ids_in_admin(template),
            "content_type_id": [1],
            "app_label": ["contacts"],
            "url": ["nowhere"],
        }

    @staticmethod
    def _odd(name: str, value: str, rng: random.Random) -> str:
        if name in ("pk", "contact", "note", "retry", "n", "number", "batch", "object_id", "content_type_id"):
            return rng.choice(
                ["0", "9" * 18, "9" * 19, "9" * 30, "9" * 5000, "007", "_5F", "²", "%00", "-1", "1.5", "x"]
            )
        if rng.random() < 0.5 and value:
            at = rng.randrange(len(value))
            return value[:at] + rng.choice(["A", "%00", "%ff", "-", "=", "", "é", "."]) + value[at + 1 :]
        return rng.choice(["x", "%00", "%ff%fe", "a" * 3000, "²", "-", "é", value + "A", value[:10], value.lower()])


def _ids_in_admin(template: str) -> list:
    parts = template.strip("/").split("/")
    try:
        model = apps.get_model(parts[1], parts[2])
    except (LookupError, IndexError):
        return [1]
    with across_workspaces("a test"):
        return [row.pk for row in model._base_manager.order_by("pk")[:2]] or [1]


def build() -> World:
    call_command("demo", people=40, stdout=_Nowhere())
    ana = User.objects.get(email="ana@demo.example")
    workspace = Workspace.objects.get(slug="demo")
    zoe = make_user("zoe@demo.example", "Zoe")
    membership = Membership.objects.create(workspace=workspace, user=zoe, role=Role.VIEWER)
    with scope(workspace):
        rows, tokens = _rows(workspace, ana)
        made_of_blocks = MessageTemplate.objects.create(
            name="Blocks", kind=MessageTemplate.Kind.BLOCKS, html="", created_by=ana
        )
        document = editing.empty("en")
        saving.keep(made_of_blocks, document, by=ana)
    rows["blocks"] = [made_of_blocks.pk]
    rows["membership"] = [membership.pk, ana.memberships.get().pk]
    client = Client()
    client.force_login(ana, backend=BACKEND)
    return World(workspace, rows, tokens, client.session.session_key, [block.id for block in document])


class _Nowhere:
    def write(self, text: str) -> None:
        pass


def _rows(workspace: Workspace, ana: User) -> tuple[dict[str, list[int]], dict[str, str]]:
    sent = Campaign.objects.get()
    draft = Campaign.objects.create(name="Draft", subject="Hi", template=sent.template, sender=sent.sender)
    people = list(Contact.objects.order_by("id")[:3])
    company = Company.objects.create(name="A company", email="office@example.com")
    CompanyContact.objects.create(company=company, contact=people[0])
    groups = [ContactList.objects.create(name="A list")]
    ListMember.objects.create(contact_list=groups[0], contact=people[0])
    rules = [{"on": "email", "op": "contains", "with": {"value": "1"}}]
    segment = Segment.objects.create(name="Ones", definition={"version": 1, "match": "any", "rules": rules})
    forecast = {"done": True, "counts": {"rows": 2, "created": 1, "rejected": 1}, "reasons": {"no_address": 1}}
    imports = [_uploaded(ana), _uploaded(ana)]
    imports[1].preview = (imports[1].preview or {}) | {"forecast": forecast}
    imports[1].save()
    imports += ContactImport.objects.filter(state=ContactImport.State.DONE)
    signup = Signup.objects.first()
    assert signup is not None
    token = sign_ids("message", workspace.pk, sent.first_batch.pk, people[0].pk)
    invitation = Invitation(email="new@example.com", role=Role.VIEWER, invited_by=ana)
    invited = invitation.renew()
    invitation.save()
    trashed = Tag.objects.create(name="deleted")
    trashed.discard()
    _failed(sent, people)
    job = Job.objects.create(kind="import", owner=ana)
    archive = Archive.objects.create(title="News", is_open=True, shows_all=True)
    archived = ArchiveEntry.objects.create(
        campaign=sent, batch=sent.first_batch, sent_at=sent.started_at, subject="A subject"
    )
    made: dict[str, list[Any]] = {
        "domain": [BlockedDomain.objects.create(domain="blocked.example")],
        "suppression": [Suppression.objects.create(channel="email", recipient="gone@example.com", reason="manual")],
        "company": [company],
        "segment": [segment],
        "import": imports,
        "export": [Export.objects.create(kind="contacts", format="csv", name="people.csv", asked_by=ana)],
        "topic": list(Topic.objects.all()),
        "field": list(ContactField.objects.all()),
        "list": groups,
        "form": [SignupForm.objects.get()],
        "tag": list(Tag.objects.present()[:2]) or [Tag.objects.create(name="a tag")],
        "bulk": [BulkAction.objects.create(verb="tag", scope={"ids": []}, asked_by=ana)],
        "contact": people,
        "note": [Note.objects.create(contact=people[0], text="A note", author=ana)],
        "template": list(MessageTemplate.objects.all()),
        "picture": [_picture()],
        "account": list(ProviderAccount.objects.all()),
        "sender": list(Sender.objects.all()),
        "seed_list": [SeedList.objects.create(name="Ours", addresses=["ana@demo.example"])],
        "captured": list(CapturedMessage.objects.order_by("id")[:2]),
        "campaign": [sent, draft],
        "invitation": [invitation],
        "job": [job],
        "trashed": [trashed],
        "batch": list(Batch.objects.all()),
    }
    tokens = {
        "archive": archive.key,
        "archived": archived.slug,
        "message": token,
        "invited": invited,
        "signup": sign_ids(signing_up.LINK, workspace.pk, signup.form_id, signup.pk),
        "form": SignupForm.objects.get().token,
        "rights": preferences.rights_link(people[0]).rstrip("/").rpartition("/")[2],
        "find": preferences.find_address(workspace).rstrip("/").rpartition("/")[2],
    }
    return {kind: [row.pk for row in found] or [1] for kind, found in made.items()}, tokens


def _picture() -> Picture:
    picture = Picture.objects.create(name="a.png", width=1, height=1, size=1)
    PictureFile.objects.create(
        picture=picture, revision=1, key="a" * 32, width=1, height=1, format="png", size=1, sha256="0" * 64, data=b"x"
    )
    return picture


def _uploaded(ana: User) -> ContactImport:
    return uploading.upload(ContentFile(b"email,first name\na@example.com,Ana\n,Bo\n", name="new.csv"), ana)


def _failed(sent: Campaign, people: list[Contact]) -> None:
    """Some messages of the campaign failed, some are unknown."""
    for contact, state, fact, reason in (
        (people[1], Message.State.FAILED, "failed", "mailbox_full"),
        (people[2], Message.State.UNKNOWN, "unknown", "worker_lost"),
    ):
        Message.objects.filter(batch=sent.first_batch, contact=contact).update(state=state, reason=reason)
        Tally.objects.create(batch=sent.first_batch, fact=fact, reason=reason, n=1)
