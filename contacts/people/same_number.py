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
    found = Contact.objects.present().filter(phone=phone).exclude(pk=besides or 0)
    first = list(found.order_by("deleted_at", "pk")[:SHOWN])
    if not first:
        return None
    count, more = (len(first), False) if len(first) < SHOWN else capped_counts.count(found)
    return Others(phone, first, count, more)
