"""Find and filter the recipients of a batch."""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.db.models import QuerySet
from django.utils import timezone

from contacts.models import Contact
from contacts.people import searching
from delivery.models import Batch, Message
from kernel import parameters

PAGE = 50


def page(batch: Batch, *, query: str = "", state: str = "", after: int = 0) -> tuple[list[Message], int | None]:
    """(messages with their contacts, the value of `after` for the next page or None).

    `query` searches contacts and gives one page only; `state` is a number of Message.State, "opened" or "clicked".
    """
    messages = _filtered(batch, state)
    if query:
        found = [contact.pk for contact in searching.search(Contact.objects.all(), query)]
        return list(messages.filter(contact_id__in=found)[:PAGE]), None
    rows = list(messages.filter(contact_id__gt=after)[: PAGE + 1])
    return rows[:PAGE], rows[PAGE - 1].contact_id if len(rows) > PAGE else None


def gone_after(batch: Batch) -> int:
    """The days for which messages are kept if this batch's may be gone already, else 0. Its counts stay."""
    days = settings.MESSAGE_DAYS
    return days if days and batch.created_at < timezone.now() - timedelta(days=days) else 0


def _filtered(batch: Batch, state: str) -> QuerySet[Message]:
    messages = Message.objects.filter(batch=batch).select_related("contact").order_by("contact_id")
    if state == "opened":
        return messages.filter(opened_at__isnull=False)
    if state == "clicked":
        return messages.filter(clicked_at__isnull=False)
    number = parameters.as_number(state)
    if number in Message.State.values:
        return messages.filter(state=number)
    return messages
