"""The recipients of a batch: found, filtered, exported."""

from __future__ import annotations

import csv
import io
import tempfile

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from contacts.models import Contact
from contacts.people import searching
from delivery.models import Batch, Message
from delivery.models.message import reason_text
from kernel.csvfiles import safe_cell

PAGE = 50


def page(batch: Batch, *, words: str = "", state: str = "", after: int = 0) -> tuple[list[Message], int | None]:
    """(messages with their contacts, where the next page begins or None)."""
    messages = _chosen(batch, state)
    if words:
        found = [contact.pk for contact in searching.search(Contact.objects.all(), words)]
        return list(messages.filter(contact_id__in=found)[:PAGE]), None
    rows = list(messages.filter(contact_id__gt=after)[: PAGE + 1])
    return rows[:PAGE], rows[PAGE - 1].contact_id if len(rows) > PAGE else None


def export(batch: Batch, *, state: str = ""):
    """All of them as a CSV file, written to disk row by row: memory does not grow with the campaign."""
    file = tempfile.TemporaryFile()  # noqa: SIM115  (the response closes it)
    text = io.TextIOWrapper(file, "utf-8-sig", newline="", write_through=True)
    writer = csv.writer(text)
    writer.writerow(
        [
            *(_("E-mail"), _("First name"), _("Last name"), _("State"), _("Reason")),
            *(pgettext("column", "Sent"), pgettext("column", "Opened"), pgettext("column", "Clicked")),
        ]
    )
    for message in _chosen(batch, state).iterator(chunk_size=2000):
        contact = message.contact
        row = [contact.email, contact.first_name, contact.last_name, message.get_state_display()]
        row += [reason_text(message.reason), message.settled_at if message.state == 1 else ""]
        row += [message.opened_at or "", message.clicked_at or ""]
        writer.writerow([safe_cell(cell) for cell in row])
    text.flush()
    text.detach()
    file.seek(0)
    return file


def _chosen(batch: Batch, state: str):
    messages = Message.objects.filter(batch=batch).select_related("contact").order_by("contact_id")
    if state == "opened":
        return messages.filter(opened_at__isnull=False)
    if state == "clicked":
        return messages.filter(clicked_at__isnull=False)
    if state.isdigit() and int(state) in Message.State.values:
        return messages.filter(state=int(state))
    return messages
