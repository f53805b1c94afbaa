"""Reads the names of time zones that stand in a column beside the times, as PayPal and Square write them."""

from __future__ import annotations

import datetime as dt
import re
import zoneinfo
from functools import cache

from contacts.imports import headings

#: Minutes ahead of UTC. Only names that mean one zone to a merchant: CST is American, Chinese and Cuban.
_ABBREVIATIONS = {
    **{"z": 0, "utc": 0, "gmt": 0, "wet": 0, "west": 60, "cet": 60, "cest": 120, "eet": 120, "eest": 180},
    **{"mez": 60, "mesz": 120, "pst": -480, "pdt": -420, "mst": -420, "mdt": -360, "est": -300, "edt": -240},
    **{"akst": -540, "akdt": -480, "hst": -600, "jst": 540, "aest": 600, "aedt": 660, "nzst": 720, "nzdt": 780},
}
#: As Rails, and with it Square, calls zones of several cities: “Eastern Time (US & Canada)”.
_AMERICAN = {
    "easterntimeuscanada": "America/New_York",
    "centraltimeuscanada": "America/Chicago",
    "mountaintimeuscanada": "America/Denver",
    "pacifictimeuscanada": "America/Los_Angeles",
    "atlantictimecanada": "America/Halifax",
}
_OFFSET = re.compile(r"(?:UTC|GMT)? ?([-+\u2212])(\d{1,2})(?::?(\d{2}))?", re.IGNORECASE)


def zone_of(text: str) -> dt.tzinfo | None:
    """The zone of this name: America/New_York, Paris, CEST, GMT+02:00. None if it isn't known."""
    text = text.strip()
    if (minutes := _ABBREVIATIONS.get(text.lower())) is not None:
        return dt.timezone(dt.timedelta(minutes=minutes))
    if offset := _OFFSET.fullmatch(text):
        return _ahead(offset)
    name = headings.fold(text)
    key = _AMERICAN.get(name) or _keys().get(name)
    return zoneinfo.ZoneInfo(key) if key else None


def _ahead(offset: re.Match) -> dt.tzinfo | None:
    ahead = dt.timedelta(hours=int(offset[2]), minutes=int(offset[3] or 0))
    if ahead > dt.timedelta(hours=14):  # Kiribati's
        return None
    return dt.timezone(ahead if offset[1] == "+" else -ahead)


@cache
def _keys() -> dict[str, str]:
    """By folded name, the key of a zone: of the whole key, and of its city."""
    keys = sorted(key for key in zoneinfo.available_timezones() if "/" in key and not key.startswith("Etc/"))
    cities = {headings.fold(key.rsplit("/", 1)[1]): key for key in keys}
    return cities | {headings.fold(key): key for key in keys}
