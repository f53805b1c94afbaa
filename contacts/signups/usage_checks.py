"""Tags, lists and topics that sign-up forms use: not deleted under them; a merged tag is followed."""

from __future__ import annotations

from contacts.models import ContactList, SignupForm, Tag, Topic
from kernel import trash


def register() -> None:
    forms = SignupForm.objects.present
    trash.register_usage(Tag, "sign-up forms", lambda tag: map(str, forms().filter(tags__contains=tag.pk)))
    trash.register_usage(ContactList, "sign-up forms", lambda one: map(str, forms().filter(contact_list=one)))
    trash.register_usage(Topic, "sign-up forms", lambda topic: map(str, forms().filter(topics=topic)))


def follow_tag(workspace_id: int, tag_id: int, into_id: int, *, gone: bool) -> None:
    """Whoever signs up from now on gets the tag that stays; whether the other one is gone yet changes nothing here."""
    forms = SignupForm.objects.filter(workspace_id=workspace_id, tags__contains=tag_id)
    for form in forms.select_for_update():
        form.tags = list(dict.fromkeys(into_id if one == tag_id else one for one in form.tags))
        form.save(update_fields=["tags"])
