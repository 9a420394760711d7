"""The zone in which jobs run: the one of this machine, as its cron and service manager have it."""

from collections.abc import Mapping
from datetime import UTC, tzinfo
from pathlib import Path
from zoneinfo import ZoneInfo

_LOCALTIME = Path("/etc/localtime")


def machine_zone(env: Mapping[str, str], localtime: Path = _LOCALTIME) -> tzinfo:
    """TZ where it is set, else the machine's zone, else UTC."""
    named = _named(env.get("TZ", "").lstrip(":"))
    return named or system_zone(localtime) or UTC


def system_zone(localtime: Path = _LOCALTIME) -> tzinfo | None:
    """What the machine's services go by, whatever TZ says here."""
    try:
        named = _named(str(localtime.resolve()).partition("zoneinfo/")[2])
        if named:
            return named
        # Some machines keep a copy there and no link; its rules are right, only its name is lost.
        with localtime.open("rb") as stream:
            return ZoneInfo.from_file(stream, key=_of_timezone_file(localtime))
    except (OSError, ValueError):
        return None


def zone_name(zone: tzinfo) -> str:
    """The zone as a person is told."""
    return "UTC" if zone is UTC else str(getattr(zone, "key", None) or "the machine's zone")


def _named(name: str) -> tzinfo | None:
    if name in ("UTC", "Etc/UTC"):
        return UTC
    try:
        return ZoneInfo(name) if name else None
    except (OSError, ValueError, LookupError):
        return None


def _of_timezone_file(localtime: Path) -> str | None:
    try:
        return localtime.with_name("timezone").read_text("ascii").strip() or None
    except (OSError, ValueError):
        return None
