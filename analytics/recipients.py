"""Find and filter the recipients of a campaign's batches, batch by batch: a page reads a stretch of an index.

Whoever was tried again is listed where they were tried last.
"""

from __future__ import annotations

from datetime import timedelta
from itertools import chain, islice

from django.conf import settings
from django.db.models import BigIntegerField, CharField, Exists, Func, OuterRef, Q, QuerySet, Value
from django.db.models.functions import Cast
from django.utils import timezone

from contacts.models import Contact
from contacts.people import searching
from delivery.models import Batch, Message
from delivery.models.message import RETRIED
from kernel import parameters

PAGE = 50


Place = tuple[int, int]  # batch and contact, both by id: the last message of a page


def read_place(text: str) -> Place:
    """The place in "12-345"; the beginning where that is none."""
    batch, _dash, contact = text.partition("-")
    return parameters.as_number(batch) or 0, parameters.as_number(contact) or 0


def page(
    batches: list[Batch], *, query: str = "", state: str = "", after: Place = (0, 0)
) -> tuple[list[Message], str | None]:
    """(messages with their contacts, the value of `after` for the next page or None).

    `query` searches contacts and gives one page only; `state` is a number of Message.State, "opened" or "clicked".
    """
    if query:
        found = [contact.pk for contact in searching.search(Contact.objects.all(), query)]
        each = (_filtered(batch, state).filter(contact_id__in=found)[:PAGE] for batch in batches)
        return list(islice(chain.from_iterable(each), PAGE)), None
    rows: list[Message] = []
    for batch in batches:
        if batch.pk >= after[0] and len(rows) <= PAGE:
            beyond = after[1] if batch.pk == after[0] else 0
            rows += _filtered(batch, state).filter(contact_id__gt=beyond)[: PAGE + 1 - len(rows)]
    if len(rows) <= PAGE:
        return rows, None
    last = rows[PAGE - 1]
    return rows[:PAGE], f"{last.batch_id}-{last.contact_id}"


def gone_after(batches: list[Batch]) -> int:
    """The days for which messages are kept if some of these batches' may be gone already, else 0. Their counts stay."""
    days = settings.MESSAGE_DAYS
    oldest = min((batch.created_at for batch in batches), default=timezone.now())
    return days if days and oldest < timezone.now() - timedelta(days=days) else 0


def _filtered(batch: Batch, state: str) -> QuerySet[Message]:
    # The retry's id stands in the reason, so each message that was retried is looked up once.
    retry = Func(OuterRef("reason"), Value(rf"^{RETRIED}(\d+)$"), function="substring", output_field=CharField())
    again = Message.objects.filter(batch_id=Cast(retry, BigIntegerField()), contact_id=OuterRef("contact_id"))
    messages = Message.objects.filter(batch=batch).select_related("contact").order_by("contact_id")
    messages = messages.exclude(Q(reason__startswith=RETRIED) & Exists(again))
    if state == "opened":
        return messages.filter(opened_at__isnull=False)
    if state == "clicked":
        return messages.filter(clicked_at__isnull=False)
    number = parameters.as_number(state)
    if number in Message.State.values:
        return messages.filter(state=number)
    return messages
