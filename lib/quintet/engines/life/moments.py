"""Times as people mean them: a day, or a wall clock in a zone; and the instants that they are.

Repetition happens on the wall clock: nine o'clock stays nine o'clock when the clocks change. So
times are kept as they were said, and become instants only to be compared.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import TypeAlias
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

# A day, or a time on a wall clock; never with a zone of its own.
Wall: TypeAlias = date | datetime


@dataclass(frozen=True, slots=True)
class Span:
    """From one instant to another, in UTC; the end is not part of it."""

    start: datetime
    end: datetime

    def overlaps(self, other: "Span") -> bool:
        return self.start < other.end and other.start < self.end

    @property
    def duration(self) -> timedelta:
        return self.end - self.start


def zone_named(name: str) -> tzinfo | None:
    """The zone, or None when this machine knows none of that name."""
    if name == "UTC":
        return UTC
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None


def instant(wall: Wall, zone: tzinfo) -> datetime:
    """The UTC instant of a wall time; a day begins at midnight. OverflowError outside the years."""
    if isinstance(wall, datetime):
        return wall.replace(tzinfo=zone).astimezone(UTC)
    return datetime.combine(wall, time(), zone).astimezone(UTC)


def like_zone(unknown: tzinfo, local: tzinfo, year: int) -> str:
    """The name of a zone whose clock shows the same as this one for three years, or nothing.

    Calendars define zones under names of their own; in nearly all cases it is a known one.
    """
    first = datetime(year, 1, 1)
    samples = [first + timedelta(days=9 * i, hours=i % 24) for i in range(120)]
    wanted = [(sample, sample.replace(tzinfo=unknown).utcoffset()) for sample in samples]
    for name in (str(local), *sorted(available_timezones())):
        zone = zone_named(name)
        if zone and all(s.replace(tzinfo=zone).utcoffset() == offset for s, offset in wanted):
            return name
    return ""


def is_day(wall: Wall) -> bool:
    return not isinstance(wall, datetime)


def parse_wall(text: str) -> Wall:
    return datetime.fromisoformat(text) if "T" in text else date.fromisoformat(text)


def midnight(day: date) -> datetime:
    """The wall time at which a day begins."""
    return datetime.combine(day, time())


def day_span(day: date, zone: tzinfo) -> Span:
    """A day where its owner is: 23, 24 or 25 hours."""
    return Span(instant(day, zone), instant(day + timedelta(days=1), zone))
