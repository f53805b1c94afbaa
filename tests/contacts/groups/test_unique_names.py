"""Two requests with the same name at the same moment: one gets a message. Names that Fanfare chooses get a number."""

import pytest

from contacts.forms.groups.unique_name import UniqueNameForm
from contacts.groups import free_names
from contacts.models import ContactList, Segment, Tag, Topic
from contacts.segments import snapshots
from contacts.views.people.list_health import INACTIVE
from kernel.tenancy import scope
from tests.markup import edit

SEGMENT = {"node": ["g0", "r0.0"], "match-0": "all", "on-0.0": "email", "op-0.0": "starts", "with-0.0-value": "p"}
KINDS = [
    (Tag, "tags", {}),
    (ContactList, "lists", {}),
    (Topic, "topics", {"position": "0"}),
    (Segment, "segments", SEGMENT),
]


@pytest.mark.parametrize("model, page, data", KINDS)
def test_the_second_of_two_requests_gets_a_message(acme, alice, as_user, monkeypatch, model, page, data):
    with scope(acme):
        model.objects.create(name="Spring")
        other = model.objects.create(name="Autumn")
    monkeypatch.setattr(UniqueNameForm, "is_taken", lambda *_: False)
    client, values, where = as_user(alice), {"name": " Spring ", **data}, f"/w/acme/contacts/{page}/"
    for answer in (client.post(f"{where}new/", values), edit(client, f"{where}{other.pk}/edit/", values)):
        assert answer.status_code == 200 and "There is already a" in answer.content.decode()
    with scope(acme):
        assert sorted(model.objects.values_list("name", flat=True)) == ["Autumn", "Spring"]


@pytest.mark.parametrize("model, page, data", KINDS)
def test_a_name_in_the_trash_is_free(acme, alice, as_user, model, page, data):
    with scope(acme):
        model.objects.create(name="Spring").discard()
    assert as_user(alice).post(f"/w/acme/contacts/{page}/new/", {"name": "Spring", **data}).status_code == 302


def test_a_segment_of_the_inactive_gets_a_free_name(acme, alice, as_user):
    with scope(acme):
        for name in ("Inactive contacts", "Inactive contacts (2)"):
            Segment.objects.create(name=name, definition={})
    assert as_user(alice).post("/w/acme/contacts/health/segment/").status_code == 302
    with scope(acme):
        assert Segment.objects.get(definition=INACTIVE).name == "Inactive contacts (3)"


def test_a_name_taken_at_this_moment_is_numbered(acme, monkeypatch):
    tried = iter(["Fair", "Fair", "Fair (2)"])
    monkeypatch.setattr(free_names, "free_name", lambda *_: next(tried))
    with scope(acme):
        ContactList.objects.create(name="Fair")
        assert free_names.make(ContactList, "Fair").name == "Fair (2)"


def test_snapshots_of_one_day_are_numbered(acme):
    with scope(acme):
        segment = Segment(name="Lyon")
        names = [snapshots.new_list(segment).name for _ in range(3)]
    assert names[1:] == [f"{names[0]} (2)", f"{names[0]} (3)"]
