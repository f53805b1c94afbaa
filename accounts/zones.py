"""Time zones to choose from."""

import zoneinfo
from functools import cache


@cache
def zone_choices() -> list[tuple[str, str]]:
    """IANA zones by city; the aliases without a slash are left out, UTC is kept."""
    names = sorted(
        name for name in zoneinfo.available_timezones() if "/" in name and not name.startswith(("Etc", "posix"))
    )
    return [("UTC", "UTC"), *((name, name.replace("_", " ")) for name in names)]
