"""What a member sees of contacts that share a phone number."""

from django.db import connection
from django.test.utils import CaptureQueriesContext

from contacts.imports import owners
from contacts.models import Contact, ContactList, ListMember, RejectedRow
from contacts.people import duplicates, lookup, merging
from kernel.tenancy import scope
from tests.contacts.imports.running import import_file
from tests.markup import edit, flat

HOME = "+33612345678"
NEW = "/w/acme/contacts/new/"


def family(workspace, n: int = 2) -> list[Contact]:
    with scope(workspace):
        return [Contact.objects.create(email=f"p{i}@example.com", first_name=f"P{i}", phone=HOME) for i in range(n)]


def test_a_number_that_others_have_is_a_hint_and_no_error(acme, alice, as_user):
    one, two = family(acme)
    client = as_user(alice)
    answer = client.post(NEW, {"email": "new@example.com", "phone": "06 12 34 56 78"}, follow=True)
    page = flat(answer.content.decode())
    assert "2 other contacts have this number." in page
    assert all(f'href="/w/acme/contacts/{other.pk}/"' in page for other in (one, two))
    form = client.get(f"/w/acme/contacts/{one.pk}/edit/").content.decode()
    assert "2 other contacts have this number." in form and f'href="/w/acme/contacts/{two.pk}/"' in form


def test_people_with_the_number_before_are_not_shown_below_a_new_one(acme, alice, as_user):
    one, _two = family(acme)
    with scope(acme):
        other = Contact.objects.create(first_name="Zoé", phone="+33699999999")
    client, page = as_user(alice), f"/w/acme/contacts/{one.pk}/edit/"
    form = flat(edit(client, page, {"phone": "+33699999990", "email": "no address"}).content.decode())
    assert "no address" in form and "has this number" not in form
    assert "With or without the country code" in form
    form = flat(edit(client, page, {"phone": other.phone, "email": "no address"}).content.decode())
    assert "1 other contact has this number." in form and f'href="/w/acme/contacts/{other.pk}/"' in form


def test_names_in_the_hint_are_escaped(acme, alice, as_user):
    with scope(acme):
        Contact.objects.create(first_name="<b>Bob</b>", phone=HOME)
        one = Contact.objects.create(email="a@example.com", phone=HOME)
    for page in (f"/w/acme/contacts/{one.pk}/edit/", f"/w/acme/contacts/{one.pk}/"):
        text = as_user(alice).get(page).content.decode()
        assert "<b>Bob" not in text and "&lt;b&gt;Bob" in text


def test_a_switchboard_shows_its_first_contacts(acme, alice, as_user, beta):
    family(beta, 1)
    with scope(acme):
        one, *_others = Contact.objects.bulk_create(
            [Contact(email=f"p{i}@example.com", phone=HOME) for i in range(12_000)]
        )
    page = flat(as_user(alice).get(f"/w/acme/contacts/{one.pk}/").content.decode())
    assert "10000+ other contacts have this number." in page and "Show all" in page
    assert page.count("p5@example.com") == 1 and "p6@example.com" not in page


def test_a_number_of_several_puts_nobody_on_a_list(acme, alice, as_user):
    family(acme)
    with scope(acme):
        one = ContactList.objects.create(name="VIP")
        alone = Contact.objects.create(phone="+33699999999")
        assert lookup.find(f"06 12 34 56 78\n{alone.phone}\nnobody", "FR") == ([alone], ["nobody"], ["06 12 34 56 78"])
    page = as_user(alice).post(f"/w/acme/contacts/lists/{one.pk}/members/", {"people": HOME}, follow=True)
    assert "belongs to several contacts" in page.content.decode()
    with scope(acme):
        assert not ListMember.objects.exists()


def test_namesakes_with_one_number_may_be_one_person(acme):
    with scope(acme):
        for first in ("Ann", "Ann", "Bob"):
            Contact.objects.create(
                external_id=f"{first}{Contact.objects.count()}", first_name=first, last_name="Ex", phone=HOME
            )
        (pair,) = duplicates.find().pairs
        assert (pair[0].first_name, pair[1].first_name, pair[2]) == ("Ann", "Ann", "phone")


def test_a_rejected_row_says_whose_its_values_are(acme, alice, as_user):
    with scope(acme):
        Contact.objects.create(email="a@example.com", external_id="A", first_name="Ann", phone=HOME)
        Contact.objects.create(email="b@example.com", external_id="B", first_name="Bob", phone=HOME)
    rows = f"id,email,phone\nA,b@example.com,\nC,a@example.com,\n,,{HOME}\n"
    done = import_file(acme, rows, ["external_id", "email", "phone"])
    with scope(acme):
        assert RejectedRow.objects.count() == 3
    client = as_user(alice)
    page = flat(client.get(f"/w/acme/contacts/imports/{done.pk}/").content.decode())
    file = b"".join(client.get(f"/w/acme/contacts/imports/{done.pk}/rejected.csv").streaming_content).decode()
    for sentence in (
        "The address belongs to Bob (b@example.com), the customer number to Ann (a@example.com)",
        "The address belongs to Ann (a@example.com), whose customer number is A",
        "It is the number of Ann (a@example.com), Bob (b@example.com)",
    ):
        assert sentence in page and sentence in file


def test_the_merge_of_contacts_with_one_number_keeps_it(acme):
    one, two = family(acme)
    with scope(acme):
        merging.merge(one, two, set(), actor=None, address=None)
        one.refresh_from_db()
        two.refresh_from_db()
    assert (one.phone, two.merged_into_id, two.phone) == (HOME, one.pk, None)


def test_whose_numbers_rejected_rows_have_is_asked_once_for_all_rows(acme):
    numbers = [f"+3361234560{n}" for n in range(8)]
    with scope(acme):
        for n, number in enumerate(numbers):
            for m in range(n):
                Contact.objects.create(first_name=f"P{n}{m}", phone=number)
    done = import_file(acme, "phone\n" + "\n".join(numbers[2:]) + "\n", ["phone"])
    with scope(acme):
        rows = list(RejectedRow.objects.order_by("line"))
        with CaptureQueriesContext(connection) as asked_for_one:
            owners.reasons(done, rows[:1])
        with CaptureQueriesContext(connection) as asked_for_all:
            found = owners.reasons(done, rows)
    texts = [found[row.pk].rpartition("number of ")[2].replace(" (+33", " (0") for row in rows]
    assert texts[:2] == ["P20 (0612345602), P21 (0612345602)", "P30 (0612345603), P31 (0612345603), P32 (0612345603)"]
    assert texts[-1] == "P70 (0612345607), P71 (0612345607), P72 (0612345607) …"
    assert len(asked_for_all) == len(asked_for_one)
