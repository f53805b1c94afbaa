"""Which contacts are exported, as data in Export.scope: {"audience": ...} as in a campaign, or {"filters": ...} as on
the list page."""

from __future__ import annotations

from django.db.models import QuerySet

from contacts.models import Contact
from contacts.people.filtering import ContactFilter
from contacts.segments.audience import Audience

#: An export also contains inactive contacts.
EVERYONE = {"with_inactive": True}


def condition(data: dict) -> tuple[str, dict]:
    """An SQL condition on `c` (contacts_contact) with its parameters, for the active scope. The caller adds the
    condition on the workspace. Raises ValueError if the selection can't be used."""
    if "filters" in data:
        return _as_condition(ContactFilter.of(data["filters"]).apply(Contact.objects.all()))
    return Audience.read(data.get("audience") or EVERYONE).sql()


def _as_condition(contacts: QuerySet[Contact]) -> tuple[str, dict]:
    sql, values = contacts.order_by().values("pk").query.sql_with_params()
    names = [f"filter_{n}" for n in range(len(values))]
    named = sql % tuple(f"%({name})s" for name in names)
    return f"c.id IN ({named})", dict(zip(names, values, strict=True))
