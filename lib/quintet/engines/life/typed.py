"""Understands one typed line: `dentist tomorrow 15:00`, `pay rent 2026-12-01`, `idea: a bench`.

The grammar is small on purpose, and the answer says how the line was understood: a wrong guess that
is told can be corrected, a silent one is missed. With a time it is an event, with a day alone a
task that is due then, without either a note.
"""

import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from quintet.engines.life.item import ItemKind

_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_MONTHS = (
    *("january", "february", "march", "april", "may", "june"),
    *("july", "august", "september", "october", "november", "december"),
)
_WEEKDAY = "(" + "|".join(f"{day[:3]}(?:{day[3:]})?" for day in _WEEKDAYS) + ")"
_MONTH = "(" + "|".join(f"{month[:3]}(?:{month[3:]})?" for month in _MONTHS) + ")"
_LEAD = r"(?:\b(?:on|by|due|until|at|every)\s+)?"
_DAYS: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (name, re.compile(_LEAD + pattern, re.IGNORECASE))
    for name, pattern in (
        ("iso", r"\b(\d{4})-(\d{2})-(\d{2})\b"),
        ("relative", r"\b(today|tomorrow)\b"),
        ("ahead", r"\bin (\d{1,3}) (day|week)s?\b"),
        ("weekday", rf"\b(next )?{_WEEKDAY}\b"),
        ("day-month", rf"\b(\d{{1,2}})(?:st|nd|rd|th)?\.? {_MONTH}(?: (\d{{4}}))?\b"),
        ("month-day", rf"\b{_MONTH} (\d{{1,2}})(?:st|nd|rd|th)?\b(?:,? (\d{{4}})\b)?"),
        # Without its last dot, `2.3` is a version and no day.
        ("dotted", r"(?<![\d.:/])(\d{1,2})\.(\d{1,2})\.(\d{4})?(?![\d.:/])"),
        ("slashed", r"(?<![\d.:/])(\d{1,2})/(\d{1,2})(?:/(\d{4}))?(?![\d.:/])"),
    )
)
_CLOCK = r"(?:(\d{1,2}):(\d{2})\s*(am|pm)?|(\d{1,2})\s*(am|pm))(?!\w)"
_TIME = re.compile(rf"(?:\bat\s+|\bfrom\s+)?\b{_CLOCK}(?:\s*(?:-|–|to|until)\s*{_CLOCK})?", re.I)
_HOUR = timedelta(hours=1)
_EVERY = re.compile(r"\b(?:every|daily|weekly|monthly|yearly)\b", re.IGNORECASE)


class NoteUnclear(ValueError):
    """A day or time that does not exist; the message says which."""


@dataclass(frozen=True, slots=True)
class Understood:
    """What a line says, on the wall clock of its writer, and the choices made in reading it."""

    kind: ItemKind
    title: str
    starts: date | datetime | None = None
    ends: datetime | None = None
    choices: tuple[str, ...] = ()


def understand(line: str, now: datetime) -> Understood:
    """Read a line that was typed at this wall time; raises `NoteUnclear`."""
    text = " ".join(line.split())
    choices: list[str] = []
    if every := _EVERY.search(text):
        choices.append(f"'{every[0]}' is not repeated: a typed line is one item")
    day, rest = _take_day(text, now.date(), choices)
    clock, rest = _take_time(rest)
    title = rest.strip(" ,;:-–") or text
    if clock is None:
        kind = ItemKind.NOTE if day is None else ItemKind.TASK
        return Understood(kind, title, day, None, tuple(choices))
    start, end = clock
    if day is None:
        is_past = start <= now.time()
        day = now.date() + timedelta(days=is_past)
        choices.append(f"no day was given: {'tomorrow' if is_past else 'today'}")
    starts = datetime.combine(day, start)
    if end is None:
        choices.append("no end was given: one hour")
        ends = starts + _HOUR
    else:
        ends = datetime.combine(day, end)
        if ends <= starts:
            ends += timedelta(days=1)
            choices.append("the end is before the start: it ends the next day")
    return Understood(ItemKind.EVENT, title, starts, ends, tuple(choices))


def _take_day(text: str, today: date, choices: list[str]) -> tuple[date | None, str]:
    for name, pattern in _DAYS:
        match = pattern.search(text)
        if match is None:
            continue
        try:
            day = _day(name, match, today, choices)
        except (ValueError, OverflowError) as error:
            raise NoteUnclear(f"there is no day {match[0].strip()!r}") from error
        return day, f"{text[: match.start()].rstrip()} {text[match.end() :].lstrip()}"
    return None, text


def _day(name: str, match: re.Match[str], today: date, choices: list[str]) -> date:
    match name:
        case "iso":
            return date(int(match[1]), int(match[2]), int(match[3]))
        case "relative":
            return today + timedelta(days=match[1].lower() == "tomorrow")
        case "ahead":
            return today + int(match[1]) * timedelta(days=7 if match[2].lower() == "week" else 1)
        case "weekday":
            return _weekday(match, today, choices)
        case "day-month":
            return _yearly(int(match[1]), _month(match[2]), match[3], today, choices)
        case "month-day":
            return _yearly(int(match[2]), _month(match[1]), match[3], today, choices)
        case "dotted":
            return _yearly(int(match[1]), int(match[2]), match[3], today, choices)
        case _:
            return _slashed(match, today, choices)


def _weekday(match: re.Match[str], today: date, choices: list[str]) -> date:
    index = next(i for i, day in enumerate(_WEEKDAYS) if day.startswith(match[2].lower()[:3]))
    ahead = (index - today.weekday()) % 7 or 7
    day = today + timedelta(days=ahead)
    if match[1] or ahead == 7:
        choices.append(f"'{match[0].strip()}' is read as the coming one, {day.isoformat()}")
    return day


def _slashed(match: re.Match[str], today: date, choices: list[str]) -> date:
    """`1/12`: the day comes first, unless only the other order is a date."""
    first, second = int(match[1]), int(match[2])
    if second > 12 >= first:
        first, second = second, first
    elif first <= 12 and first != second:
        choices.append(f"'{match[0].strip()}' is read with the day first")
    return _yearly(first, second, match[3], today, choices)


def _yearly(day: int, month: int, year: str | None, today: date, choices: list[str]) -> date:
    if year:
        return date(int(year), month, day)
    found = date(today.year, month, day)
    if found < today:
        found = date(today.year + 1, month, day)
        choices.append(f"no year was given: {found.year}, since this year's is past")
    return found


def _month(word: str) -> int:
    return next(
        number for number, month in enumerate(_MONTHS, 1) if month.startswith(word.lower()[:3])
    )


def _take_time(text: str) -> tuple[tuple[time, time | None] | None, str]:
    match = _TIME.search(text)
    if match is None:
        return None, text
    start = _time(*match.groups()[:5])
    has_end = any(match.groups()[5:])
    end = _time(*match.groups()[5:]) if has_end else None
    return (start, end), f"{text[: match.start()].rstrip()} {text[match.end() :].lstrip()}"


def _time(
    hour: str | None, minute: str | None, half: str | None, bare: str | None, bare_half: str | None
) -> time:
    number, half = int(hour or bare or 0), (half or bare_half or "").lower()
    try:
        if half:
            if not 1 <= number <= 12:
                raise ValueError(number)
            number = number % 12 + 12 * (half == "pm")
        return time(number, int(minute or 0))
    except ValueError as error:
        raise NoteUnclear(f"there is no time {number}:{minute or '00'} {half}".rstrip()) from error
