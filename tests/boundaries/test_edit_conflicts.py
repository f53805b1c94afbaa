"""Two people edit one row: nobody overwrites what they have not seen, and nobody loses what they typed."""

import re

import pytest
from django.test import Client
from django.utils import timezone

from contacts.models import Company, Contact, ContactField, ContactList, ContactTag, Segment, SignupForm, Tag, Topic
from contacts.segments import definition
from delivery.models import Sender
from kernel.tenancy import scope
from templates_app.models import MessageTemplate
from tests import factories
from tests.markup import fields_of

W = "/w/acme/"
CONFLICT = "Someone saved other changes here"


def a_campaign() -> str:
    return f"{W}campaigns/{factories.campaign().pk}/edit/"


def a_template() -> str:
    return f"{W}templates/{MessageTemplate.objects.create(name='T', html='<p>Hello</p>').pk}/edit/"


def a_contact() -> str:
    return f"{W}contacts/{Contact.objects.create(email='ana@example.com', last_name='Kasse').pk}/edit/"


def a_company() -> str:
    return f"{W}contacts/companies/{Company.objects.create(name='Bakery').pk}/edit/"


def a_segment() -> str:
    rule = {"on": "first_name", "op": "is", "with": {"value": "Ana"}}
    stored = definition.stored(definition.read({"match": "all", "rules": [rule]}))
    return f"{W}contacts/segments/{Segment.objects.create(name='S', definition=stored).pk}/edit/"


def a_form() -> str:
    form = SignupForm.objects.create(name="F", language="en", title="News", wording="I agree")
    return f"{W}contacts/forms/{form.pk}/edit/"


def a_list() -> str:
    return f"{W}contacts/lists/{ContactList.objects.create(name='L').pk}/edit/"


def a_topic() -> str:
    return f"{W}contacts/topics/{Topic.objects.create(name='T').pk}/edit/"


def a_tag() -> str:
    return f"{W}contacts/tags/{Tag.objects.create(name='T').pk}/edit/"


def a_field() -> str:
    return f"{W}contacts/fields/{ContactField.objects.create(name='town', label='Town').pk}/edit/"


def a_sender() -> str:
    sender = Sender.objects.create(name="S", email="s@acme.example", channel="email")
    return f"{W}sending/senders/{sender.pk}/"


def the_settings() -> str:
    return f"{W}settings/workspace/"


RECORDS = [a_campaign, a_template, a_contact, a_company, a_segment, a_form]
RECORDS += [a_list, a_topic, a_tag, a_field, a_sender, the_settings]


@pytest.fixture(params=RECORDS)
def address(acme, request) -> str:
    with scope(acme):
        return request.param()


def opened(client: Client, address: str) -> dict:
    return fields_of(client.get(address))


def name_in(values: dict) -> str:
    return next(name for name in ("last_name", "name", "label") if name in values)


def test_what_somebody_else_saved_meanwhile_is_not_overwritten_unseen(address, alice, as_user):
    ana, leo = as_user(alice), as_user(alice)
    first, second = opened(ana, address), opened(leo, address)
    name = name_in(first)
    assert ana.post(address, first | {name: "By Ana"}).status_code == 302
    refused = leo.post(address, second | {name: "By Leo"})
    assert refused.status_code == 200 and CONFLICT in refused.content.decode()
    assert opened(ana, address)[name] == "By Ana"
    typed = fields_of(refused)
    assert typed[name] == "By Leo", "nothing that was typed is lost"
    assert leo.post(address, typed).status_code == 302, "who has been told may overwrite"
    assert opened(ana, address)[name] == "By Leo"


@pytest.mark.parametrize("pressed", [{"refresh": "1"}, {"enter": "1", "find-include": "vip"}])
def test_a_search_without_javascript_hides_no_conflict(acme, alice, as_user, pressed):
    with scope(acme):
        address = a_campaign()
    ana, leo = as_user(alice), as_user(alice)
    first, second = opened(ana, address), opened(leo, address)
    ana.post(address, first | {"name": "By Ana"})
    searched = fields_of(leo.post(address, second | {"name": "By Leo"} | pressed))
    answer = leo.post(address, searched | {"find-include": ""})
    assert CONFLICT in answer.content.decode() and opened(ana, address)["name"] == "By Ana"


def test_a_field_that_the_workspace_has_got_meanwhile_is_no_conflict(acme, alice, as_user):
    with scope(acme):
        address = a_campaign()
    client = as_user(alice)
    values = opened(client, address)
    with scope(acme):
        Topic.objects.create(name="News")
    assert client.post(address, values).status_code == 302


def test_saving_twice_in_a_row_is_no_conflict(address, alice, as_user):
    client = as_user(alice)
    for name in ("Once", "Twice"):
        values = opened(client, address)
        assert client.post(address, values | {name_in(values): name}).status_code == 302


def test_a_rule_of_a_segment_that_changed_meanwhile_is_noticed(acme, alice, as_user):
    with scope(acme):
        address = a_segment()
    client = as_user(alice)
    values = opened(client, address)
    with scope(acme):
        segment = Segment.objects.get()
        segment.definition["rules"][0]["with"]["value"] = "Zoe"
        segment.save()
    assert CONFLICT in client.post(address, values).content.decode()


def test_the_log_names_only_what_was_changed_and_in_words(acme, alice, as_user):
    with scope(acme):
        address = a_contact()
        contact = Contact.objects.get()
        ContactTag.objects.create(contact=contact, tag=Tag.objects.create(name="Regulars"))
    client = as_user(alice)
    client.post(address, opened(client, address) | {"first_name": "Ana"})
    page = client.get(f"{W}contacts/{contact.pk}/").content.decode()
    assert "Edited: First name<" in re.sub(r"\s+<", "<", page)


#: In each form, a field that Ana changes and one that Leo changes.
TWO_FIELDS = {
    a_campaign: ("name", "subject"),
    a_template: ("name", "text"),
    a_contact: ("first_name", "last_name"),
    a_company: ("name", "industry"),
    a_form: ("title", "wording"),
    a_list: ("name", "description"),
    a_topic: ("name", "description"),
    the_settings: ("name", "postal_address"),
}


@pytest.mark.parametrize("record", TWO_FIELDS)
def test_what_two_people_changed_in_two_fields_is_kept_of_both(acme, alice, as_user, record):
    with scope(acme):
        address = record()
    anas, leos = TWO_FIELDS[record]
    ana, leo = as_user(alice), as_user(alice)
    first, second = opened(ana, address), opened(leo, address)
    assert ana.post(address, first | {anas: "By Ana"}).status_code == 302
    assert leo.post(address, second | {leos: "By Leo"}).status_code == 302
    saved = opened(ana, address)
    assert (saved[anas], saved[leos]) == ("By Ana", "By Leo")


def test_a_conflict_names_the_field_and_keeps_what_only_the_other_changed(acme, alice, as_user):
    with scope(acme):
        address = a_contact()
    ana, leo = as_user(alice), as_user(alice)
    first, second = opened(ana, address), opened(leo, address)
    ana.post(address, first | {"first_name": "Ana", "last_name": "Kassé"})
    refused = leo.post(address, second | {"last_name": "Casse"})
    assert "Last name (now “Kassé”)" in refused.content.decode() and "First name (" not in refused.content.decode()
    leo.post(address, fields_of(refused))
    with scope(acme):
        contact = Contact.objects.get()
    assert (contact.first_name, contact.last_name) == ("Ana", "Casse")


def test_a_long_text_that_was_left_alone_is_kept_as_the_other_saved_it(acme, alice, as_user):
    with scope(acme):
        template = MessageTemplate.objects.create(name="T", html="<p>Hello</p>\n" * 100)
    address = f"{W}templates/{template.pk}/edit/"
    ana, leo = as_user(alice), as_user(alice)
    first, second = opened(ana, address), opened(leo, address)
    ana.post(address, first | {"html": "<p>New</p>"})
    # As browsers send the lines of a text.
    untouched = second["html"].replace("\r\n", "\n").replace("\n", "\r\n")
    assert leo.post(address, second | {"html": untouched, "name": "By Leo"}).status_code == 302
    with scope(acme):
        template.refresh_from_db()
    assert template.name == "By Leo" and "<p>New</p>" in template.html and "Hello" not in template.html


@pytest.mark.parametrize(
    "odd",
    ["x", "[" * 50_000, "[]", '{"nothing": "1"}', '{"last_name": 5}', '{"last_name": "{"}', "null", "1" * 300_000],
)
def test_an_odd_memory_of_what_stood_there_is_no_leave_to_overwrite(acme, alice, as_user, odd):
    with scope(acme):
        address = a_contact()
    client = as_user(alice)
    answer = client.post(address, opened(client, address) | {"opened": odd, "last_name": "X"})
    assert answer.status_code == 200
    assert opened(client, address)["last_name"] == "Kasse"


@pytest.fixture
def two(alice, as_user):
    """What two people see who open one page, and their browsers."""

    def open_both(address: str) -> tuple[Client, dict, Client, dict]:
        ana, leo = as_user(alice), as_user(alice)
        return ana, opened(ana, address), leo, opened(leo, address)

    return open_both


def a_contact_with(**values) -> tuple[Contact, str]:
    contact = Contact.objects.create(**{"email": "ana@example.com", "last_name": "Kasse"} | values)
    return contact, f"{W}contacts/{contact.pk}/edit/"


def a_form_that_says(wording: str) -> tuple[SignupForm, str]:
    form = SignupForm.objects.create(name="F", language="en", title="News", wording=wording)
    return form, f"{W}contacts/forms/{form.pk}/edit/"


def test_an_own_field_that_was_left_alone_is_kept_as_the_other_saved_it(acme, two):
    with scope(acme):
        ContactField.objects.create(name="town", label="Town")
        contact, address = a_contact_with(attributes={"town": "Paris"})
    ana, first, leo, second = two(address)
    ana.post(address, first | {"own_town": "Lyon"})
    assert leo.post(address, second | {"last_name": "Leo"}).status_code == 302
    with scope(acme):
        contact.refresh_from_db()
    assert (contact.attributes, contact.last_name) == ({"town": "Lyon"}, "Leo")


@pytest.mark.parametrize("name", ["email", "phone"])
def test_what_the_other_emptied_stays_empty_as_the_form_empties_it(acme, two, name):
    with scope(acme):
        contact, address = a_contact_with(phone="+33612345678")
    ana, first, leo, second = two(address)
    ana.post(address, first | {name: ""})
    assert leo.post(address, second | {"last_name": "Leo"}).status_code == 302
    with scope(acme):
        contact.refresh_from_db()
    assert getattr(contact, name) is None


def test_a_field_that_the_workspace_has_lost_meanwhile_is_no_conflict(acme, two):
    with scope(acme):
        field = ContactField.objects.create(name="town", label="Town")
        _contact, address = a_contact_with(attributes={"town": "Paris"})
    _ana, _first, leo, second = two(address)
    with scope(acme):
        field.delete()
    assert leo.post(address, second | {"last_name": "Leo"}).status_code == 302


def test_who_mends_a_mistake_is_told_of_no_conflict_that_is_none(acme, two):
    with scope(acme):
        contact, address = a_contact_with()
    ana, first, leo, second = two(address)
    ana.post(address, first | {"first_name": "Ana"})
    mistaken = leo.post(address, second | {"last_name": "Leo", "phone": "nonsense"})
    assert mistaken.status_code == 200
    assert leo.post(address, fields_of(mistaken) | {"phone": ""}).status_code == 302
    with scope(acme):
        contact.refresh_from_db()
    assert (contact.first_name, contact.last_name) == ("Ana", "Leo")


@pytest.mark.parametrize("stored", ["I agree\nto all", "I agree\r\nto all", "I agree\r\nto all" * 30])
def test_line_breaks_are_no_change(acme, two, stored):
    with scope(acme):
        form, address = a_form_that_says(stored)
    ana, first, leo, second = two(address)
    ana.post(address, first | {"wording": "I agree\r\nto much"})
    as_browsers_send = "\r\n".join(stored.splitlines())
    assert leo.post(address, second | {"title": "By Leo", "wording": as_browsers_send}).status_code == 302
    with scope(acme):
        form.refresh_from_db()
    assert form.title == "By Leo" and "much" in form.wording


def test_choices_of_several_are_kept_as_the_other_saved_them(acme, two):
    with scope(acme):
        form, address = a_form_that_says("I agree")
        news, offers = (Topic.objects.create(name=name) for name in ("News", "Offers"))
        form.topics.add(offers)
    ana, first, leo, second = two(address)
    ana.post(address, first | {"topics": [str(offers.pk), str(news.pk)]})
    assert leo.post(address, second | {"title": "By Leo"}).status_code == 302
    with scope(acme):
        assert set(form.topics.all()) == {news, offers}


def test_a_number_that_was_nothing_is_no_empty_field(acme, two):
    """The workspace's settings: of two who change a number, the later one is told."""
    address = the_settings()
    ana, first, leo, second = two(address)
    assert ana.post(address, first | {"inactive_months": "13"}).status_code == 302
    assert CONFLICT in leo.post(address, second | {"inactive_months": "14"}).content.decode()


def test_a_contact_with_hundreds_of_long_fields_can_be_saved(acme, two):
    with scope(acme):
        ContactField.objects.bulk_create([ContactField(name=f"f{n}", label=f"F{n}") for n in range(300)])
        _contact, address = a_contact_with(attributes={f"f{n}": '\\"' * 45 for n in range(300)})
    _ana, _first, leo, second = two(address)
    assert leo.post(address, second | {"last_name": "Leo"}).status_code == 302


def test_the_audience_that_was_left_alone_is_kept_as_the_other_saved_it(acme, two):
    with scope(acme):
        address = a_campaign()
        tag = Tag.objects.create(name="vip")
    ana, first, leo, second = two(address)
    assert ana.post(address, first | {"include": f"tag:{tag.pk}"}).status_code == 302
    assert leo.post(address, second | {"subject": "By Leo"}).status_code == 302
    saved = opened(ana, address)
    assert saved["subject"] == "By Leo" and saved["include"] == f"tag:{tag.pk}"


def test_a_conflict_names_the_groups_of_the_audience(acme, two):
    with scope(acme):
        address = a_campaign()
        vip, old = (Tag.objects.create(name=name) for name in ("VIP", "Old"))
        fair = ContactList.objects.create(name="Fair")
    ana, first, leo, second = two(address)
    anas = {"include": [f"list:{fair.pk}", f"tag:{vip.pk}"], "exclude": f"tag:{old.pk}"}
    assert ana.post(address, first | anas).status_code == 302
    with scope(acme):
        Tag.objects.filter(pk=old.pk).update(deleted_at=timezone.now())
    leos = {"include": f"tag:{vip.pk}", "exclude": f"list:{fair.pk}"}
    page = leo.post(address, second | leos).content.decode()
    assert "Send to (now “Fair, VIP”)" in page and f"Except (now “No. {old.pk}, deleted”)" in page


def test_a_conflict_quotes_no_source(acme, two):
    with scope(acme):
        address = a_template()
    ana, first, leo, second = two(address)
    assert ana.post(address, first | {"html": "<p>Ana</p>", "text": "Ana"}).status_code == 302
    page = leo.post(address, second | {"html": "<p>Leo</p>", "text": "Leo"}).content.decode()
    assert "you opened this page: HTML, Plain-text version (now “Ana”)." in page


def a_field_of_choices() -> tuple[ContactField, str]:
    field = ContactField.objects.create(name="size", label="Size", kind=ContactField.Kind.CHOICE, choices=["S", "M"])
    return field, f"{W}contacts/fields/{field.pk}/edit/"


def test_the_options_of_a_field_are_kept_where_only_its_name_was_changed(acme, two):
    with scope(acme):
        field, address = a_field_of_choices()
    ana, first, leo, second = two(address)
    assert ana.post(address, first | {"choices": "S\nM\nL"}).status_code == 302
    assert leo.post(address, second | {"label": "By Leo"}).status_code == 302
    with scope(acme):
        field.refresh_from_db()
    assert (field.label, field.choices) == ("By Leo", ["S", "M", "L"])


def test_options_that_another_added_are_not_dropped_unseen_with_the_type(acme, two):
    with scope(acme):
        field, address = a_field_of_choices()
    ana, first, leo, second = two(address)
    assert ana.post(address, first | {"choices": "S\nM\nL"}).status_code == 302
    refused = leo.post(address, second | {"kind": "text"})
    assert "Options (now “S / M / L”)" in refused.content.decode()
    assert fields_of(refused)["kind"] == "text" and fields_of(refused)["choices"].split() == ["S", "M", "L"]
    assert leo.post(address, fields_of(refused)).status_code == 302
    with scope(acme):
        field.refresh_from_db()
    assert (field.kind, field.choices) == ("text", [])


def test_a_page_that_does_not_say_what_stood_there_overwrites_nothing_unseen(address, alice, as_user):
    """Not on the first try: then the person has been told, and what was typed is still there."""
    client = as_user(alice)
    values = opened(client, address)
    name, before = name_in(values), values[name_in(values)]
    del values["opened"]
    refused = client.post(address, values | {name: "Blind"})
    assert refused.status_code == 200 and "doesn&#x27;t say any more" in refused.content.decode()
    assert opened(client, address)[name] == before
    assert fields_of(refused)[name] == "Blind"
    assert client.post(address, fields_of(refused)).status_code == 302
    assert opened(client, address)[name] == "Blind"


#: (what stands there at first, what Ana and Leo make of it, what Leo is told)
OWN = {
    "text": ("Paris", "Lyon", "Nice", "Own (now “Lyon”)"),
    "choice": ("S", "M", "L", "Own (now “M”)"),
    "boolean": (None, "true", "false", "Own (now “Yes”)"),
    "date": ("2021-03-01", "", "2021-03-03", "Own (now empty)"),
}


@pytest.mark.parametrize("kind", OWN)
def test_a_conflict_says_what_stands_in_an_own_field(acme, two, kind):
    before, anas, leos, told = OWN[kind]
    with scope(acme):
        ContactField.objects.create(name="own", label="Own", kind=kind, choices=["S", "M", "L"])
        _contact, address = a_contact_with(attributes={"own": before} if before else {})
    ana, first, leo, second = two(address)
    assert ana.post(address, first | {"own_own": anas}).status_code == 302
    assert told in leo.post(address, second | {"own_own": leos}).content.decode()


def test_a_conflict_says_what_is_chosen_and_ticked_in_the_words_of_the_page(acme, two):
    with scope(acme):
        _form, address = a_form_that_says("I agree")
        news, offers = (Topic.objects.create(name=name) for name in ("News", "Offers"))
        lists = [ContactList.objects.create(name=name) for name in ("Fair", "Shop")]
    ana, first, leo, second = two(address)
    anas = {
        "topics": [str(news.pk), str(offers.pk)],
        "contact_list": str(lists[0].pk),
        "language": "fr",
        "tags": "vip",
    }
    leos = {"topics": [str(news.pk)], "contact_list": str(lists[1].pk), "language": "de", "tags": "old"}
    assert ana.post(address, first | anas).status_code == 302
    page = leo.post(address, second | leos).content.decode()
    for told in ("Topics offered (now “News, Offers”)", "Add to list (now “Fair”)", "Add tags (now “vip”)"):
        assert told in page
    assert "Language (now “" in page and "(now “fr”)" not in page
