"""What an event may be. Everything that comes from outside is read here, and refused with one of REASONS."""

from __future__ import annotations

import json
import math
from datetime import UTC, datetime, timedelta
from decimal import Decimal, InvalidOperation
from functools import cache
from typing import Any

from django.conf import settings
from django.utils import timezone, translation
from django.utils.translation import gettext_lazy as _

from contacts.contact_events import currencies
from contacts.models.contact_event import BUILT_IN
from contacts.models.name_key import fold
from kernel.words import is_storable

MAX_NAMES = 100  # different names in a workspace, without those of BUILT_IN
MAX_NAME_LENGTH = 60
MAX_PROPERTIES = 50
MAX_PROPERTY_NAME_LENGTH = 60
MAX_KNOWN_PROPERTIES = 100  # of all events of a name: those that segments offer
MAX_DEPTH = 3  # of lists and objects in a property
MAX_SIZE = 8000  # bytes of all properties, as JSON
MAX_DIGITS, DECIMALS = 12, 4  # of a value, before and after the point
EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)
CLOCK_SKEW = timedelta(minutes=5)  # the clock of another system may be ahead of ours

REASONS = {
    "event_name": _("The name of the event is missing or too long."),
    "event_name_taken": _("This name is reserved for events that Fanfare records."),
    "event_names": _("There are too many different events. A workspace can have up to 100."),
    "event_time": _("The time can't be read."),
    "event_no_time": _("The time is missing."),
    "event_future": _("The time is in the future."),
    "event_old": _("The event is older than the time for which events are kept."),
    "event_value": _("The value is not a number that can be used."),
    "event_currency": _("The currency is missing or unknown. Use a code such as EUR."),
    "event_dollar": _("The amount has a $. Say which dollar it is as the currency of the amounts."),
    "event_properties": _("The properties are too many or too long."),
}


class BadEvent(ValueError):
    """Raised for an event that can't be recorded; the message is a key of REASONS."""


def name(text: str) -> str:
    """The name of an event, without superfluous spaces. Raises BadEvent."""
    cleaned = " ".join(str(text).split())
    if not cleaned or len(cleaned) > MAX_NAME_LENGTH or not is_storable(cleaned) or not cleaned.isprintable():
        raise BadEvent("event_name")
    if fold(cleaned) in _reserved():
        raise BadEvent("event_name_taken")
    return cleaned


@cache
def _reserved() -> frozenset[str]:
    """The names of Fanfare's own events, folded: their codes and what they are called in each language."""
    found = set(BUILT_IN)
    for code, _name in settings.LANGUAGES:
        with translation.override(code):
            found |= {fold(str(label)) for label in BUILT_IN.values()}
    return frozenset(found)


def time(at: datetime) -> datetime:
    """The time, if events of then are recorded. It must know its zone. Raises BadEvent."""
    if at.tzinfo is None:
        raise ValueError("The time of an event needs a time zone.")
    now = timezone.now()
    if at > now + CLOCK_SKEW:
        raise BadEvent("event_future")
    if at < EARLIEST or (settings.EVENT_DAYS and at < now - timedelta(days=settings.EVENT_DAYS)):
        raise BadEvent("event_old")
    return at


def value(amount: Decimal | int | float | str | None, currency: str) -> tuple[Decimal | None, str]:
    """(amount with 4 decimals, currency in capitals); (None, "") without an amount. Negative amounts are refunds.
    Raises BadEvent."""
    if amount is None:
        return None, ""
    try:
        number = Decimal(str(amount))
    except InvalidOperation:
        raise BadEvent("event_value") from None
    if not number.is_finite() or number.adjusted() > MAX_DIGITS:
        raise BadEvent("event_value")
    rounded = round(number, DECIMALS) + Decimal(0)  # adding zero: no -0
    if abs(rounded) >= Decimal(10) ** MAX_DIGITS:
        raise BadEvent("event_value")
    code = currency.strip().upper()
    if code not in currencies.in_use():
        raise BadEvent("event_currency")
    return rounded, code


def properties(given: dict[str, Any]) -> dict[str, Any]:
    """The properties, if they are neither too many, too long nor nested too deep. Raises BadEvent."""
    if len(given) > MAX_PROPERTIES or not all(_is_property(name) for name in given):
        raise BadEvent("event_properties")
    for one in given.values():
        _check(one, MAX_DEPTH)
    if len(json.dumps(given, ensure_ascii=False).encode()) > MAX_SIZE:
        raise BadEvent("event_properties")
    return given


def _is_property(name: Any) -> bool:
    return isinstance(name, str) and 0 < len(name) <= MAX_PROPERTY_NAME_LENGTH and is_storable(name)


def _check(one: Any, levels: int) -> None:
    """Raises BadEvent for what JSON or PostgreSQL can't hold, and for what is nested deeper than `levels`."""
    if isinstance(one, dict | list):
        if levels < 1 or (isinstance(one, dict) and not all(isinstance(key, str) and is_storable(key) for key in one)):
            raise BadEvent("event_properties")
        for inner in one.values() if isinstance(one, dict) else one:
            _check(inner, levels - 1)
    elif not _is_plain(one):
        raise BadEvent("event_properties")


def _is_plain(one: Any) -> bool:
    """Whether it is null or a text, number or truth that can be stored."""
    if isinstance(one, str):
        return is_storable(one)
    if isinstance(one, float):
        return math.isfinite(one)
    return one is None or (isinstance(one, int) and abs(one) < 2**63)
