"""What a list page reads does not grow with other workspaces: all lists, next to a large neighbour with younger rows."""

from __future__ import annotations

import json
import re
from datetime import timedelta

import pytest
from django.db import connection, connections, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts import audit
from accounts.actors import SYSTEM
from accounts.models import AuditEntry, Job, Notification
from contacts.models import (
    BlockedDomain,
    Company,
    CompanyContact,
    Contact,
    ContactImport,
    ContactList,
    ContactTag,
    Export,
    ListMember,
    Segment,
    Signup,
    SignupForm,
    Suppression,
    Tag,
)
from delivery.models import CapturedMessage
from kernel.tenancy import scope
from templates_app import versions
from templates_app.models import MessageTemplate, Picture, TemplateVersion
from tests import factories
from tests.architecture.test_code import ROOT, SOURCES

#: Of fewer people with a tag, PostgreSQL expects less than a page, and reads them all.
OWN, NEIGHBOURS = 9000, 27000
BEYOND_A_PAGE = 1000
#: These are sorted by the time of deleting, without an index: they read what the workspace itself has, at most.
ALL_OWN = {"trash/?of=segment", "trash/?of=list", "trash/?of=tag"}
#: The columns of which no two rows of a workspace may have the same value.
DIFFER = {
    Contact: "email",
    ContactList: "name",
    Tag: "name",
    Segment: "name",
    Company: "name",
    Suppression: "recipient",
    BlockedDomain: "domain",
}
#: The same for columns of numbers.
NUMBERED = {TemplateVersion: "number"}
#: What addresses name beside a list.
IDS = {"form": SignupForm, "template": MessageTemplate}
#: The lists of the product by the module of their view: the addresses that are asked for.
PAGES = {
    "accounts/views/audit.py": ["audit/", "audit/?verb=contact.deleted"],
    "accounts/views/jobs.py": ["jobs/"],
    "accounts/views/notifications.py": ["notifications/"],
    "accounts/views/trash.py": ["trash/?of=segment", "trash/?of=list", "trash/?of=tag"],
    "campaigns/views/campaigns.py": ["campaigns/", "campaigns/?state=draft"],
    "contacts/views/consent/blocked_domains.py": ["contacts/suppression/domains/"],
    "contacts/views/consent/suppressions.py": ["contacts/suppression/", "contacts/suppression/?reason=manual"],
    "contacts/views/exports/exports.py": ["contacts/exports/"],
    "contacts/views/groups/lists.py": ["contacts/lists/", "contacts/lists/{list}/"],
    "contacts/views/groups/tags.py": ["contacts/tags/"],
    "contacts/views/imports/imports.py": ["contacts/imports/"],
    "contacts/views/people/companies.py": ["contacts/companies/", "contacts/companies/?status=prospect"],
    "contacts/views/people/contacts.py": [
        "contacts/",
        "contacts/?sort=oldest",
        "contacts/?sort=email",
        "contacts/?sort=-email",
        "contacts/?sort=name",
        "contacts/?status=subscribed",
        "contacts/?status=subscribed&sort=name",
        "contacts/?status=deleted",
        "contacts/?tag=vip",
        "contacts/?tag=vip&status=subscribed",
        "contacts/?list=Fair",
        "contacts/?company=Ltd",
        "contacts/?kind=role",
        "contacts/?inactive=1",
        "contacts/?no_email=1",
    ],
    "contacts/views/segments/segments.py": ["contacts/segments/"],
    "contacts/views/signups/forms.py": [
        "contacts/forms/",
        "contacts/forms/{form}/",
        "contacts/forms/{form}/?state=waiting",
    ],
    "delivery/views/sandbox.py": ["sending/sandbox/"],
    "templates_app/views/pictures.py": ["templates/pictures/", "templates/pictures/?show=no-alt"],
    "templates_app/views/library.py": ["templates/", "templates/?sort=newest", "templates/?sort=name"],
    "templates_app/views/versions.py": ["templates/{template}/versions/"],
}

#: Lists that are not multiplied here, and why.
SHORT = {
    "campaigns/views/archives.py": "a row for each campaign that was sent, read by an index of this order",
    "campaigns/views/public/archives.py": "the same rows",
}


def test_no_list_is_left_out():
    paged = {str(path.relative_to(ROOT)) for path in SOURCES if re.search(r"\bpaginate\(", path.read_text())}
    assert paged - {"kernel/pagination.py"} == set(PAGES) | set(SHORT)


@pytest.fixture(params=["with fresh statistics", "with statistics from before"])
def crowded(request, acme, beta, alice, charlie):
    """Two workspaces with OWN and NEIGHBOURS rows of everything that is listed; all of beta's are younger. Returns ids
    of acme's. PostgreSQL analyses a table only when a tenth of it has changed, so it may not know of the neighbour."""
    ids: dict[str, int] = {}
    for workspace, user, n in ((acme, alice, OWN), (beta, charlie, NEIGHBOURS)):
        if workspace == beta:
            _analyse()  # else the checks of its foreign keys read whole tables, which takes minutes
        with scope(workspace):
            rows, groups = _one_of_each(user)
        for row in rows:
            _multiply(row, n)
        with scope(workspace):
            _gather(groups)
        ids = ids or {"list": groups[1].pk} | {
            noun: next(row.pk for row in rows if isinstance(row, model)) for noun, model in IDS.items()
        }
    if request.param == "with fresh statistics":
        _analyse()
    return ids


def _analyse() -> None:
    with connections["owner"].cursor() as cursor:
        cursor.execute("ANALYZE")


def _one_of_each(user):
    (person,) = factories.contacts(1)
    deleted = Contact.objects.create(email="gone@example.com", deleted_at=timezone.now())
    odd = Contact.objects.create(email="info@example.com", status="subscribed", inactive_at=timezone.now())
    company, one = Company.objects.create(name="Ltd"), ContactList.objects.create(name="Fair")
    tag = Tag.objects.create(name="vip")
    form = SignupForm.objects.create(name="Form", contact_list=one)
    audit.record(SYSTEM, "contact.deleted", person)
    old = timezone.now()
    rows = [
        person,
        deleted,
        odd,
        *(model.objects.create(name="gone", deleted_at=old) for model in (ContactList, Tag)),
        Segment.objects.create(name="gone", definition={}, deleted_at=old),
        Segment.objects.create(name="S", definition={}),
        Company.objects.create(name="Other"),
        ContactList.objects.create(name="Other"),
        Tag.objects.create(name="other"),
        form,
        Signup.objects.create(form=form, email="ann@example.com", expires_at=old + timedelta(days=1)),
        Job.objects.create(kind="import", owner=user),
        AuditEntry.objects.latest("pk"),
        Notification.objects.create(user=user, title="Title"),
        factories.campaign(),
        MessageTemplate.objects.latest("pk"),
        versions.freeze(MessageTemplate.objects.latest("pk")),
        Picture.objects.create(name="a.jpg", width=1, height=1, size=1),
        Export.objects.create(kind="contacts", asked_by=user),
        ContactImport.objects.create(name="a.csv", size=1, encoding="utf-8", delimiter=","),
        Suppression.objects.create(channel="email", recipient="no@example.com", reason="manual"),
        BlockedDomain.objects.create(domain="example.net"),
        CapturedMessage.objects.create(batch_id=1, contact_id=1, recipient="ann@example.com", subject="S", source=b""),
    ]
    return rows, (company, one, tag)


def _multiply(row, n: int) -> None:
    table, differs, numbered = row._meta.db_table, DIFFER.get(type(row), ""), NUMBERED.get(type(row), "")
    with transaction.atomic("owner"), connections["owner"].cursor() as cursor:
        cursor.execute(
            "SELECT column_name FROM information_schema.columns WHERE table_schema = 'public' AND table_name = %s "
            "AND is_generated = 'NEVER' AND column_name <> 'id'",
            [table],
        )
        columns = [name for (name,) in cursor.fetchall()]
        own = {differs: f"'n' || g || x.{differs}", numbered: "g"}
        values = [own.get(name, f"x.{name}") for name in columns]
        cursor.execute(
            f"INSERT INTO {table} ({', '.join(columns)}) SELECT {', '.join(values)} "
            f"FROM {table} x CROSS JOIN generate_series(2, %s) g WHERE x.id = %s",
            [n, row.pk],
        )


def _gather(groups) -> None:
    """Put every other person into the list, the tag and the company."""
    company, one, tag = groups
    people = Contact.objects.present().values_list("pk", flat=True)
    some = [pk for pk in people if pk % 2]
    ListMember.objects.bulk_create([ListMember(contact_list=one, contact_id=pk) for pk in some])
    ContactTag.objects.bulk_create([ContactTag(tag=tag, contact_id=pk) for pk in some])
    CompanyContact.objects.bulk_create([CompanyContact(company=company, contact_id=pk) for pk in some])


def _read(statement: str) -> int:
    """How many rows the statement takes from tables, those that filters throw away included."""

    def rows(node: dict) -> int:
        own = 0
        if "Relation Name" in node:
            found = node["Actual Rows"] + node.get("Rows Removed by Filter", 0)
            own = round((found + node.get("Rows Removed by Index Recheck", 0)) * node["Actual Loops"])
        return own + sum(rows(child) for child in node.get("Plans", []))

    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN (ANALYZE, FORMAT JSON) {statement}")
        (plan,) = cursor.fetchone()
    plan = json.loads(plan) if isinstance(plan, str) else plan
    return rows(plan[0]["Plan"])


def test_a_page_reads_no_more_than_it_shows(crowded, acme, alice, as_user):
    client = as_user(alice)
    dear = []
    for path in [path.format(**crowded) for paths in PAGES.values() for path in paths]:
        with CaptureQueriesContext(connection) as captured:
            page = client.get(f"/w/acme/{path}")
        assert page.status_code == 200, path
        shown = [query["sql"] for query in captured if re.search(r" LIMIT (51|61)\b", query["sql"])]
        assert shown, path
        with scope(acme):
            most = BEYOND_A_PAGE + (2 * OWN if path in ALL_OWN else 0)
            dear += [(path, rows, sql) for sql in shown if (rows := _read(sql)) > most]
    assert not dear, "\n".join(f"{path}: {rows} rows by {sql}" for path, rows, sql in dear)
