"""An import that is killed at any point ends with the same result. IMPORT_KILLS=100 kills it more often than 25."""

import io
import os
import random

import openpyxl
import pytest
from django.db import connections, transaction

from contacts.imports import prefetch, running
from contacts.models import (
    Company,
    CompanyContact,
    Consent,
    Contact,
    ContactField,
    ContactList,
    ContactTag,
    ImportNote,
    ListMember,
    RejectedRow,
    Tag,
)
from kernel.tenancy import scope
from tests.contacts.imports.running import COUNTS, prepare

MAX_KILLS = int(os.environ.get("IMPORT_KILLS", "25"))
HEADER = ["id", "email", "phone", "name", "born", "tags", "lists", "company"]
MAPPING = ["external_id", "email", "phone", "first_name", "attributes:born", "tags", "lists", "company"]


class Killed(BaseException):
    """Raised in place of a statement: the worker dies here."""


def rows(chance: random.Random) -> list[list[str]]:
    people = []
    for _ in range(60):
        n = chance.randrange(30)
        phone = f"+336{chance.randrange(30):08d}" if chance.random() < 0.3 else chance.choice(["", "12"])
        email = f"p{n}@example.com" if chance.random() < 0.8 else chance.choice(["", "bad", "gone@blocked.example"])
        born = chance.choice(["12/03/1970", "", "soon"])
        people.append(
            [f"C{n}" if chance.random() < 0.3 else "", email, phone, f"P{n}", born, "vip,shop", "Fair", f"Firm {n % 3}"]
        )
    return people


def file_of(people: list[list[str]], kind: str) -> bytes:
    if kind == "csv":
        return "\n".join(f'{",".join(row[:5])},"{row[5]}",{row[6]},{row[7]}' for row in [HEADER, *people]).encode()
    book, out = openpyxl.Workbook(), io.BytesIO()
    for row in [HEADER, *people]:
        book.active.append(row)
    book.save(out)
    return out.getvalue()


def world(workspace, done) -> dict:
    """Everything that an import writes, without ids and times."""
    with scope(workspace):
        done.refresh_from_db()
        people = {c.pk: (c.external_id, c.email, c.phone) for c in Contact.objects.all()}
        return {
            "counts": {
                name: getattr(done, name) for name in (*COUNTS, "rows", "kept_out", "noted", "noted_columns", "state")
            },
            "people": sorted(
                map(
                    repr,
                    Contact.objects.values_list(
                        "external_id", "email", "phone", "first_name", "attributes", "status", "deleted_at"
                    ),
                )
            ),
            "effects": sorted(map(repr, Contact.objects.values_list("external_id", "email", "phone", "import_effect"))),
            "consent": sorted(
                repr((people[c], state)) for c, state in Consent.objects.values_list("contact_id", "state")
            ),
            "tags": sorted(repr((people[c], t)) for c, t in ContactTag.objects.values_list("contact_id", "tag__name")),
            "lists": sorted(
                repr((people[c], name))
                for c, name in ListMember.objects.values_list("contact_id", "contact_list__name")
            ),
            "companies": sorted(Company.objects.values_list("name", flat=True)),
            "roles": sorted(
                repr((people[c], name, role))
                for c, name, role in CompanyContact.objects.values_list("contact_id", "company__name", "role")
            ),
            "notes": sorted(ImportNote.objects.values_list("line", "column", "reason", "cell")),
            "rejected": sorted(RejectedRow.objects.values_list("line", "reason")),
        }


def begin(workspace, data: bytes, kind: str):
    with scope(workspace):
        ContactField.objects.create(name="born", label="born", kind="date")
        fair, vip = ContactList.objects.create(name="Everyone"), Tag.objects.create(name="file")
    done = prepare(workspace, data, MAPPING, name=f"p.{kind}", lists=[fair], tags=[vip], has_header=True)
    with scope(workspace):
        running.start(done, None)
    return done


def run_killed(workspace, done, chance: random.Random) -> int:
    """Run it to its end, dying before random statements. Returns how often it died."""
    deaths = 0
    while True:
        left = chance.randrange(1, 60) if deaths < 6 else 10**6

        def die(execute, sql, params, many, context):
            nonlocal left
            left -= 1
            if left < 0:
                raise Killed
            return execute(sql, params, many, context)

        try:
            with connections["engine"].execute_wrapper(die):
                if running.run(workspace.pk, done.pk):
                    return deaths
        except Killed:
            deaths += 1
            connections["engine"].close()


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_killed_at_random_points_it_ends_the_same(acme, beta, monkeypatch, kind):
    monkeypatch.setattr(prefetch, "CHUNK", 10)
    beta.country = acme.country
    deaths, seed = 0, 0
    while deaths < MAX_KILLS:
        seed += 1
        people = rows(random.Random(seed))
        data = file_of(people, kind)
        plain = begin(acme, data, kind)
        assert running.run(acme.pk, plain.pk)
        killed = begin(beta, data, kind)
        deaths += run_killed(beta, killed, random.Random(seed))
        expected, found = world(acme, plain), world(beta, killed)
        assert found == expected, f"seed {seed}"
        assert expected["counts"]["rows"] == 60 == sum(expected["counts"][name] for name in COUNTS)
        for workspace in (acme, beta):
            wipe(workspace)


def wipe(workspace) -> None:
    kinds = "importtag importlist contact contacttag listmember companycontact company rejectedrow importnote contactfield tag contactlist consent"
    # Foreign keys are checked at the end of the transaction, so the order does not matter.
    with transaction.atomic("owner"), connections["owner"].cursor() as cursor:
        for kind in kinds.split():
            cursor.execute(f"DELETE FROM contacts_{kind} WHERE workspace_id = %s", [workspace.pk])
