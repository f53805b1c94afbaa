"""Tags, lists and companies of one contact."""

from collections.abc import Callable

from contacts.groups import named_rows
from contacts.models import Company, CompanyContact, Contact, ContactList, ContactTag, ListMember, Tag
from kernel.extensions import Extensions

MERGE_FOLLOWERS: Extensions[Callable[..., None]] = Extensions(
    "tag merges",
    "Called where a tag is merged into another one: (workspace id, tag id, id of the tag that stays; gone=whether the "
    "first one is deleted now). Every module that stores tag ids rewrites its references.",
)


def follow(workspace_id: int, tag_id: int, into_id: int, *, gone: bool) -> None:
    """Call every follower of merges."""
    for follow_tag in MERGE_FOLLOWERS:
        follow_tag(workspace_id, tag_id, into_id, gone=gone)


def made(name: str) -> Tag:
    """The tag with this name, in any case and with or without accents, created where it does not exist. A tag of that
    name in the trash stays there."""
    return named_rows.made(Tag, name)


def named(names: list[str]) -> list[Tag]:
    """The tags with these names, created where they are missing, each once."""
    found = named_rows.find(Tag, names)
    return list(dict.fromkeys(found.get(name) or made(name) for name in names))


def retag(contact: Contact, names: list[str]) -> None:
    """Give the contact exactly these tags. Its tags that are in the trash are kept."""
    tags = named(names)
    ContactTag.objects.filter(contact=contact, tag__deleted_at=None).exclude(tag__in=tags).delete()
    ContactTag.objects.bulk_create([ContactTag(contact=contact, tag=tag) for tag in tags], ignore_conflicts=True)


def relist(contact: Contact, lists: list[ContactList]) -> None:
    """Put the contact on exactly these lists. Deleted lists keep it, so that it is a member when they are restored."""
    ListMember.objects.filter(contact=contact, contact_list__deleted_at=None).exclude(contact_list__in=lists).delete()
    ListMember.objects.bulk_create(
        [ListMember(contact=contact, contact_list=one) for one in lists], ignore_conflicts=True
    )


def attach(contact: Contact, companies: list[Company]) -> None:
    """Make the contact act for exactly these companies. It keeps its role in companies that it acted for before."""
    CompanyContact.objects.filter(contact=contact, company__deleted_at=None).exclude(company__in=companies).delete()
    CompanyContact.objects.bulk_create(
        [CompanyContact(contact=contact, company=one) for one in companies], ignore_conflicts=True
    )
