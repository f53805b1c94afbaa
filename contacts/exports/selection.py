"""Who is exported, as data in Export.scope: {"audience": ...} as a campaign's, or {"filters": ...} of the list page."""

from __future__ import annotations

from contacts.models import Contact
from contacts.people.filtering import ContactFilter
from contacts.segments.audience import Audience

#: Nobody is left out of an export for having been silent.
EVERYONE = {"with_inactive": True}


def condition(data: dict) -> tuple[str, dict]:
    """A condition on `c` (contacts_contact) with its parameters, made in the active scope; the caller names the
    workspace beside it. Raises ValueError where the choice can't be used."""
    if "filters" in data:
        return _as_condition(ContactFilter.of(data["filters"]).apply(Contact.objects.all()))
    return Audience.read(data.get("audience") or EVERYONE).sql()


def _as_condition(contacts) -> tuple[str, dict]:
    sql, values = contacts.order_by().values("pk").query.sql_with_params()
    names = [f"filter_{n}" for n in range(len(values))]
    named = sql % tuple(f"%({name})s" for name in names)
    return f"c.id IN ({named})", dict(zip(names, values, strict=True))
