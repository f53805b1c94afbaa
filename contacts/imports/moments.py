"""Reads points in time as programs and people write them into the columns about consent."""

from __future__ import annotations

import datetime as dt
import re
from typing import NamedTuple

from contacts.fields import values

# Before this, nobody sent newsletters: a date such as 0001-01-01 or 1970-01-01 is no date.
EARLIEST = dt.datetime(1990, 1, 1, tzinfo=dt.UTC)
_EPOCH = re.compile(r"1\d{9}(?:\d{3})?")
# As Go writes a time: 2021-05-06 07:08:09.123456 +0200 CEST.
_ZONE = re.compile(r" ([+-]\d{4})(?: [A-Z]{2,5})?$| UTC$")
_CLOCK = re.compile(r"(\d{1,2}):(\d{2})(?::(\d{2}))?")


class Moment(NamedTuple):
    """A point in time that a cell says. Of a cell without a time of day, `day` is what it says, and `at` no more than
    the day's beginning."""

    at: dt.datetime
    day: dt.date | None = None


def read_moment(text: str, *, day_first: bool, zone: dt.tzinfo = dt.UTC) -> Moment | None:
    """The point in time that a cell says: in UTC where it names no zone, but a day begins in `zone`. None if it is
    none, lies in the future or before 1990."""
    text = text.strip()
    found = _parse_moment(text, day_first, zone) if text else None
    if found is None or found.at < EARLIEST or found.at > dt.datetime.now(dt.UTC):
        return None
    return found


def is_date(text: str) -> bool:
    return any(_parse_moment(text.strip(), day_first, dt.UTC) for day_first in (True, False))


def _parse_moment(text: str, day_first: bool, zone: dt.tzinfo) -> Moment | None:
    if _EPOCH.fullmatch(text):
        return Moment(dt.datetime.fromtimestamp(int(text[:10]), dt.UTC))
    # A bare number such as 20240301 is read, too; one as short as a year is not.
    try:
        return _day(dt.date.fromisoformat(text), zone)
    except ValueError:
        pass
    try:
        exact = dt.datetime.fromisoformat(_ZONE.sub(lambda found: found[1] or "Z", text))
    except ValueError:
        pass
    else:
        return Moment(exact if exact.tzinfo else exact.replace(tzinfo=dt.UTC))
    try:
        day = dt.date.fromisoformat(str(values.read("date", text, day_first=day_first)))
    except (values.BadValue, ValueError):
        return None
    clock = _CLOCK.search(text)
    return _at_clock(day, clock, text) if clock else _day(day, zone)


def _day(day: dt.date, zone: dt.tzinfo) -> Moment:
    return Moment(dt.datetime.combine(day, dt.time.min, zone), day)


def _at_clock(day: dt.date, clock: re.Match, text: str) -> Moment | None:
    hour, minute, second = (int(part or 0) for part in clock.groups())
    if "pm" in text.lower() and hour < 12:
        hour += 12
    try:
        return Moment(dt.datetime(day.year, day.month, day.day, hour, minute, second, tzinfo=dt.UTC))
    except ValueError:
        return None
