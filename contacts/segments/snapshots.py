"""Keep the people who are in a segment now as a list."""

from __future__ import annotations

from django.db import connections, transaction
from django.utils import formats, timezone
from django.utils.translation import gettext as _

from contacts.groups import free_names
from contacts.models import ContactChange, ContactList, Segment
from contacts.segments.audience import Audience, Groups
from kernel.causes import caused_by


def new_list(segment: Segment) -> ContactList:
    """An empty list, named after the segment and the day; with a number if that name is taken."""
    day = formats.date_format(timezone.localdate(), "SHORT_DATE_FORMAT")
    name = _("%(segment)s on %(day)s") % {"segment": segment.name[:90], "day": day}
    return free_names.make(ContactList, name)


def fill(segment: Segment, contact_list: ContactList) -> int:
    """Put everyone in the segment on the list. Returns how many were added.

    One statement on the engine connection, so the list shows one moment and is filled completely or not at all. When
    repeated, it adds people who have joined the segment since. Raises BadDefinition.
    """
    people = Audience(include=Groups(segments=(segment.pk,)), with_inactive=True)
    condition, params = people.sql()
    source = ContactChange.Source.SEGMENT
    with (
        transaction.atomic("engine"),
        connections["engine"].cursor() as cursor,
        caused_by(source, source_id=segment.pk, cursor=cursor),
    ):
        cursor.execute(
            "INSERT INTO contacts_listmember (workspace_id, contact_list_id, contact_id) "  # noqa: S608
            f"SELECT c.workspace_id, %(list)s, c.id FROM contacts_contact c "
            f"WHERE c.workspace_id = %(workspace)s AND {condition} ORDER BY c.id ON CONFLICT DO NOTHING",
            {**params, "list": contact_list.pk, "workspace": segment.workspace_id},
        )
        return cursor.rowcount
