"""Time zones for forms: in the reader's language, by country (Unicode CLDR, through Babel)."""

from __future__ import annotations

import zoneinfo
from datetime import datetime
from functools import cache, lru_cache

from babel import Locale
from babel.core import get_global
from django.conf import settings
from django.utils import timezone
from django.utils.translation import get_language

from accounts import countries
from kernel import words

# Other names begin with a country ("US/Eastern") or are Australia's states.
_REGIONS = {"Africa", "America", "Asia", "Atlantic", "Europe", "Indian", "Pacific"}


def zone_choices(chosen: str = "") -> list[tuple[str, str]]:
    """(IANA name, label) of each zone, by country and city: ("Europe/Paris", "France – Paris (UTC+01:00)"). With the
    one that is `chosen` already, whatever its name."""
    hour = timezone.now().replace(minute=0, second=0, microsecond=0)
    found = list(_choices((get_language() or "en")[:2], hour))
    if chosen and chosen not in dict(found):
        found.append((chosen, chosen.replace("_", " ")))
    return found


def zones_of(country: str) -> list[str]:
    """The IANA names of the zones of a country (ISO 3166 code), each once."""
    return [name for name, code in get_global("zone_territories").items() if code == country]


@lru_cache(maxsize=2 * len(settings.LANGUAGES))  # a tenth of a second, for each language and hour
def _choices(language: str, hour: datetime) -> list[tuple[str, str]]:
    return [(name, f"{label} ({_offset(name, hour)})") for name, label in _labels(language)]


@cache
def _labels(language: str) -> list[tuple[str, str]]:
    names, cities = countries.names_in(language), Locale(language).time_zones
    found: dict[str, str] = {}  # an alias that is only another spelling of the city has the same label
    for name, code in _countries_of_zones().items():
        if code in names:
            city = cities.get(name, {}).get("city") or name.rpartition("/")[2].replace("_", " ")
            found.setdefault(f"{names[code]} – {city}", name)
    pairs = sorted(found.items(), key=lambda pair: words.fold(pair[0]))
    return [*((name, label) for label, name in pairs), ("UTC", "UTC")]


@cache
def _countries_of_zones() -> dict[str, str]:
    """The ISO 3166 code of each zone's country. Aliases are in it where they name another city of the zone: people in
    Montréal look for it, and not for Toronto."""
    codes = dict(get_global("zone_territories"))
    for alias, name in get_global("zone_aliases").items():
        if name in codes and alias.partition("/")[0] in _REGIONS:
            codes[alias] = codes[name]
    available = zoneinfo.available_timezones()
    return {name: code for name, code in codes.items() if name in available}


def _offset(name: str, now: datetime) -> str:
    offset = now.astimezone(zoneinfo.ZoneInfo(name)).strftime("%z")
    return f"UTC{offset[:3]}:{offset[3:5]}"
