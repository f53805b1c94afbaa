"""People are found as one types them: any word, without accents, in any order; numbers and addresses in any spelling."""

from __future__ import annotations

import pytest
from django.db import connection, connections
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from contacts.models import Company, CompanyContact, Contact, ContactField, SearchChange, SearchEntry
from contacts.people import merging, search_index, search_terms, searching
from contacts.people.filtering import ContactFilter
from contacts.privacy import erasure
from kernel import words
from kernel.tenancy import across_workspaces, scope
from tests.markup import edit

PEOPLE = {
    "zoe": {"email": "zoe.l@shop.example.com", "first_name": "Zoé", "last_name": "Lefèvre", "phone": "+33612345678"},
    "marie": {"email": "contact@dupont.example", "first_name": "Marie", "last_name": "Dupont-Aignan"},
    "obrien": {"email": "a1@example.org", "first_name": "Conor", "last_name": "O'Brien"},
    "dartagnan": {"email": "a2@example.org", "first_name": "Charles", "last_name": "D’Artagnan"},
    "coeur": {"email": "a3@example.org", "first_name": "Cœur", "last_name": "Strauß"},
    "lukasz": {"email": "a4@example.org", "first_name": "Łukasz", "last_name": "Sørensen"},
    "muller": {"email": "a5@example.org", "first_name": "Jürgen", "last_name": "Müller", "phone": "+4915123456789"},
    "greek": {"email": "a6@example.org", "first_name": "Γιώργος", "last_name": "Παπαδόπουλος"},
    "cyrillic": {"email": "a7@example.org", "first_name": "Фёдор", "last_name": "Достоевский"},
    "arabic": {"email": "a8@example.org", "first_name": "محمّد", "last_name": "الأمين"},
    "chinese": {"email": "a9@example.org", "first_name": "小明", "last_name": "王"},
    "korean": {"email": "b1@example.org", "first_name": "민수", "last_name": "김"},
    "jp": {"email": "b2@example.org", "first_name": "Jean-Pierre", "last_name": "de la Tour"},
    "number": {"external_id": "KD-0815", "first_name": "Ann"},
    "city": {"email": "b3@example.org", "first_name": "Bob", "attributes": {"city": "Saint-Étienne", "note": "geheim"}},
}
ASKED = {
    "lefevre": ["zoe"],
    "LEFÈVRE zoe": ["zoe"],
    "zoé lef": ["zoe"],
    "Lefe\u0300vre": ["zoe"],
    "shop.example.com": ["zoe"],
    "example.com": ["zoe"],
    "zoe.l@shop": ["zoe"],
    "zoe.l@shop.example.com": ["zoe"],
    "06 12 34 56 78": ["zoe"],
    "06.12.34.56.78": ["zoe"],
    "0612345678": ["zoe"],
    "+33 6 12 34": ["zoe"],
    "+33612345678": ["zoe"],
    "0033 6 12 34 56 78": ["zoe"],
    "0151 2345": ["muller"],
    "Dupont Marie": ["marie"],
    "aignan": ["marie"],
    "dupont-aignan": ["marie"],
    "dupontaignan": ["marie"],
    "o'brien": ["obrien"],
    "O’Brien": ["obrien"],
    "obrien": ["obrien"],
    "brien conor": ["obrien"],
    "d'artagnan": ["dartagnan"],
    "artagnan": ["dartagnan"],
    "coeur": ["coeur"],
    "strauss": ["coeur"],
    "STRAUSS CŒUR": ["coeur"],
    "lukasz": ["lukasz"],
    "sorensen": ["lukasz"],
    "soerensen": ["lukasz"],
    "muller": ["muller"],
    "mueller jur": ["muller"],
    "γιωργος": ["greek"],
    "ΠΑΠΑΔΟΠΟΥΛΟΣ": ["greek"],
    "федор": ["cyrillic"],
    "достоевский ф": ["cyrillic"],
    "محمد": ["arabic"],
    "الامين": ["arabic"],
    "王": ["chinese"],
    "小": ["chinese"],
    "小明": ["chinese"],
    "김": ["korean"],
    "jean pierre": ["jp"],
    "jeanpierre": ["jp"],
    "tour jean": ["jp"],
    "KD-0815": ["number"],
    "0815": ["number"],
    "saint etienne": ["city"],
    "etienne bob": ["city"],
    "acme": ["zoe"],
    "efevre": [],
    "lefevre dupont": [],
    "%": [],
    "_": [],
    "\\": [],
    "'": [],
    "' | 'x":  [],
    "lefevre:*": ["zoe"],
    "lefevre & !zoe": ["zoe"],
    "": None,
    "x" * 200: [],
    "lefevre " * 30: ["zoe"],
}  # fmt: skip


@pytest.fixture
def people(acme):
    with scope(acme):
        ContactField.objects.create(name="city", label="City")
        ContactField.objects.create(name="note", label="Note", is_searched=False)
        made = {key: Contact.objects.create(**fields) for key, fields in PEOPLE.items()}
        company = Company.objects.create(name="Acmé & Fils")
        CompanyContact.objects.create(company=company, contact=made["zoe"])
    search_index.catch_up(acme.pk)
    return made


def _found(workspace, query: str, people) -> list[str]:
    keys = {contact.pk: key for key, contact in people.items()}
    with scope(workspace):
        return [keys[contact.pk] for contact in searching.search(Contact.objects.all(), query, country="FR")]


def test_people_are_found_as_one_types_them(acme, people):
    found = {query: _found(acme, query, people) for query, expected in ASKED.items() if expected is not None}
    assert found == {query: expected for query, expected in ASKED.items() if expected is not None}


def test_a_job_finds_the_same_people_as_the_page(acme, people):
    for query in ("lefevre", "06 12 34", "example.com", "Dupont Marie", "王", "acme", "a"):
        on_page = _found(acme, query, people)
        for connection_of in (scope(acme), across_workspaces("a test looks as a job does")):
            with connection_of:
                rows = ContactFilter(q=query, country="FR").apply(
                    Contact.objects.filter(workspace_id=acme.pk), workspace_id=acme.pk
                )
                assert {row.pk for row in rows} == {people[key].pk for key in on_page}, query


def test_one_letter_finds_those_whose_name_begins_with_it(acme, people):
    assert set(_found(acme, "m", people)) == {"marie", "muller"}
    assert set(_found(acme, "ma", people)) == {"marie"}
    assert _found(acme, "l s", people) == ["lukasz"]


def test_the_exact_one_comes_first_then_names(acme):
    with scope(acme):
        Contact.objects.create(email="x1@martin.example", first_name="Ann")
        Contact.objects.create(email="x2@example.org", last_name="Martinez")
        Contact.objects.create(email="x3@example.org", last_name="Martin")
        Contact.objects.create(external_id="martin", last_name="Zorro")
    with scope(acme):
        found = [str(contact) for contact in searching.search(Contact.objects.all(), "martin")]
    assert found == ["Zorro", "Martin", "Martinez", "Ann"]


def test_a_neighbour_is_never_found(acme, beta, people):
    with scope(beta):
        foreign = Contact.objects.create(email="zoe@example.com", first_name="Zoé", last_name="Lefèvre")
    assert _found(acme, "zoe lefevre", people) == ["zoe"]
    with scope(beta):
        assert [c.pk for c in searching.search(Contact.objects.all(), "zoe lefevre")] == [foreign.pk]


def test_who_was_just_saved_is_found_at_once_under_the_new_name(acme, people):
    with scope(acme):
        Contact.objects.create(email="new@example.org", last_name="Nouveau")
        Contact.objects.filter(pk=people["zoe"].pk).update(last_name="Bernard")
    with scope(acme):
        assert [c.last_name for c in searching.search(Contact.objects.all(), "nouveau")] == ["Nouveau"]
        assert not SearchChange.objects.exists()
    assert _found(acme, "bernard zoe", people) == ["zoe"] and _found(acme, "lefevre", people) == []


def test_a_company_that_is_renamed_or_left_changes_who_is_found(acme, people):
    with scope(acme):
        Company.objects.update(name="Zénith")
    assert _found(acme, "zenith", people) == ["zoe"] and _found(acme, "fils", people) == []
    with scope(acme):
        CompanyContact.objects.all().delete()
    assert _found(acme, "zenith", people) == []


def test_an_erased_person_leaves_no_word_at_once(acme, people):
    with scope(acme):
        erasure.erase(people["zoe"])
        assert not SearchEntry.objects.filter(contact_id=people["zoe"].pk).exists()
    search_index.catch_up(acme.pk)
    with scope(acme):
        assert not SearchEntry.objects.filter(contact_id=people["zoe"].pk).exists()


def test_a_merged_contact_is_found_under_the_survivors_name_only(acme, people, alice):
    with scope(acme):
        survivor, loser = merging.locked(people["marie"].pk, people["zoe"].pk)
        merging.merge(survivor, loser, {"last_name"}, actor=alice, address=None)
    assert _found(acme, "lefevre", people) == ["marie"]
    search_index.catch_up(acme.pk)
    with scope(acme):
        assert not SearchEntry.objects.filter(contact_id=people["zoe"].pk).exists()


def test_only_chosen_fields_are_searched(acme, alice, as_user, people):
    assert _found(acme, "geheim", people) == []
    with scope(acme):
        note = ContactField.objects.get(name="note")
    form = {"label": "Note", "kind": "text", "choices": "", "is_searched": "on"}
    edit(as_user(alice), f"/w/acme/contacts/fields/{note.pk}/edit/", form)
    search_index.catch_up(acme.pk)
    assert _found(acme, "geheim", people) == ["city"]


def test_people_of_an_import_are_found_by_their_beginnings_until_a_job_has_indexed_them(acme, run_jobs):
    with scope(acme), connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO contacts_contact (workspace_id, email, first_name, last_name, attributes, status, source, "
            "created_at, updated_at) SELECT %s, 'user' || g || '@example.com', 'Zoé', 'Nom' || g, '{}', 'subscribed', "
            "'import', now(), now() FROM generate_series(1, 500) g",
            [acme.pk],
        )
    with scope(acme):
        assert SearchChange.objects.count() == 1
        assert [c.last_name for c in searching.search(Contact.objects.all(), "nom77")] == ["Nom77"]
        assert searching.search(Contact.objects.all(), "zoe nom77") == []
    from contacts.jobs.search import index_words

    index_words()
    with scope(acme):
        assert not SearchChange.objects.exists()
        assert [c.last_name for c in searching.search(Contact.objects.all(), "zoe nom77")] == ["Nom77"]
        deleted = Contact.objects.filter(last_name="Nom78")
        deleted.update(deleted_at=timezone.now())
        assert searching.search(Contact.objects.present(), "zoe nom78") == []


def test_contacts_of_an_older_version_are_indexed_in_portions(acme, people, monkeypatch):
    monkeypatch.setattr(search_index, "CHUNK", 4)
    with connections["engine"].cursor() as cursor:
        cursor.execute("DELETE FROM contacts_searchentry")
    search_index.index_anew(acme.pk)
    assert search_index.catch_up(acme.pk)
    assert _found(acme, "saint etienne", people) == ["city"]


def test_a_search_reads_the_index_and_no_neighbour(acme, beta, people):
    with scope(beta), connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO contacts_contact (workspace_id, email, first_name, last_name, attributes, status, source, "
            "created_at, updated_at) SELECT %s, 'user' || g || '@example.com', 'Zoé', 'Lefèvre', '{}', 'subscribed', "
            "'import', now(), now() FROM generate_series(1, 3000) g",
            [beta.pk],
        )
    while not search_index.catch_up(beta.pk):
        pass
    with connections["owner"].cursor() as cursor:
        cursor.execute("ANALYZE contacts_searchentry")
    with scope(acme), CaptureQueriesContext(connections["engine"]) as captured:
        assert len(searching.search(Contact.objects.all(), "lefevre")) == 1
    (asked,) = [query["sql"] for query in captured if "@@" in query["sql"]]
    with connections["engine"].cursor() as cursor:
        cursor.execute("SET enable_seqscan = off")
        cursor.execute("EXPLAIN (ANALYZE, COSTS OFF, TIMING OFF) " + asked)
        plan = "\n".join(row[0] for row in cursor.fetchall())
        cursor.execute("SET enable_seqscan TO DEFAULT")
    assert "search_entry_words" in plan and "Seq Scan" not in plan and "Removed" not in plan, plan


def test_terms_of_a_contact_are_bounded():
    long = " ".join(f"word{n}" for n in range(500))
    terms = search_terms.of_contact(1, "a@example.com", None, [long], [long])
    assert len(terms) == search_terms.MAX_TERMS and all(len(term) < 120 for term in terms)
    assert search_terms.query(1, "a " * 500).count("&") < search_terms.MAX_QUERY_WORDS


@pytest.mark.parametrize("text", ["Ann", "Zoé", "ﬁn", "Ⅳ", "İstanbul", "ŒUVRE", "ǅ", "ｆｕｌｌ", "ℌ", "ß", "ŉ"])
def test_folding_twice_changes_nothing(text):
    assert words.fold(words.fold(text)) == words.fold(text)


def test_the_page_the_pickers_and_the_hint(acme, alice, as_user, people):
    client = as_user(alice)
    assert "Lefèvre" in client.get("/w/acme/contacts/?q=lefevre zoe").content.decode()
    assert "Lefèvre" in client.get(f"/w/acme/contacts/{people['marie'].pk}/merge/?who=lefevre").content.decode()
    with scope(acme):
        company = Company.objects.get()
    assert "Aignan" in client.get(f"/w/acme/contacts/companies/{company.pk}/?who=aignan").content.decode()
    with connections["engine"].cursor() as cursor:
        cursor.execute(
            "INSERT INTO contacts_searchchange (workspace_id, contact_ids) VALUES (%s, %s)", [acme.pk, list(range(500))]
        )
    assert "still being indexed" in client.get("/w/acme/contacts/?q=lefevre zoe").content.decode()
