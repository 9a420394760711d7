"""Reads an iCalendar file as far as it makes sense, and says of the rest why it does not.

One broken component must not lose the others, an unknown zone must not shift an event silently,
and no file may take more than its share of memory.
"""

import re
import warnings
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta, tzinfo
from typing import Any, cast

from quintet.engines.life.found import Found, Skipped, SourceUnreadable
from quintet.engines.life.item import Item, ItemKind, Rule, Source, Status, identity
from quintet.engines.life.moments import Wall, instant, is_day, like_zone, zone_named
from quintet.engines.life.recurrence import RuleInvalid, check_rule, occurrence_key
from quintet.platform.crypto import digest_hex

_KINDS = {"VEVENT": ItemKind.EVENT, "VTODO": ItemKind.TASK, "VJOURNAL": ItemKind.NOTE}
_TEXT_LIMIT = 1000
# What the parser raises on input that nobody thought of.
_FAILURES = (
    *(ValueError, TypeError, AttributeError, LookupError),
    *(ArithmeticError, AssertionError, RecursionError),
)
_BLOCK = re.compile(rb"^BEGIN:(VEVENT|VTODO|VJOURNAL)\r?$.*?^END:\1\r?$", re.DOTALL | re.MULTILINE)


def read_calendar(data: bytes, name: str, local: tzinfo) -> Found:
    """The items of a calendar; `local` is where times without a zone are meant."""
    if b"BEGIN:VCALENDAR" not in data.upper():
        raise SourceUnreadable(f"{name} is no calendar", why="it has no line BEGIN:VCALENDAR")
    with warnings.catch_warnings():
        # What the parser remarks on goes to nobody here; what matters is in `skipped`.
        warnings.simplefilter("ignore")
        return _read(data, Source(name, digest=digest_hex(data)), _Zones(local))


def _read(data: bytes, source: Source, zones: "_Zones") -> Found:
    items: list[Item] = []
    skipped: list[Skipped] = []
    for index, component, feed_zone in _components(data, skipped):
        reader = _Reader(component, replace(source, index=index), zones, feed_zone)
        try:
            items.append(reader.item())
        except _FAILURES as error:
            why = str(error) or type(error).__name__
            skipped.append(Skipped(index, reader.title(), why, is_lost=True))
        skipped += [Skipped(index, reader.title(), why) for why in reader.reservations]
    return Found(source, tuple(items), tuple(skipped))


def _components(data: bytes, skipped: list[Skipped]) -> Iterator[tuple[int, Any, str]]:
    """Whole calendars at once; when that fails, one component after the other.

    With each comes its number and the zone in which its feed means times that name none.
    """
    from icalendar import Calendar

    text = data.removeprefix(b"\xef\xbb\xbf")
    if not text.rstrip().upper().endswith(b"END:VCALENDAR"):
        skipped.append(
            Skipped(0, "", "the file breaks off, or goes on after its end", is_lost=True)
        )
        yield from _one_by_one(text, skipped)
        return
    try:
        calendars: Any = Calendar.from_ical(text, multiple=True)
        found = [
            (component, str(calendar.get("X-WR-TIMEZONE", "")))
            for calendar in calendars
            for component in calendar.walk()
            if component.name in _KINDS
        ]
    except _FAILURES:
        yield from _one_by_one(text, skipped)
        return
    for index, (component, zone) in enumerate(found, start=1):
        yield index, component, zone


def _one_by_one(data: bytes, skipped: list[Skipped]) -> Iterator[tuple[int, Any, str]]:
    from icalendar import Calendar

    for index, block in enumerate(_BLOCK.finditer(data), start=1):
        whole = b"BEGIN:VCALENDAR\r\n" + block[0] + b"\r\nEND:VCALENDAR\r\n"
        try:
            calendar: Any = Calendar.from_ical(whole)
        except _FAILURES as error:
            why = f"it cannot be read: {error}"[:200]
            skipped.append(Skipped(index, "", why, is_lost=True))
        else:
            yield from ((index, component, "") for component in calendar.subcomponents)


@dataclass(slots=True)
class _Zones:
    """The zones of one file; what it defines itself is recognised once."""

    local: tzinfo
    _known: dict[str, str] = field(default_factory=dict[str, str])

    def alike(self, name: str, moment: datetime) -> str:
        """The name of a known zone with the same clock, or nothing."""
        if name not in self._known and moment.tzinfo is not None:
            year = min(max(moment.year, 1970), 2100)
            self._known[name] = like_zone(moment.tzinfo, self.local, year)
        return self._known.get(name, "")


@dataclass(slots=True)
class _Reader:
    """Turns one component into an item and remembers what was odd about it."""

    component: Any
    source: Source
    zones: _Zones
    feed_zone: str
    reservations: list[str] = field(default_factory=list[str])

    def item(self) -> Item:
        component = self.component
        kind = _KINDS[component.name]
        zone, starts, ends = self._times(kind)
        uid = self._text("UID")
        digest = digest_hex(component.to_ical())
        place_of_start = zone_named(zone) or self.zones.local
        replaced = self._one("RECURRENCE-ID")
        occurrence = self._occurrence(replaced, zone, starts) if replaced is not None else ""
        item = Item(
            id=identity(uid or digest, occurrence),
            kind=kind,
            title=self.title(),
            source=self.source,
            starts=starts,
            ends=ends,
            zone=zone,
            place=self._text("LOCATION"),
            uid=uid,
            occurrence=occurrence,
            status=self._status(),
            sequence=int(self._one("SEQUENCE") or 0),
            digest=digest,
        )
        item.span(self.zones.local)
        if starts is None or replaced is not None:
            return item
        return replace(item, rule=self._rule(starts, place_of_start))

    def title(self) -> str:
        return self._text("SUMMARY") or "(no title)"

    def reserve(self, why: str) -> None:
        self.reservations.append(why)

    def _text(self, name: str) -> str:
        return " ".join(str(self._one(name) or "").split())[:_TEXT_LIMIT]

    def _one(self, name: str) -> Any:
        """A property that must stand once; where it stands several times, the first."""
        return next(iter(_listed(self.component.get(name))), None)

    def _times(self, kind: ItemKind) -> tuple[str, Wall | None, Wall | None]:
        start = self._one("DTSTART")
        end = self._one("DUE" if kind is ItemKind.TASK else "DTEND")
        if kind is ItemKind.TASK:
            start = end or start
        if start is None:
            if kind is ItemKind.EVENT:
                raise ValueError("it has no start")
            return "", None, None
        starts, zone = self._wall(start)
        return zone, starts, self._end(starts, zone, end)

    def _end(self, starts: Wall, zone: str, end: Any) -> Wall | None:
        duration = self._one("DURATION")
        if end is not None:
            ends = self._in_zone(*self._wall(end), zone)
        elif duration is not None:
            ends = starts + duration.dt
        else:
            return None
        if is_day(ends) != is_day(starts):
            self.reserve("its end is a day and its start a time, or the reverse: taken as no end")
            return None
        if ends < starts:
            self.reserve("it ends before it begins: taken as no end")
            return None
        return ends

    def _wall(self, value: Any) -> tuple[Wall, str]:
        """The wall time and the name of its zone, if that is one that every machine knows."""
        moment: Any = value.dt
        if not isinstance(moment, datetime):
            if not isinstance(moment, date):
                raise ValueError("a period stands where a time should be")
            return moment, ""
        if moment.tzinfo is None:
            return moment, self._floating_zone(value)
        name = str(getattr(moment.tzinfo, "key", "") or "")
        if moment.utcoffset() == timedelta() and name in ("", "UTC"):
            return moment.replace(tzinfo=None), "UTC"
        if zone_named(name) is None:
            name = self.zones.alike(str(value.params.get("TZID", "")), moment)
        if name:
            return moment.replace(tzinfo=None), name
        return moment.astimezone(UTC).replace(tzinfo=None), "UTC"

    def _floating_zone(self, value: Any) -> str:
        named = str(value.params.get("TZID", ""))
        if named:
            self.reserve(f"its zone {named[:60]!r} is unknown: taken as your local time")
            return ""
        return self.feed_zone if zone_named(self.feed_zone) is not None else ""

    def _in_zone(self, wall: Wall, zone: str, wanted: str) -> Wall:
        if zone == wanted or not isinstance(wall, datetime):
            return wall
        there, here = zone_named(zone) or self.zones.local, zone_named(wanted) or self.zones.local
        return instant(wall, there).astimezone(here).replace(tzinfo=None)

    def _occurrence(self, replaced: Any, zone: str, starts: Wall | None) -> str:
        """Which occurrence it replaces; that of whole days is a day however it is written."""
        if str(replaced.params.get("RANGE", "")).upper() == "THISANDFUTURE":
            self.reserve("it changes all later occurrences too: only this one was changed")
        wall, own_zone = self._wall(replaced)
        if isinstance(wall, datetime) and starts is not None and is_day(starts):
            return wall.date().isoformat()
        return occurrence_key(wall, zone_named(own_zone or zone) or self.zones.local)

    def _rule(self, starts: Wall, zone: tzinfo) -> Rule | None:
        rrules: list[str] = []
        for value in _listed(self.component.get("RRULE")):
            text = value.to_ical().decode()
            try:
                check_rule(text, starts, zone)
            except RuleInvalid as error:
                self.reserve(f"its rule {text[:80]} is left out: {error}")
            else:
                rrules.append(text)
        excluded = tuple(self._exceptions("EXDATE", zone))
        added = tuple(
            text for text in self._exceptions("RDATE", zone) if ("T" in text) != is_day(starts)
        )
        return Rule(tuple(rrules), excluded, added) if rrules or added else None

    def _exceptions(self, name: str, zone: tzinfo) -> Iterator[str]:
        """Days as they are, times on the wall clock of the series."""
        for group in _listed(self.component.get(name)):
            for value in group.dts:
                # A period says how long as well; what counts here is when it begins.
                said: Any = value.dt
                moment: date | datetime = said[0] if hasattr(said, "__len__") else said
                if isinstance(moment, datetime) and moment.tzinfo is not None:
                    moment = moment.astimezone(zone).replace(tzinfo=None)
                yield moment.isoformat()

    def _status(self) -> Status:
        said = self._text("STATUS").upper()
        if said == "CANCELLED":
            return Status.CANCELLED
        if said == "COMPLETED" or self.component.get("COMPLETED") is not None:
            return Status.DONE
        is_free = self._text("TRANSP").upper() == "TRANSPARENT"
        return Status.FREE if is_free else Status.OPEN


def _listed(value: Any) -> list[Any]:
    """A property that stands several times comes as a list, else alone."""
    if value is None:
        return []
    return cast("list[Any]", value) if isinstance(value, list) else [value]
