"""Search, filters and orders of the contact list, the same for a page, a count and a job; costs that do not grow."""

from urllib.parse import urlencode

import pytest
from django.db import connection, connections
from django.test.utils import CaptureQueriesContext

from contacts.models import Company, CompanyContact, Contact, ContactList, ContactTag, ListMember, Tag
from contacts.people import search_index, searching
from contacts.people.filtering import ContactFilter
from contacts.people.searching import phone_beginnings
from kernel.pagination import paginate
from kernel.tenancy import scope
from tests.factories import contacts

LIST = "/w/acme/contacts/"


@pytest.fixture
def crowd(acme):
    """ana: tagged, on the list, at the company; bert: only a phone; carl: a role address, unsubscribed; dora: deleted."""
    with scope(acme):
        ana = Contact.objects.create(
            email="ana@example.com", status="subscribed", external_id="K-1", phone="+33612345678"
        )
        bert = Contact.objects.create(phone="+4915112345678", first_name="Bert")
        carl = Contact.objects.create(email="info@example.com", status="unsubscribed", address_kind="role")
        dora = Contact.objects.create(email="dora@example.com", deleted_at="2026-01-01T00:00Z")
        tag, one = Tag.objects.create(name="vip"), ContactList.objects.create(name="Fair")
        company = Company.objects.create(name="Acme, Inc.")
        for person in (ana, dora):
            ContactTag.objects.create(contact=person, tag=tag)
            ListMember.objects.create(contact=person, contact_list=one)
            CompanyContact.objects.create(contact=person, company=company)
    return {"ana": ana.pk, "bert": bert.pk, "carl": carl.pk, "dora": dora.pk}


@pytest.mark.parametrize(
    "query, names",
    [
        ({}, "ana bert carl"),
        ({"status": "subscribed"}, "ana"),
        ({"status": "deleted"}, "dora"),
        ({"status": "nonsense"}, "ana bert carl"),
        ({"tag": "vip"}, "ana"),
        ({"tag": "nobody's"}, ""),
        ({"list": "Fair"}, "ana"),
        ({"company": "ACME, inc."}, "ana"),
        ({"no_email": "1"}, "bert"),
        ({"kind": "role"}, "carl"),
        ({"tag": "vip", "list": "Fair", "status": "subscribed"}, "ana"),
        ({"tag": "vip", "status": "deleted"}, "dora"),
        ({"q": "06 12"}, "ana"),
        ({"q": "+33 6"}, "ana"),
        ({"q": "0049 151"}, "bert"),
        ({"q": "K-"}, "ana"),
        ({"q": "bert"}, "bert"),
        ({"q": "ana", "status": "unsubscribed"}, ""),
    ],
)
def test_page_and_job_match_the_same_people(acme, alice, as_user, crowd, query, names):
    wanted = {crowd[name] for name in names.split()}
    page = as_user(alice).get(f"{LIST}?{urlencode(query)}").content.decode()
    assert {pk for pk in crowd.values() if f'href="/w/acme/contacts/{pk}/"' in page} == wanted
    with scope(acme):
        chosen = ContactFilter.read(query, country="FR")
        again = ContactFilter.of(chosen.data())
        assert again == chosen
        assert {*again.apply(Contact.objects).values_list("pk", flat=True)} == wanted


@pytest.mark.parametrize("sort", ["newest", "oldest", "email", "-email", "name"])
def test_every_order_pages_through_people_without_an_address(acme, alice, as_user, sort):
    with scope(acme):
        contacts(30)
        Contact.objects.bulk_create([Contact(phone=f"+336000000{n:02}") for n in range(30)])
    client, url, seen = as_user(alice), f"{LIST}?sort={sort}", []
    while url:
        page = client.get(url)
        seen += [contact.pk for contact in page.context["page"].rows]
        cursor = page.context["page"].next
        url = f"{LIST}?sort={sort}&cursor={cursor}" if cursor else None
    by_email = sort in ("email", "-email")
    assert len(seen) == len(set(seen)) == (30 if by_email else 60)
    assert ("contacts without an e-mail address are not shown" in page.content.decode()) == by_email


def test_a_filter_that_can_only_sort_by_age_says_so(acme, alice, as_user, crowd):
    page = as_user(alice).get(f"{LIST}?tag=vip&sort=email").content.decode()
    assert "sorted by the date they were added" in page and "ana@example.com" in page


@pytest.mark.parametrize(
    "typed, country, beginnings",
    [
        ("06 12", "FR", ["+0612", "+33612"]),
        ("+33 6", "FR", ["+336"]),
        ("0033.6", "", ["+336"]),
        ("(415) 555", "US", ["+415555", "+1415555"]),
        ("02 1", "IT", ["+021", "+39021"]),
        ("12", "FR", []),
        ("ana", "FR", []),
        ("06a", "FR", []),
    ],
)
def test_numbers_as_people_type_them(typed, country, beginnings):
    assert phone_beginnings(typed, country) == beginnings


def test_the_list_costs_the_same_whatever_it_shows(acme, alice, as_user):
    client = as_user(alice)
    with scope(acme):
        tag, one = Tag.objects.create(name="vip"), ContactList.objects.create(name="Fair")
        company = Company.objects.create(name="Acme")

        def join(people):
            ContactTag.objects.bulk_create([ContactTag(contact=person, tag=tag) for person in people])
            ListMember.objects.bulk_create([ListMember(contact=person, contact_list=one) for person in people])
            CompanyContact.objects.bulk_create([CompanyContact(contact=person, company=company) for person in people])

        join([Contact.objects.create(email=f"p{n}@example.com", phone=f"+33612999{n:03}") for n in range(2)])
    pages = {
        LIST: 24,
        LIST + "?tag=vip&list=Fair&company=acme&status=subscribed": 27,
        LIST + "?q=06+12": 29,
        "/w/acme/contacts/lists/": 17,
        "/w/acme/contacts/tags/": 17,
        "/w/acme/contacts/companies/": 17,
        f"/w/acme/contacts/lists/{one.pk}/": 18,
        f"/w/acme/contacts/companies/{company.pk}/": 18,
    }
    [client.get(page) for page in pages]
    few = {page: _queries(client, page) for page in pages}
    with scope(acme):
        join(
            Contact.objects.bulk_create([Contact(email=f"q{n}@example.com", phone=f"+33612{n:06}") for n in range(60)])
        )
        Tag.objects.bulk_create([Tag(name=f"t{n}") for n in range(60)])
        ContactList.objects.bulk_create([ContactList(name=f"l{n}") for n in range(60)])
        Company.objects.bulk_create([Company(name=f"c{n}") for n in range(60)])
    search_index.catch_up(acme.pk)  # until then, a search looks for beginnings of names, too
    many = {page: _queries(client, page) for page in pages}
    assert few == many and all(many[page] <= most for page, most in pages.items()), many


def _queries(client, page) -> int:
    with CaptureQueriesContext(connection) as captured:
        assert client.get(page).status_code == 200
    return len(captured)


def test_filters_use_indexes_under_row_level_security_and_without(acme):
    """The query plans at 20,000 people, half of them tagged, have no sequential scan and no sort of the contacts."""
    with scope(acme), connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO contacts_contact (workspace_id, email, phone, first_name, last_name, attributes, status, source, "
            "created_at, updated_at) SELECT %s, CASE WHEN g %% 10 > 0 THEN 'user' || g || '@example.com' END, "
            "'+336' || lpad(g::text, 8, '0'), 'F' || g, 'L' || g, '{}', 'subscribed', 'form', now(), now() "
            "FROM generate_series(1, 20000) g",
            [acme.pk],
        )
        tag, one = Tag.objects.create(name="vip"), ContactList.objects.create(name="Fair")
        for table, column, pk in (
            ("contacts_contacttag", "tag_id", tag.pk),
            ("contacts_listmember", "contact_list_id", one.pk),
        ):
            cursor.execute(
                f"INSERT INTO {table} (workspace_id, contact_id, {column}) "
                "SELECT workspace_id, id, %s FROM contacts_contact WHERE id %% 2 = 0",
                [pk],
            )
    with connections["owner"].cursor() as cursor:
        cursor.execute("ANALYZE contacts_contact; ANALYZE contacts_contacttag; ANALYZE contacts_listmember")
    asked = [
        {"tag": "vip"},
        {"list": "Fair"},
        {"no_email": "1"},
        {"q": "06 00"},
        {"q": "k-"},
        {"tag": "vip", "status": "subscribed"},
    ]
    with scope(acme):
        for query in asked:
            chosen = ContactFilter.read(query, country="FR")
            rows = chosen.conditions(Contact.objects)
            scans = (
                [rows.filter(q).order_by(order) for q, order in searching._scans(chosen.q, "FR")]
                if chosen.q
                else [rows.order_by("-id")]
            )
            for queryset in scans:
                plan = queryset[:51].explain()
                assert "Seq Scan on contacts_contact" not in plan and "Sort Key: contacts_contact.id" not in plan, plan
        assert len(paginate(chosen.conditions(Contact.objects))) == 50
