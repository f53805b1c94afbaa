"""Who is exported, as data in Export.scope: {"audience": ...} as a campaign's, or {"filters": ...} of the list page."""

from __future__ import annotations

from django.db.models import Q

from contacts.audience import Audience
from contacts.models import Contact

#: Nobody is left out of an export for having been silent.
EVERYONE = {"with_inactive": True}


def condition(data: dict) -> tuple[str, dict]:
    """A condition on `c` (contacts_contact) with its parameters, made in the active scope; the caller names the
    workspace beside it. Raises ValueError where the choice can't be used."""
    if "filters" in data:
        return _as_condition(_filtered(data["filters"]))
    return Audience.read(data.get("audience") or EVERYONE).sql()


def _filtered(filters: dict):
    """The contacts that the list page shows with these filters."""
    status, words = filters.get("status"), filters.get("q")
    contacts = Contact.objects.deleted() if status == "deleted" else Contact.objects.present()
    if status in Contact.Status.values:
        contacts = contacts.filter(status=status)
    if filters.get("tag"):
        contacts = contacts.tagged(int(filters["tag"]))
    if filters.get("list"):
        contacts = contacts.listed(int(filters["list"]))
    return contacts.filter(_beginning_with(words)) if words else contacts


def _beginning_with(words: str) -> Q:
    text = " ".join(words.lower().replace("\0", "").split())[:120]
    fields = ["email", "first_key", "last_key"]
    found = Q()
    for field in fields:
        found |= _range(field, text)
    first, _, second = text.partition(" ")
    if second:
        found |= _range("first_key", second) & Q(last_key=first) | _range("last_key", second) & Q(first_key=first)
    return found


def _range(field: str, prefix: str) -> Q:
    return Q(**{f"{field}__gte": prefix, f"{field}__lt": prefix + "\U0010ffff"})


def _as_condition(contacts) -> tuple[str, dict]:
    sql, values = contacts.order_by().values("pk").query.sql_with_params()
    names = [f"filter_{n}" for n in range(len(values))]
    named = sql % tuple(f"%({name})s" for name in names)
    return f"c.id IN ({named})", dict(zip(names, values, strict=True))
