"""Tags, lists and companies of one contact."""

from contacts.models import Company, CompanyContact, Contact, ContactList, ContactTag, ListMember, Tag

# Filled by higher apps: functions of (tag id, id of the tag it becomes part of) that mend what refers to tags by id.
merge_followers = []


def named(names: list[str]) -> list[Tag]:
    """The tags with these names, made where they are missing."""
    found = {tag.name: tag for tag in Tag.objects.filter(name__in=names)}
    return [found.get(name) or Tag.objects.get_or_create(name=name)[0] for name in names]


def retag(contact: Contact, names: list[str]) -> None:
    """The contact bears exactly these tags."""
    tags = named(names)
    ContactTag.objects.filter(contact=contact).exclude(tag__in=tags).delete()
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
