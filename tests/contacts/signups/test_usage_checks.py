"""The tags, lists and topics of a sign-up form stay valid when they are renamed, merged or deleted."""

import html
import re

import pytest

from contacts.models import Contact, ContactList, ContactTag, FormTopic, SignupForm, Tag, Topic
from kernel.tenancy import scope
from tests.contacts.conftest import WORDING
from tests.markup import edit


def given(workspace) -> set[str]:
    with scope(workspace):
        return set(ContactTag.objects.values_list("tag__name", flat=True))


@pytest.fixture
def tagging_form(acme, form):
    with scope(acme):
        form.tags = [Tag.objects.create(name="site").pk]
        form.save()
    return form


@pytest.mark.parametrize("how", ["renamed", "merged"])
def test_the_form_follows_its_tag(acme, alice, as_user, tagging_form, fill_in, mails, visitor, run_jobs, how):
    (tag,) = tagging_form.tags
    with scope(acme):
        Tag.objects.create(name="web")
    if how == "renamed":
        edit(as_user(alice), f"/w/acme/contacts/tags/{tag}/edit/", {"name": "website"})
    else:
        as_user(alice).post(f"/w/acme/contacts/tags/{tag}/merge/", {"into": "web"})
        run_jobs()
    fill_in(tagging_form)
    visitor.post(mails(acme)[0][2])
    assert given(acme) == ({"website"} if how == "renamed" else {"web"})
    with scope(acme):
        assert not Tag.objects.filter(name="site").exists() and Contact.objects.get().status == "subscribed"


def test_tags_lists_and_topics_used_by_a_form_can_not_be_deleted(acme, alice, as_user, tagging_form):
    client = as_user(alice)
    with scope(acme):
        tagging_form.contact_list = ContactList.objects.create(name="Newsletter")
        tagging_form.save()
        topic = Topic.objects.create(name="Offers")
        FormTopic.objects.create(form=tagging_form, topic=topic)
    paths = {
        Tag: f"tags/{tagging_form.tags[0]}/delete/",
        ContactList: f"lists/{tagging_form.contact_list_id}/delete/",
        Topic: f"topics/{topic.pk}/delete/",
    }
    for model, path in paths.items():
        page = client.post(f"/w/acme/contacts/{path}", follow=True).content.decode()
        assert "is still in use: Footer" in page
        with scope(acme):
            assert model.objects.present().exists()
    with scope(acme):
        SignupForm.objects.get().discard()
    for model, path in paths.items():
        client.post(f"/w/acme/contacts/{path}")
        with scope(acme):
            assert not model.objects.present().exists()


def test_editing_a_form_keeps_a_tag_with_a_comma_whole(acme, alice, as_user, form):
    with scope(acme):
        form.tags = [Tag.objects.create(name="Lyon, 3e").pk]
        form.save()
    client, address = as_user(alice), f"/w/acme/contacts/forms/{form.pk}/edit/"
    page = client.get(address).content.decode()
    field = re.search(r'<input[^>]*name="tags"[^>]*>', page)[0]
    shown = html.unescape(re.search(r'value="([^"]*)"', field)[1])
    values = {"name": "Footer", "language": "en", "title": "T", "wording": WORDING, "double_opt_in": "on"}
    assert edit(client, address, values | {"tags": shown}).status_code == 302
    with scope(acme):
        assert [tag.name for tag in SignupForm.objects.get().given_tags()] == ["Lyon, 3e"]
        assert Tag.objects.count() == 1
