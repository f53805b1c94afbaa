"""The list, search, paging, one contact from creation to deletion, and costs that do not grow with the data."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from contacts.identity.addresses import BadAddress, clean_email
from contacts.models import Consent, Contact
from contacts.people import searching
from kernel.pagination import paginate
from kernel.tenancy import scope
from tests.factories import contacts
from tests.markup import edit


@pytest.mark.parametrize("size", [0, 1, 50, 51, 120])
@pytest.mark.parametrize("order", ["-id", "id", "email", "-email", "last_key"])
def test_pages_show_everyone_once_in_order_in_both_directions(acme, size, order):
    with scope(acme):
        contacts(size, last_name="Same")
        expected = list(
            Contact.objects.order_by(order, "-id" if order.startswith("-") else "id").values_list("id", flat=True)
        )
        page, seen, pages = paginate(Contact.objects.all(), order=order), [], []
        while True:
            seen += [c.pk for c in page.rows]
            pages.append([c.pk for c in page.rows])
            if not page.next:
                break
            page = paginate(Contact.objects.all(), order=order, cursor=page.next)
        assert seen == expected
        for before in reversed(pages[:-1]):
            page = paginate(Contact.objects.all(), order=order, cursor=page.previous)
            assert [c.pk for c in page.rows] == before
        assert page.previous is None


@pytest.mark.parametrize("cursor", ["x", "é", "W10=", "WzEsMiwzXQ==", "bnVsbA==", "WzAsIlx1MDAwMCIsMV0="])
def test_an_invalid_cursor_shows_the_first_page(acme, cursor):
    with scope(acme):
        contacts(3)
        assert len(paginate(Contact.objects.all(), cursor=cursor)) == 3


def test_search_finds_beginnings_whatever_the_case(acme):
    with scope(acme):
        Contact.objects.create(email="zoe@example.com", first_name="Élodie", last_name="Martin")
        Contact.objects.create(email="martin@example.com", first_name="Jean", last_name="Dupont")
    with scope(acme):

        def found(words):
            return [c.email for c in searching.search(Contact.objects.all(), words)]

        assert found("MARTIN") == ["zoe@example.com", "martin@example.com"]
        assert found("élo") == ["zoe@example.com"] == found("martin élo") == found("Élodie mar")
        assert found("xyz") == [] == found("artin") and found("\0z") == ["zoe@example.com"]


def test_lists_use_the_index_under_row_level_security(acme):
    """The query plans at 20,000 rows have no sequential scan and no sort of all rows."""
    with scope(acme), connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO contacts_contact (workspace_id, email, first_name, last_name, attributes, status, source, created_at, "
            "updated_at) SELECT %s, 'user' || g || '@example.com', 'F' || g, 'L' || g, '{}', 'subscribed', 'form', now(), now() "
            "FROM generate_series(1, 20000) g",
            [acme.pk],
        )
    from django.db import connections

    with connections["owner"].cursor() as cursor:
        cursor.execute("ANALYZE contacts_contact")
    with scope(acme):
        for queryset in (
            Contact.objects.present().order_by("-id")[:51],
            Contact.objects.present().order_by("email", "id")[:51],
            Contact.objects.present().order_by("last_key", "id")[:51],
            Contact.objects.present().filter(status="subscribed").order_by("-id")[:51],
            *(
                Contact.objects.present().filter(scan).order_by(order)[:51]
                for scan, order in searching._scans("u7", "", with_names=True)
            ),
        ):
            plan = queryset.explain()
            assert "Index" in plan and "Seq Scan" not in plan, plan


def test_the_number_of_queries_does_not_grow(acme, alice, as_user):
    client = as_user(alice)
    pages = [
        "/w/acme/contacts/",
        "/w/acme/contacts/?q=p1",
        "/w/acme/campaigns/",
        "/w/acme/templates/",
        "/w/acme/members/",
    ]
    with scope(acme):
        contacts(2)
    [client.get(page) for page in pages]  # what is read once per process
    few = [_queries(client, page) for page in pages]
    with scope(acme):
        Contact.objects.bulk_create([Contact(email=f"q{i}@example.com", first_name=f"P1{i}") for i in range(60)])
    many = [_queries(client, page) for page in pages]
    assert few == many and max(many) <= 27, dict(zip(pages, many, strict=True))


def _queries(client, page) -> int:
    with CaptureQueriesContext(connection) as captured:
        assert client.get(page).status_code == 200
    return len(captured)


def test_create_edit_delete_restore(acme, alice, as_user):
    client = as_user(alice)
    client.post(
        "/w/acme/contacts/new/",
        {"email": " Ana@Example.com ", "tags": "vip, shop ,vip", "consent": "at the fair", "channels": "email"},
    )
    with scope(acme):
        contact = Contact.objects.get()
        assert contact.email == "ana@example.com" and contact.status == "subscribed"
        assert Consent.objects.get().wording == "at the fair"
    url = f"/w/acme/contacts/{contact.pk}/"
    page = client.get(url).content.decode()
    assert "at the fair" in page and "vip" in page
    assert "belongs to" in client.post("/w/acme/contacts/new/", {"email": "ana@example.com"}).content.decode()
    edit(client, url + "edit/", {"email": "ana@example.com", "first_name": "Ana", "tags": "vip"})
    client.post(url + "delete/")
    assert "ana@example.com" not in client.get("/w/acme/contacts/").content.decode()
    assert "ana@example.com" in client.get("/w/acme/contacts/?status=deleted").content.decode()
    client.post(url + "restore/")
    assert "ana@example.com" in client.get("/w/acme/contacts/").content.decode()
    client.post(url + "unsubscribe/")
    with scope(acme):
        assert Contact.objects.get().status == "unsubscribed"


def test_another_workspaces_contact_is_not_found(acme, beta, alice, as_user):
    with scope(beta):
        (foreign,) = contacts(1)
    client = as_user(alice)
    for action in ("", "edit/", "delete/", "restore/", "unsubscribe/"):
        assert client.post(f"/w/acme/contacts/{foreign.pk}/{action}").status_code in (404, 405)
    assert client.get(f"/w/acme/contacts/{foreign.pk}/").status_code == 404
    with scope(beta):
        foreign.refresh_from_db()
        assert foreign.deleted_at is None and foreign.status == "subscribed"


@pytest.mark.parametrize(
    "text, stored",
    [
        (" A.B+c@Example.COM ", "a.b+c@example.com"),
        ("o'neil@example.co.uk", "o'neil@example.co.uk"),
        ("zoé@exämple.com", "zoé@exämple.com"),
        ("x@xn--exmple-cua.com", "x@exämple.com"),
    ],
)
def test_addresses_are_normalised(text, stored):
    assert clean_email(text) == stored


@pytest.mark.parametrize(
    "text",
    [
        "",
        "a",
        "a@b",
        "a@@b.co",
        "a b@c.de",
        "a@b..co",
        ".a@b.co",
        "a.@b.co",
        "a..b@c.de",
        "a@-b.co",
        "x" * 65 + "@b.co",
    ],
)
def test_invalid_addresses_are_refused(text):
    with pytest.raises(BadAddress):
        clean_email(text)
