"""Choices of time zones for forms."""

import zoneinfo
from functools import cache


@cache
def zone_choices() -> list[tuple[str, str]]:
    """(name, label) of the IANA zones by city. Aliases without a slash are left out, except UTC."""
    names = sorted(
        name for name in zoneinfo.available_timezones() if "/" in name and not name.startswith(("Etc", "posix"))
    )
    return [("UTC", "UTC"), *((name, name.replace("_", " ")) for name in names)]
