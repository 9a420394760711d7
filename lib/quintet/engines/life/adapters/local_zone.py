"""Finds the zone that this machine lives in."""

from collections.abc import Mapping
from datetime import UTC, tzinfo
from pathlib import Path

from quintet.engines.life.moments import zone_named
from quintet.errors import UsageError

_LINK = Path("/etc/localtime")


def local_zone(wanted: str, env: Mapping[str, str], link: Path = _LINK) -> tzinfo:
    """The zone of the settings, else of TZ, else of the system, else UTC."""
    if wanted:
        zone = zone_named(wanted)
        if zone is None:
            raise UsageError(
                f"there is no time zone {wanted!r}",
                hint="ai config set life.time_zone Europe/Berlin",
            )
        return zone
    of_system = str(link.resolve()).partition("zoneinfo/")[2]
    for name in (env.get("TZ", "").lstrip(":"), of_system):
        zone = zone_named(name) if name else None
        if zone is not None:
            return zone
    return UTC
