"""The events of a workspace by name: how many there are, and when the last one was."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db import connection

from contacts.contact_events import limits
from contacts.groups import capped_counts
from contacts.models import EventName
from contacts.models.contact_event import BUILT_IN
from kernel.tenancy import require_workspace_id

# Both by the index of a name's events. The count ends at a bound, so the page costs the same for millions.
COUNTS = f"""
SELECT n.id, (SELECT count(*) FROM (SELECT FROM contacts_contactevent e WHERE e.workspace_id = %(ws)s
                                    AND e.name_id = n.id ORDER BY e.at LIMIT {capped_counts.MAX_COUNT + 1}) few),
       (SELECT e.at FROM contacts_contactevent e WHERE e.workspace_id = %(ws)s AND e.name_id = n.id
        ORDER BY e.at DESC LIMIT 1)
FROM unnest(%(ids)s::bigint[]) AS n (id)
"""  # noqa: S608  (a number of our own)


@dataclass(frozen=True)
class Counted:
    """An event's name with `size`, (number of events, whether there are more), and the time of the last one."""

    name: EventName
    size: tuple[int, bool]
    last_at: datetime | None

    @property
    def may_be_deleted(self) -> bool:
        """Whether nothing was recorded under this name of the merchant's own. A segment may still use it."""
        return self.last_at is None and self.name.name not in BUILT_IN

    @property
    def known_properties(self) -> int | None:
        """How many properties segments offer, where there may be more; None where they offer all."""
        known = len(self.name.properties)
        return known if known >= limits.MAX_KNOWN_PROPERTIES else None


def of_workspace() -> list[Counted]:
    """The events of the active workspace, those that happened last first. There are at most limits.MAX_NAMES
    and BUILT_IN."""
    names = {name.pk: name for name in EventName.objects.all()}
    with connection.cursor() as cursor:
        cursor.execute(COUNTS, {"ws": require_workspace_id(), "ids": list(names)})
        rows = cursor.fetchall()
    found = [Counted(names[pk], capped_counts.bounded(n), last_at) for pk, n, last_at in rows]
    return sorted(found, key=lambda one: (one.last_at is not None, one.last_at), reverse=True)
