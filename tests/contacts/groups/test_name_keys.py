"""“VIP”, “vip” and “Vïp” are one tag, and so with lists: in imports, forms, bulk actions, merges and filters."""

import threading
from importlib import import_module

import pytest
from django.db import IntegrityError, connection, connections, transaction

from contacts.groups import free_names, named_rows, tagging
from contacts.imports import prefetch
from contacts.models import Contact, ContactList, ContactTag, ListMember, Tag
from kernel.tenancy import scope
from tests.contacts.imports.running import import_file
from tests.markup import edit

SPELLINGS = [
    ("VIP", "vip"),
    ("Été", "ETE"),
    ("Fidèle", "fidele"),
    ("Müller", "MULLER"),
    ("Ａbc", "abc"),  # full width
    ("ДА", "да"),
    ("ΑΣ", "ασ"),
    ("e\u0301te", "été"),
    ("Shop", "SHOP"),
    ("ﬁn", "FIN"),
]
OTHERS = [
    ("vip", "v.i.p"),
    ("Muller", "Mueller"),
    ("a", "b"),
    ("tag 1", "tag 2"),
    ("Straße", "Strase"),
    ("vip", "vips"),
]


@pytest.mark.parametrize("model", [Tag, ContactList])
@pytest.mark.parametrize("one, other", SPELLINGS)
def test_a_name_is_found_in_another_spelling(acme, model, one, other):
    with scope(acme):
        first = named_rows.made(model, one)
        assert named_rows.made(model, other) == first and named_rows.get(model, other) == first
        assert named_rows.find(model, [other, one, "none"]) == {other: first, one: first}
        assert model.objects.get().name == one


@pytest.mark.parametrize("one, other", OTHERS)
def test_other_names_are_others(acme, one, other):
    with scope(acme):
        assert len(tagging.named([one, other])) == 2


def test_names_given_twice_are_one_tag(acme):
    with scope(acme):
        person = Contact.objects.create(email="a@shop.example")
        tagging.retag(person, ["VIP", "vip", "Shop"])
        tagging.retag(person, ["vip", "SHOP"])
        assert sorted(Tag.objects.values_list("name", flat=True)) == ["Shop", "VIP"]
        assert ContactTag.objects.count() == 2


@pytest.mark.parametrize("chunk", [1, 100])
@pytest.mark.parametrize("existing", [None, "Vip"])
def test_an_import_makes_one_tag_and_one_list(acme, monkeypatch, chunk, existing):
    monkeypatch.setattr(prefetch, "CHUNK", chunk)
    with scope(acme):
        if existing:
            Tag.objects.create(name=existing)
            ContactList.objects.create(name="FÊTE")
    data = 'email,tags,lists\nann@shop.example,VIP,Fête\nbob@shop.example,vip,fete\ncy@shop.example,"vip, VIP",FETE\n'
    import_file(acme, data, ["email", "tags", "lists"], to_make={"tags": ["vIp"], "lists": ["fêTE"]})
    with scope(acme):
        assert Tag.objects.present().count() == ContactList.objects.present().count() == 1
        assert ContactTag.objects.count() == ListMember.objects.count() == 3
        if existing:
            assert Tag.objects.present().get().name == "Vip" and ContactList.objects.get().name == "FÊTE"


def test_neighbours_and_the_trash_have_names_of_their_own(acme, beta):
    with scope(acme):
        Tag.objects.create(name="VIP").discard()
        tagging.made("vip")
    with scope(beta):
        assert tagging.made("Vip").name == "Vip"
    with scope(acme):
        assert sorted(Tag.objects.values_list("name", flat=True)) == ["VIP", "vip"]


@pytest.mark.parametrize("page, model", [("tags", Tag), ("lists", ContactList)])
def test_the_forms_refuse_another_spelling(acme, alice, as_user, page, model):
    with scope(acme):
        fair = model.objects.create(name="Fair")
    client = as_user(alice)
    assert "There is already a" in client.post(f"/w/acme/contacts/{page}/new/", {"name": "FAIR"}).content.decode()
    assert edit(client, f"/w/acme/contacts/{page}/{fair.pk}/edit/", {"name": "FAIR"}).status_code == 302
    with scope(acme):
        assert model.objects.get().name == "FAIR", "its own name may be written otherwise"


def test_bulk_actions_merges_and_filters_find_it(acme, alice, as_user, run_jobs):
    with scope(acme):
        vip, shop = Tag.objects.create(name="VIP"), Tag.objects.create(name="Shop")
        fair = ContactList.objects.create(name="Fair")
        person = Contact.objects.create(email="a@shop.example", status="subscribed")
        tagging.retag(person, ["shop"])
        ListMember.objects.create(contact=person, contact_list=fair)
        Contact.objects.create(email="b@shop.example")
    client = as_user(alice)
    for query in ("tag=SHOP", "list=FAIR"):
        shown = client.get(f"/w/acme/contacts/?{query}").content.decode()
        assert "a@shop.example" in shown and "b@shop.example" not in shown
    assert client.post(f"/w/acme/contacts/tags/{shop.pk}/merge/", {"into": "vip"}).status_code == 302
    run_jobs()
    with scope(acme):
        assert ContactTag.objects.get().tag == vip


def test_a_free_name_differs_in_more_than_case(acme):
    with scope(acme):
        ContactList.objects.create(name="fair")
        assert free_names.make(ContactList, "Fair").name == "Fair (2)"


def test_two_requests_at_once_make_one_tag(acme):
    found, start = [], threading.Barrier(2)

    def make(name: str) -> None:
        start.wait(60)
        with scope(acme):
            found.append(tagging.made(name).pk)
        connection.close()

    threads = [threading.Thread(target=make, args=(name,)) for name in ("VIP", "vip")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    assert len(found) == 2 and len(set(found)) == 1


def test_the_database_refuses_two_spellings(acme):
    with scope(acme):
        Tag.objects.create(name="VIP")
        with pytest.raises(IntegrityError), transaction.atomic():
            Tag.objects.create(name="vip")


def test_the_migration_numbers_names_that_were_two(acme, beta):
    number_names = import_module("contacts.migrations.0004_name_keys").number_names
    with transaction.atomic("owner"), connections["owner"].cursor() as cursor:
        cursor.execute("DROP INDEX one_tag_a_key")
        cursor.execute(
            "INSERT INTO contacts_tag (workspace_id, name, deleted_at) VALUES "
            "(%(a)s, 'VIP', NULL), (%(a)s, 'vip', NULL), (%(a)s, 'Vip', NULL), (%(a)s, 'vip (2)', NULL), "
            "(%(a)s, 'viP', now()), (%(b)s, 'vip', NULL), (%(a)s, 'Été', NULL), (%(a)s, 'ete', NULL)",
            {"a": acme.pk, "b": beta.pk},
        )
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute(number_names("contacts_tag"))
        cursor.execute("SELECT name FROM contacts_tag WHERE workspace_id = %s ORDER BY id", [acme.pk])
        names = [row[0] for row in cursor.fetchall()]
        assert names == ["VIP", "vip (3)", "Vip (4)", "vip (2)", "viP", "Été", "ete (2)"]
        cursor.execute("SELECT name FROM contacts_tag WHERE workspace_id = %s", [beta.pk])
        assert cursor.fetchall() == [("vip",)]
        cursor.execute("CREATE UNIQUE INDEX again ON contacts_tag (workspace_id, name_key) WHERE deleted_at IS NULL")
        transaction.set_rollback(True, using="owner")
