"""The instants that a rule means in a zone, summer time included.

A job at a set time runs once a day: where the clock jumps over its time it runs right after the
jump, and where the time comes twice it runs the first time. A job that follows the clock (its
minute or hour is a star) runs whenever the clock says so: not in a gap, and in both passes.
"""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from itertools import islice

from quintet.platform.schedule.cron import Cron

# February 29th may be eight years away, around 1900 or 2100.
_HORIZON_DAYS = 366 * 8 + 2
_DAY = timedelta(days=1)
_SECOND = timedelta(seconds=1)


def next_slot(cron: Cron, after: datetime, zone: tzinfo) -> datetime | None:
    """The first instant after this one, in UTC; None where the calendar ends before."""
    return next(_later(cron, after.astimezone(UTC), zone), None)


def next_slots(cron: Cron, after: datetime, zone: tzinfo, count: int) -> list[datetime]:
    """The next instants in their order."""
    return list(islice(_later(cron, after.astimezone(UTC), zone), count))


def last_slots(
    cron: Cron, since: datetime, until: datetime, zone: tzinfo, count: int
) -> list[datetime]:
    """The last instants in (since, until], at most so many, in their order."""
    since, until = since.astimezone(UTC), until.astimezone(UTC)
    if since >= until:
        return []
    day = _local_day(until, zone) + _DAY
    first = max(_local_day(since, zone) - _DAY, day - _DAY * _HORIZON_DAYS)
    found: set[datetime] = set()
    while day >= first and len(found) <= count + 2 * 60:
        found |= {slot for slot in _slots_on(cron, day, zone) if since < slot <= until}
        day -= _DAY
    return sorted(found)[-count:]


def _later(cron: Cron, after: datetime, zone: tzinfo) -> Iterator[datetime]:
    # A clock set back over midnight puts instants of one day among those of its neighbours.
    day = _local_day(after, zone) - _DAY
    waiting: set[datetime] = set()
    for _ in range(_HORIZON_DAYS):
        fresh = {slot for slot in _slots_on(cron, day, zone) if slot > after}
        earliest = min(fresh, default=None)
        ripe = sorted(slot for slot in waiting if earliest is None or slot < earliest)
        yield from ripe
        after = ripe[-1] if ripe else after
        waiting = (waiting - set(ripe)) | fresh
        if day > date.max - 3 * _DAY:
            break
        day += _DAY
    yield from sorted(waiting)


def _local_day(moment: datetime, zone: tzinfo) -> date:
    try:
        day = moment.astimezone(zone).date()
    except OverflowError:
        day = moment.date()
    return min(max(day, date.min + 3 * _DAY), date.max - 3 * _DAY)


def _slots_on(cron: Cron, day: date, zone: tzinfo) -> set[datetime]:
    if not cron.is_on(day):
        return set()
    found: set[datetime] = set()
    for hour in cron.hour.values:
        start = datetime.combine(day, time(hour))
        walls = [start + timedelta(minutes=minute) for minute in cron.minute.values]
        offset = _steady_offset(start, zone)
        if offset is None:
            found.update(slot for wall in walls for slot in _instants(wall, cron, zone))
        else:
            found.update((wall - offset).replace(tzinfo=UTC) for wall in walls)
    return found


def _steady_offset(start: datetime, zone: tzinfo) -> timedelta | None:
    """The offset through the hour that begins here, if no clock is changed in it: nearly always."""
    ends = (start, start + timedelta(hours=1))
    offsets = {end.replace(tzinfo=zone, fold=fold).utcoffset() for end in ends for fold in (0, 1)}
    return offsets.pop() if len(offsets) == 1 else None


def _instants(wall: datetime, cron: Cron, zone: tzinfo) -> tuple[datetime, ...]:
    early, late = (wall.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (0, 1))
    if early == late:
        return (early,)
    if early < late:
        return (early, late) if cron.follows_the_clock else (early,)
    return () if cron.follows_the_clock else (_jump(late, early, zone),)


def _jump(before: datetime, after: datetime, zone: tzinfo) -> datetime:
    """The instant between these two at which the clock jumped."""
    offset = before.astimezone(zone).utcoffset()
    while after - before > _SECOND:
        middle = before + (after - before) // 2
        if middle.astimezone(zone).utcoffset() == offset:
            before = middle
        else:
            after = middle
    return after.replace(microsecond=0)
