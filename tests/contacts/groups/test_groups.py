"""Lists, tags, and names chosen while typing, also with 5,000 tags."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from contacts.identity import name_lists
from contacts.models import Company, Contact, ContactList, ContactTag, ListMember, Tag
from kernel.tenancy import scope
from tests.factories import contacts
from tests.markup import edit


@pytest.mark.parametrize("text, parts", [
    ("vip, shop ,vip", ["vip", "shop"]),
    ('"Fair, 2026", vip', ["Fair, 2026", "vip"]),
    ('5" screens', ['5" screens']),
    ("", []),
    (",, ,", []),
    ('"open, end', ["open, end"]),
])  # fmt: skip
def test_names_are_split_in_a_line(text, parts):
    assert name_lists.split(text) == parts
    assert name_lists.split(name_lists.join(parts)) == parts


@pytest.mark.parametrize("text, parts", [
    ("vip; shop |vip", ["vip", "shop"]),
    ('"a; b", "c|d" ;e', ["a; b", "c|d", "e"]),
    ('say "a;b"', ['say "a', 'b"']),
    ('"open; end', ["open, end"]),
])  # fmt: skip
def test_names_in_a_cell_of_a_file(text, parts):
    assert name_lists.split(text, any_separator=True) == parts


@given(
    st.lists(st.text(st.sampled_from("ab ,;|\"'=")).map(lambda name: " ".join(name.split())).filter(bool), unique=True)
)
@example(['"', 'a"', ";", "a, b", '"a", "b'])
def test_what_is_joined_is_split_everywhere(parts):
    assert (
        name_lists.split(name_lists.join(parts))
        == name_lists.split(name_lists.join(parts), any_separator=True)
        == parts
    )


@pytest.mark.parametrize("typed, before, beginning", [
    ("vip, sho", "vip, ", "sho"),
    ("sho", "", "sho"),
    ("vip, ", "vip, ", ""),
    ('vip, "Fair, 20', "vip, ", "Fair, 20"),
    ('"Fair, 2026", v', '"Fair, 2026", ', "v"),
])  # fmt: skip
def test_the_last_name_of_the_line_is_being_typed(typed, before, beginning):
    assert name_lists.last_begun(typed) == (before, beginning)


def test_options_complete_the_typed_line(acme, alice, as_user):
    with scope(acme):
        Tag.objects.bulk_create([Tag(name=f"tag {n}") for n in range(5000)] + [Tag(name='a "b" & c, d')])
        ContactList.objects.create(name="Fair")
        Company.objects.create(name="Zebra, Inc.")
    client, base = as_user(alice), "/w/acme/contacts/options/"
    page = client.get(base + "tags/", {"text": "vip, TAG 499"}).content.decode()
    assert 'value="vip, tag 4990"' in page and page.count("<option") == 11
    assert client.get(base + "tags/").content.decode().count("<option") == 20
    assert (
        'value="&quot;a &quot;&quot;b&quot;&quot; &amp; c, d&quot;"' not in client.get(base + "lists/").content.decode()
    )
    assert 'value="Zebra, Inc."' in client.get(base + "companies/", {"text": "zeb", "one": "1"}).content.decode()
    assert 'value="&quot;Zebra, Inc.&quot;"' in client.get(base + "companies/", {"text": "zeb"}).content.decode()
    assert client.get(base + "secrets/").status_code == 404


def test_five_thousand_tags_are_searched_and_paged(acme, alice, as_user):
    with scope(acme):
        Tag.objects.bulk_create([Tag(name=f"tag {n:04}") for n in range(5000)])
    client = as_user(alice)
    page = client.get("/w/acme/contacts/tags/")
    assert len(page.context["page"].rows) == 50 and page.context["page"].next
    assert "tag 4321" in client.get("/w/acme/contacts/tags/?q=4321").content.decode()


def test_a_tag_is_made_and_renamed_once(acme, alice, as_user):
    client = as_user(alice)
    client.post("/w/acme/contacts/tags/new/", {"name": " very  important "})
    with scope(acme):
        tag = Tag.objects.get(name="very important")
        Tag.objects.create(name="vip")
    page = edit(client, f"/w/acme/contacts/tags/{tag.pk}/edit/", {"name": "vip"}).content.decode()
    assert "Merge the two tags" in page
    edit(client, f"/w/acme/contacts/tags/{tag.pk}/edit/", {"name": "urgent"})
    with scope(acme):
        assert {*Tag.objects.values_list("name", flat=True)} == {"vip", "urgent"}


def test_merging_tags_moves_every_contact_once(acme, alice, as_user, run_jobs):
    with scope(acme):
        old, new = Tag.objects.create(name="old"), Tag.objects.create(name="new")
        people = contacts(1500)
        people[3].deleted_at = "2026-01-01T00:00Z"
        people[3].save()
        ContactTag.objects.bulk_create([ContactTag(contact=p, tag=old) for p in people])
        ContactTag.objects.bulk_create([ContactTag(contact=p, tag=new) for p in people[:700]])
    as_user(alice).post(f"/w/acme/contacts/tags/{old.pk}/merge/", {"into": "new"})
    assert run_jobs() == ["contacts.act_in_bulk"]
    with scope(acme):
        assert [*Tag.objects.values_list("name", flat=True)] == ["new"]
        assert ContactTag.objects.count() == 1500


def test_campaigns_follow_a_merged_tag(acme, alice, as_user):
    """If an exclusion were lost, people who were left out on purpose would get the campaign."""
    from tests.factories import campaign

    with scope(acme):
        old, new, other = (Tag.objects.create(name=name) for name in ("old", "new", "other"))
        (person,) = contacts(1)
        ContactTag.objects.create(contact=person, tag=old)
        draft = campaign(audience={"include": [other.pk], "exclude": [old.pk], "contact_ids": []})
    as_user(alice).post(f"/w/acme/contacts/tags/{old.pk}/merge/", {"into": "new"})
    with scope(acme):
        draft.refresh_from_db()
        assert new.pk in draft.people.exclude.tags and draft.people.include.tags == (other.pk,)
        assert not Tag.objects.filter(name="old").exists(), "few people: done at once"


def test_a_list_from_creation_to_deletion(acme, alice, as_user):
    client = as_user(alice)
    client.post("/w/acme/contacts/lists/new/", {"name": "Fair", "description": "Lyon"})
    with scope(acme):
        one = ContactList.objects.get()
        contacts(2)
        Contact.objects.create(phone="+33612345678")
        Contact.objects.create(external_id="K-1")
    assert "already" in client.post("/w/acme/contacts/lists/new/", {"name": "Fair"}).content.decode()
    url = f"/w/acme/contacts/lists/{one.pk}/"
    people = "P0@example.com\n06 12 34 56 78\nK-1\nnobody@example.com\n"
    page = client.post(url + "members/", {"people": people}, follow=True).content.decode()
    assert "3 contacts added to the list" in page and "nobody@example.com" in page
    client.post(url + "members/", {"people": people})
    with scope(acme):
        assert ListMember.objects.count() == 3
        person = Contact.objects.get(external_id="K-1")
    assert "p0@example.com" in client.get(url + "?q=p0").content.decode()
    assert "p0@example.com" not in client.get(url + "?q=06").content.decode()
    client.post(url + f"members/{person.pk}/delete/")
    edit(client, url + "edit/", {"name": "Fair 2026"})
    page = client.get("/w/acme/contacts/lists/")
    assert "Fair 2026" in page.content.decode() and page.context["sizes"] == {one.pk: (2, False)}
    client.post(url + "delete/")
    assert client.get(url).status_code == 404
    with scope(acme):
        assert Contact.objects.count() == 4


@pytest.mark.parametrize("people", ["", "\0", "x" * 30_000, "\n" * 1000])
def test_no_text_breaks_a_list(acme, alice, as_user, people):
    with scope(acme):
        one = ContactList.objects.create(name="Fair")
    answer = as_user(alice).post(f"/w/acme/contacts/lists/{one.pk}/members/", {"people": people})
    assert answer.status_code == 200 and "errorlist" in answer.content.decode()


def test_too_many_lines_for_a_list_are_refused_and_kept(acme, alice, as_user):
    with scope(acme):
        one = ContactList.objects.create(name="Fair")
    people = "\n".join(f"p{n}@example.com" for n in range(501))
    page = as_user(alice).post(f"/w/acme/contacts/lists/{one.pk}/members/", {"people": people}).content.decode()
    assert "Too many lines: 501" in page and "p500@example.com" in page
