"""When a series happens within a span of time.

The rules are expanded by dateutil on the wall clock of the series. What is added here is what
calendars in the wild need: an `UNTIL` in any of its forms, a start long ago without walking through
all the years since, and a limit on series that repeat without end or measure.
"""

import re
from collections.abc import Container, Iterator, Mapping
from datetime import UTC, datetime, timedelta, tzinfo
from itertools import islice
from typing import Any

from quintet.engines.life.item import Item, Rule
from quintet.engines.life.moments import Span, Wall, instant, is_day, midnight, parse_wall

_PERIODS = {"WEEKLY": timedelta(weeks=1), "DAILY": timedelta(days=1), "HOURLY": timedelta(hours=1)}
_TOO_OFTEN = ("MINUTELY", "SECONDLY")
_HOURLY_PARTS = {"FREQ", "INTERVAL", "COUNT", "UNTIL", "WKST", "BYDAY", "BYHOUR", "BYMINUTE"}
_PARTS = _HOURLY_PARTS | {
    *("BYSECOND", "BYMONTHDAY", "BYYEARDAY", "BYWEEKNO", "BYMONTH", "BYSETPOS"),
}
_PER_WINDOW = 1000
_DAY = timedelta(days=1)


class RuleInvalid(ValueError):
    """A rule that says nothing, or more than any calendar can hold; the message says why."""


class NeverHappens(ValueError):
    """A series that ends before it begins, which is how some programs delete one."""


def check_rule(rrule: str, starts: Wall, zone: tzinfo) -> None:
    """Raise `RuleInvalid` for a rule that cannot be expanded, `NeverHappens` for an empty one."""
    fields = _fields(rrule)
    if unknown := fields.keys() - _PARTS:
        raise RuleInvalid(f"{min(unknown)} is no part of a rule")
    if not re.fullmatch("0{0,5}[1-9][0-9]{0,4}", fields.get("INTERVAL", "1")):
        raise RuleInvalid("its interval is no number from 1 to 99999")
    if fields.get("FREQ") in _TOO_OFTEN:
        raise RuleInvalid("it repeats more often than every hour")
    # Such a rule may find nothing in millions of hours, and would be searched to the year 9999.
    if fields.get("FREQ") == "HOURLY" and not fields.keys() <= _HOURLY_PARTS:
        raise RuleInvalid("it repeats every hour, but only in some months or days")
    try:
        until = _until(fields.get("UNTIL", ""), zone)
        is_possible = _happens(rrule, starts, zone)
    except (ValueError, TypeError, LookupError, ArithmeticError, AttributeError) as error:
        raise RuleInvalid(str(error) or "it is not understood") from error
    if until is not None and until < _clock(starts):
        raise NeverHappens("its rule ends before it begins: it never happens")
    if not is_possible:
        raise RuleInvalid("it never happens")


def _happens(rrule: str, starts: Wall, zone: tzinfo) -> bool:
    """Whether there is any day on which the rule holds.

    The calendar repeats itself after 400 years. A rule that finds nothing is searched to the year
    9999, so the search begins as late as it can.
    """
    start = _clock(starts)
    late = start.replace(year=start.year + max(0, (9599 - start.year) // 400 * 400))
    endless = ";".join(part for part in rrule.split(";") if not part.upper().startswith("UNTIL"))
    return next(_walls(endless, late, zone, None), None) is not None


def occurrences(item: Item, window: Span, local: tzinfo) -> Iterator[tuple[Wall, Span]]:
    """Each time that the item happens within the window, in order, at most a thousand times."""
    if item.starts is None:
        return
    if item.rule is None:
        span = item.span_from(item.starts, local)
        if _touches(span, window):
            yield item.starts, span
        return
    zone = local if is_day(item.starts) else item.clock_zone(local)
    found: dict[Wall, Span] = {}
    near = _wall_window(window, item.length(local))
    for wall in _candidates(item.starts, item.rule, near, zone):
        span = item.span_from(wall, local)
        if _touches(span, window) and not _is_excluded(wall, item.rule):
            found[wall] = span
    yield from sorted(found.items(), key=lambda pair: pair[1].start)


def occurrence_key(wall: Wall, zone: tzinfo) -> str:
    """How an occurrence is named by a row that replaces it: its day, or its instant."""
    return wall.isoformat() if is_day(wall) else instant(wall, zone).isoformat()


def excluded_keys(rule: Rule, zone: tzinfo) -> set[str]:
    """The exceptions of a series, named as the rows that replace occurrences name them."""
    return {occurrence_key(parse_wall(text), zone) for text in rule.excluded}


def is_replaced(wall: Wall, zone: tzinfo, replaced: Container[str]) -> bool:
    """Whether a row that replaces occurrences names this one, by its instant or by its day."""
    return occurrence_key(wall, zone) in replaced or _clock(wall).date().isoformat() in replaced


def _wall_window(window: Span, length: timedelta) -> tuple[datetime, datetime]:
    """Wide by a day on both sides: wall clocks and instants differ by less than that."""
    start, end = window.start.replace(tzinfo=None), window.end.replace(tzinfo=None)
    reach = min(length + _DAY, start - datetime.min)
    return start - reach, end + min(_DAY, datetime.max - end)


def _candidates(
    starts: Wall, rule: Rule, near: tuple[datetime, datetime], zone: tzinfo
) -> Iterator[Wall]:
    yield starts
    yield from (parse_wall(text) for text in rule.added)
    for rrule in rule.rrules:
        yield from islice(_walls(rrule, starts, zone, near), _PER_WINDOW)


def _walls(
    rrule: str, starts: Wall, zone: tzinfo, between: tuple[datetime, datetime] | None
) -> Iterator[Wall]:
    """The wall times that a rule names, all or those between two."""
    from dateutil.rrule import rrulestr

    fields = _fields(rrule)
    start = _clock(starts)
    until = _until(fields.pop("UNTIL", ""), zone)
    if between is not None:
        start = _later_start(start, fields, between[0])
    text = ";".join(f"{name}={value}" for name, value in fields.items())
    expanded: Any = rrulestr(text, dtstart=start)
    for wall in expanded:
        if (until is not None and wall > until) or (between is not None and wall > between[1]):
            return
        if between is None or wall >= between[0]:
            yield wall.date() if is_day(starts) else wall


def _clock(wall: Wall) -> datetime:
    return wall if isinstance(wall, datetime) else midnight(wall)


def _fields(rrule: str) -> dict[str, str]:
    parts = (part.partition("=") for part in rrule.upper().split(";") if part)
    fields = {name.strip(): value.strip() for name, _, value in parts}
    # Some programs write a count of none or less for a series without end.
    if re.fullmatch("0|-[0-9]+", fields.get("COUNT", "")):
        del fields["COUNT"]
    return fields


def _until(text: str, zone: tzinfo) -> datetime | None:
    """The last wall time that is still part of the series; a bare day counts to its end."""
    if not text:
        return None
    if "T" not in text:
        return datetime.strptime(text, "%Y%m%d") + _DAY - timedelta(microseconds=1)
    moment = datetime.strptime(text.removesuffix("Z"), "%Y%m%dT%H%M%S")
    if not text.endswith("Z"):
        return moment
    return moment.replace(tzinfo=UTC).astimezone(zone).replace(tzinfo=None)


def _later_start(start: datetime, fields: Mapping[str, str], first: datetime) -> datetime:
    """A start just before the window that gives the same times from there on.

    Steps of fixed length can be skipped in one; a rule that counts cannot.
    """
    period = _PERIODS.get(fields.get("FREQ", ""))
    if period is None or "COUNT" in fields or start >= first:
        return start
    stride = period * int(fields.get("INTERVAL", "1"))
    return start + max(0, (first - start) // stride - 1) * stride


def _is_excluded(wall: Wall, rule: Rule) -> bool:
    if wall.isoformat() in rule.excluded:
        return True
    return isinstance(wall, datetime) and wall.date().isoformat() in rule.excluded


def _touches(span: Span, window: Span) -> bool:
    """An event without length counts for the instant at which it is."""
    if span.start == span.end:
        return window.start <= span.start < window.end
    return span.overlaps(window)
