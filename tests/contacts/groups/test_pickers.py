"""The search behind every picker: what it finds, of which kinds, and who may use it."""

import re

import pytest
from django.utils import timezone

from contacts.groups import pickers
from contacts.models import ContactList, Segment, Tag
from kernel.tenancy import scope
from tests.markup import flat

HERE = "/w/acme/contacts/choices/"
GROUPS = ["segment", "list", "tag"]


@pytest.fixture
def find(acme, alice, as_user):
    """find("lyon", ["tag"]) returns the search's answer: (value, name) of each option, and the page."""
    client = as_user(alice)

    def find(words="", of=GROUPS, **more):
        answer = client.get(HERE, {"for": "include", "of": of, "find-include": words, **more})
        assert answer.status_code == 200
        html = flat(answer)
        return re.findall(r'role="option".*?data-value="([^"]*)".*?>([^<]*)</div>', html), html

    return find


def test_names_that_begin_with_the_query_come_first(acme, find):
    with scope(acme):
        Tag.objects.bulk_create(Tag(name=name) for name in ("Old Lyon", "lyon west", "Paris", "100%", "1000"))
    assert [name for _, name in find("LYON", ["tag"])[0]] == ["lyon west", "Old Lyon"]
    assert [name for _, name in find("0%", ["tag"])[0]] == ["100%"], "no wildcard"
    assert [name for _, name in find("  old   lyon ", ["tag"])[0]] == ["Old Lyon"]


def test_values_name_their_kind_where_several_are_searched(acme, find):
    with scope(acme):
        tag, on_list = Tag.objects.create(name="Lyon"), ContactList.objects.create(name="Lyon")
        segment = Segment.objects.create(name="Lyon")
    mixed, _ = find("ly")
    assert [value for value, _ in mixed] == [f"segment:{segment.pk}", f"list:{on_list.pk}", f"tag:{tag.pk}"]
    assert find("ly", ["tag"])[0] == [(str(tag.pk), "Lyon")]


def test_each_kind_shows_a_few_choices_and_says_that_there_are_more(acme, find):
    with scope(acme):
        Tag.objects.bulk_create(Tag(name=f"t{n:04}") for n in range(pickers.MAX_FOUND + 1))
        ContactList.objects.bulk_create(ContactList(name=f"l{n:04}") for n in range(pickers.MAX_FOUND))
    options, html = find()
    values = [value.partition(":")[0] for value, _ in options]
    assert values.count("tag") == values.count("list") == pickers.MAX_FOUND
    assert "There are more results" in html and "There are more results" not in find(of=["list"])[1]


def test_an_empty_result_says_so(acme, find):
    assert "nothing to select yet" in find()[1]
    assert "No match" in find("x")[1]


def test_deleted_rows_and_other_workspaces_are_not_found(acme, beta, find):
    with scope(beta):
        Tag.objects.create(name="secret")
    with scope(acme):
        ContactList.objects.create(name="secret", deleted_at=timezone.now())
        Segment.objects.create(name="secret", deleted_at=timezone.now())
    assert find("secret")[0] == []


def test_permissions_and_unknown_kinds(acme, rita, charlie, as_user):
    assert as_user(rita).get(HERE + "?of=tag").status_code == 200
    assert as_user(charlie).get(HERE + "?of=tag").status_code == 404
    for query in ("", "?of=secret", "?of=tag&of=secret"):
        assert as_user(rita).get(HERE + query).status_code == 404


@pytest.mark.parametrize("words", ["x" * 9000, "\\"])
def test_strange_queries_find_nothing(find, words):
    assert find(words)[0] == []


def test_names_are_escaped(acme, find):
    with scope(acme):
        Tag.objects.create(name='<b>"x"</b>')
    html = find("b", ["tag"], **{"for": 'i"><script>', 'find-i"><script>': "b"})[1]
    assert "<b>" not in html and "<script>" not in html and "&lt;b&gt;" in html


def test_names_are_read_by_key_in_one_query(acme, django_assert_num_queries):
    with scope(acme):
        tags = Tag.objects.bulk_create(Tag(name=f"t{n}") for n in range(50))
        with django_assert_num_queries(1):
            named = pickers.TAG.named([str(tags[3].pk), str(tags[49].pk), "0", "x", "²", "-1", "9" * 30])
    assert named == {str(tags[3].pk): "t3", str(tags[49].pk): "t49"}
