"""Tags on contacts."""

from contacts.models import Contact, ContactTag, Tag


def named(names: list[str]) -> list[Tag]:
    """The tags with these names, made where they are missing."""
    return [Tag.objects.get_or_create(name=name)[0] for name in names]


def retag(contact: Contact, names: list[str]) -> None:
    """The contact bears exactly these tags."""
    tags = named(names)
    ContactTag.objects.filter(contact=contact).exclude(tag__in=tags).delete()
    ContactTag.objects.bulk_create([ContactTag(contact=contact, tag=tag) for tag in tags], ignore_conflicts=True)
