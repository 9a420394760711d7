"""A day as it will be: what happens, what collides, what time is left, what is overdue."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo
from itertools import combinations

from quintet.engines.life.item import Item, ItemKind, Status
from quintet.engines.life.moments import Span, Wall, day_span, instant, is_day
from quintet.engines.life.recurrence import excluded_keys, is_replaced, occurrences

_FAR = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Hours:
    """Between which hours free time is shown, and from which length on."""

    start: time
    end: time
    shortest: timedelta


@dataclass(frozen=True, slots=True)
class Entry:
    """One happening of an item."""

    item: Item
    starts: Wall
    span: Span

    @property
    def is_all_day(self) -> bool:
        return is_day(self.starts)

    @property
    def takes_time(self) -> bool:
        is_open = self.item.status is Status.OPEN and self.item.kind is ItemKind.EVENT
        return is_open and not self.is_all_day and self.span.start < self.span.end


@dataclass(frozen=True, slots=True)
class Conflict:
    """Two entries that want the same time."""

    first: Entry
    second: Entry

    @property
    def span(self) -> Span:
        start = max(self.first.span.start, self.second.span.start)
        return Span(start, min(self.first.span.end, self.second.span.end))


@dataclass(frozen=True, slots=True)
class Day:
    """Everything about one day."""

    date: date
    entries: tuple[Entry, ...]
    conflicts: tuple[Conflict, ...]
    free: tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class Brief:
    """Today, tomorrow, and what should have been done by now."""

    today: Day
    tomorrow: Day
    overdue: tuple[Item, ...]


def brief_of(items: Sequence[Item], now: datetime, zone: tzinfo, hours: Hours) -> Brief:
    """What these items say about the day of `now` and the next, to someone in this zone."""
    today = now.astimezone(zone).date()
    return Brief(
        _day(items, today, zone, hours, now),
        _day(items, today + timedelta(days=1), zone, hours, now),
        tuple(_overdue(items, now, zone)),
    )


def wanted_window(now: datetime, zone: tzinfo) -> Span:
    """What a brief looks at, and a day more on both sides."""
    today = now.astimezone(zone).date()
    return Span(day_span(today, zone).start - _FAR, day_span(today + _FAR, zone).end + _FAR)


def _day(items: Sequence[Item], day: date, zone: tzinfo, hours: Hours, now: datetime) -> Day:
    entries = sorted(_entries(items, day_span(day, zone), zone), key=_order)
    busy = [entry for entry in entries if entry.takes_time]
    conflicts = [Conflict(a, b) for a, b in combinations(busy, 2) if a.span.overlaps(b.span)]
    start, end = _open_hours(day, zone, hours, now)
    free = _free(busy, start, end, hours.shortest)
    return Day(day, tuple(entries), tuple(conflicts), tuple(free))


def _entries(items: Sequence[Item], window: Span, zone: tzinfo) -> Iterator[Entry]:
    replaced: defaultdict[str, set[str]] = defaultdict(set)
    excluded: defaultdict[str, set[str]] = defaultdict(set)
    for item in items:
        if item.occurrence:
            replaced[item.uid].add(item.occurrence)
        elif item.rule is not None:
            excluded[item.uid] |= excluded_keys(item.rule, item.clock_zone(zone))
    for item in items:
        # An occurrence that was first changed and later deleted is still there as a changed one.
        is_gone = item.occurrence in excluded[item.uid]
        if is_gone or item.status in (Status.CANCELLED, Status.DONE):
            continue
        for wall, span in occurrences(item, window, zone):
            own_zone = item.clock_zone(zone)
            if item.occurrence or not is_replaced(wall, own_zone, replaced[item.uid]):
                yield Entry(item, wall, span)


def _order(entry: Entry) -> tuple[bool, datetime, datetime, str, str]:
    span = entry.span
    return (not entry.is_all_day, span.start, span.end, entry.item.title, entry.item.id)


def _open_hours(day: date, zone: tzinfo, hours: Hours, now: datetime) -> tuple[datetime, datetime]:
    """From when until when a day has time to give; what is past has none."""
    start, end = (instant(datetime.combine(day, at), zone) for at in (hours.start, hours.end))
    return max(start, now.replace(second=0, microsecond=0)), end


def _free(
    busy: Iterable[Entry], at: datetime, end: datetime, shortest: timedelta
) -> Iterator[Span]:
    for entry in busy:
        gap = Span(at, min(entry.span.start, end))
        if gap.duration >= shortest:
            yield gap
        at = max(at, entry.span.end)
    if end - at >= shortest:
        yield Span(at, end)


def _overdue(items: Sequence[Item], now: datetime, zone: tzinfo) -> Iterator[Item]:
    """Open tasks whose day or time is over; one that is due today is not overdue yet."""
    late = [
        (span.end, item)
        for item in items
        if item.kind is ItemKind.TASK and item.status is Status.OPEN and item.rule is None
        if (span := item.span(zone)) is not None and span.end <= now and _is_past(item, now, zone)
    ]
    for _, item in sorted(late, key=lambda pair: (pair[0], pair[1].title, pair[1].id)):
        yield item


def _is_past(item: Item, now: datetime, zone: tzinfo) -> bool:
    assert item.starts is not None
    return not is_day(item.starts) or item.starts < now.astimezone(zone).date()
