"""Tags, lists and companies of one contact."""

from collections.abc import Callable

from contacts.models import Company, CompanyContact, Contact, ContactList, ContactTag, ListMember, Tag
from kernel.extensions import Extensions

MERGE_FOLLOWERS: Extensions[Callable[..., None]] = Extensions(
    "tag merges",
    "Called where a tag is merged into another one: (workspace id, tag id, id of the tag that stays; gone=whether the "
    "first one is deleted now). Whoever refers to tags by id means the second one from then on.",
)


def follow(workspace_id: int, tag_id: int, into_id: int, *, gone: bool) -> None:
    for follow_tag in MERGE_FOLLOWERS:
        follow_tag(workspace_id, tag_id, into_id, gone=gone)


def made(name: str) -> Tag:
    """The tag with this name; one in the trash stays there."""
    return Tag.objects.get_or_create(name=name, deleted_at=None)[0]


def named(names: list[str]) -> list[Tag]:
    """The tags with these names, made where they are missing."""
    found = {tag.name: tag for tag in Tag.objects.present().filter(name__in=names)}
    return [found.get(name) or made(name) for name in names]


def retag(contact: Contact, names: list[str]) -> None:
    """The contact bears exactly these tags, beside those in the trash."""
    tags = named(names)
    ContactTag.objects.filter(contact=contact, tag__deleted_at=None).exclude(tag__in=tags).delete()
    ContactTag.objects.bulk_create([ContactTag(contact=contact, tag=tag) for tag in tags], ignore_conflicts=True)


def relist(contact: Contact, lists: list[ContactList]) -> None:
    """The contact is on exactly these lists. Deleted lists keep their people, for they have them when restored."""
    ListMember.objects.filter(contact=contact, contact_list__deleted_at=None).exclude(contact_list__in=lists).delete()
    ListMember.objects.bulk_create(
        [ListMember(contact=contact, contact_list=one) for one in lists], ignore_conflicts=True
    )


def attach(contact: Contact, companies: list[Company]) -> None:
    """The contact acts for exactly these companies; who did before keeps the role."""
    CompanyContact.objects.filter(contact=contact, company__deleted_at=None).exclude(company__in=companies).delete()
    CompanyContact.objects.bulk_create(
        [CompanyContact(contact=contact, company=one) for one in companies], ignore_conflicts=True
    )
