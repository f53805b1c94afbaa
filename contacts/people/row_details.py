"""Tags, lists and companies of the contacts in a list, read for a whole page at once."""

from __future__ import annotations

from dataclasses import dataclass, field

from contacts.models import CompanyContact, Contact, ContactTag, ListMember

SHOWN = 4  # names shown beside a contact; the others are shown as a number


@dataclass
class RowDetails:
    """Names shown beside one contact. `places`: its companies, then its lists."""

    tags: list[str] = field(default_factory=list)
    places: list[str] = field(default_factory=list)

    @property
    def some_tags(self) -> list[str]:
        return self.tags[:SHOWN]

    @property
    def more_tags(self) -> int:
        return max(0, len(self.tags) - SHOWN)


def of(contacts: list[Contact]) -> dict[int, RowDetails]:
    """The details by contact id."""
    details = {contact.pk: RowDetails() for contact in contacts}
    tags = ContactTag.objects.filter(contact__in=contacts, tag__deleted_at=None).order_by("tag__name")
    for contact_id, name in tags.values_list("contact_id", "tag__name"):
        details[contact_id].tags.append(name)
    companies = CompanyContact.objects.filter(contact__in=contacts, company__deleted_at=None)
    for contact_id, name in companies.order_by("company__name_key").values_list("contact_id", "company__name"):
        details[contact_id].places.append(name)
    lists = ListMember.objects.filter(contact__in=contacts, contact_list__deleted_at=None)
    for contact_id, name in lists.order_by("contact_list__name").values_list("contact_id", "contact_list__name"):
        details[contact_id].places.append(name)
    return details
