"""The other contacts with a phone number. Colleagues and families share one, so it says little about who is the same
person."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import ngettext

from contacts.groups import capped_counts
from contacts.models import Contact

SHOWN = 5


@dataclass(frozen=True)
class Others:
    """The first SHOWN of the others, and how many there are (up to a bound, `more`: whether there are more)."""

    phone: str
    first: list[Contact]
    count: int
    more: bool

    @property
    def sentence(self) -> str:
        text = ngettext("%(n)s other contact has this number.", "%(n)s other contacts have this number.", self.count)
        return text % {"n": f"{self.count}{'+' if self.more else ''}"}


def others(phone: str | None, *, besides: int | None = None) -> Others | None:
    """The contacts with this number that are not deleted, without the one with the id `besides`; None where nobody has
    it."""
    if not phone:
        return None
    first = [other for other in Contact.objects.first_with([phone], most=SHOWN + 1)[phone] if other.pk != besides][
        :SHOWN
    ]
    if not first:
        return None
    if len(first) < SHOWN:
        return Others(phone, first, len(first), more=False)
    found = Contact.objects.present().filter(phone=phone).exclude(pk=besides or 0)
    return Others(phone, first, *capped_counts.count(found))
