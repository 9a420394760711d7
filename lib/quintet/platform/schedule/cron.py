"""The five fields of cron, read strictly: what the crons of this world disagree about is refused.

A job has to mean the same under Vixie's cron, cronie, busybox, systemd and launchd. So a step that
hangs on a single number, a range that wraps around, and `*/2` beside a day of the week are told
apart from mistakes by an error that shows how to write what was meant.
"""

import re
from calendar import monthrange
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from quintet.errors import UsageError

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_DAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")
_PART = re.compile(r"(?:(\*)|([0-9a-z]+)(?:-([0-9a-z]+))?)(?:/([0-9]{1,3}))?")
_NUMBER = re.compile(r"[0-9]{1,2}")
_FOREIGN = re.compile(r"[?#LWC]")
_LIMIT_CHARS = 200
_LEAP_YEAR = 2024
_NICKNAMES = {
    "@hourly": "0 * * * *",
    "@daily": "0 0 * * *",
    "@midnight": "0 0 * * *",
    "@weekly": "0 0 * * 0",
    "@monthly": "0 0 1 * *",
    "@yearly": "0 0 1 1 *",
    "@annually": "0 0 1 1 *",
}


class BadWhen(UsageError):
    """Words that do not say when, or that say it in a way that not everybody would read alike."""

    code = "schedule.bad_when"


@dataclass(frozen=True, slots=True)
class Field:
    """One field: its numbers, and its text with names put into numbers."""

    text: str
    values: frozenset[int]

    @property
    def is_any(self) -> bool:
        """Whether it was a star, with or without a step; crons give that a meaning of its own."""
        return self.text.startswith("*")

    @property
    def is_every(self) -> bool:
        return self.text == "*"


@dataclass(frozen=True, slots=True)
class _Kind:
    """What a field may hold."""

    name: str
    lowest: int
    highest: int
    names: Mapping[str, int]


_KINDS = (
    _Kind("minute", 0, 59, {}),
    _Kind("hour", 0, 23, {}),
    _Kind("day of the month", 1, 31, {}),
    _Kind("month", 1, 12, {name: number for number, name in enumerate(_MONTHS, 1)}),
    _Kind("day of the week", 0, 7, {name: number for number, name in enumerate(_DAYS)}),
)


@dataclass(frozen=True, slots=True)
class Cron:
    """When on a wall clock. Sunday is 0."""

    minute: Field
    hour: Field
    day: Field
    month: Field
    weekday: Field

    def __str__(self) -> str:
        fields = (self.minute, self.hour, self.day, self.month, self.weekday)
        return " ".join(field.text for field in fields)

    @property
    def follows_the_clock(self) -> bool:
        """Whether it runs by the clock as it passes, instead of at set times of the day."""
        return self.minute.is_any or self.hour.is_any

    @property
    def is_either_day(self) -> bool:
        """Both days are given: cron then runs when either of them fits."""
        return not self.day.is_every and not self.weekday.is_every

    def is_on(self, day: date) -> bool:
        """Whether it runs at all on this day."""
        if day.month not in self.month.values:
            return False
        fits_day = day.day in self.day.values
        fits_weekday = day.isoweekday() % 7 in self.weekday.values
        return fits_day or fits_weekday if self.is_either_day else fits_day and fits_weekday


def parse_cron(text: str) -> Cron:
    """A cron expression; raises `BadWhen` with the field that is wrong."""
    if len(text) > _LIMIT_CHARS:
        raise BadWhen("these are too many words for a time", why=f"more than {_LIMIT_CHARS} signs")
    words = _NICKNAMES.get(text.strip().lower(), text).split()
    if words and words[0].startswith("@"):
        raise BadWhen(
            f"there is no time {words[0]}", why=f"known are {', '.join(_NICKNAMES)}", hint=_HINT
        )
    if len(words) != len(_KINDS):
        raise _miscounted(text, len(words))
    fields = [_field(word, kind) for word, kind in zip(words, _KINDS, strict=True)]
    minute, hour, day, month, weekday = fields
    weekday = Field(weekday.text, frozenset(number % 7 for number in weekday.values))
    cron = Cron(minute, hour, day, month, weekday)
    _require_clear(cron)
    _require_ever(cron)
    return cron


_HINT = "minute hour day month weekday, as in '0 7 * * 1-5'; or daily 07:00"


def _miscounted(text: str, count: int) -> BadWhen:
    why = f"cron has five fields, and these are {count}"
    if count in (6, 7):
        why += "; it knows no seconds and no years"
    return BadWhen(f"{text!r} does not say when", why=why, hint=_HINT)


def _field(word: str, kind: _Kind) -> Field:
    parts = [_part(part, word, kind) for part in word.lower().split(",")]
    text = ",".join(text for text, _ in parts)
    return Field(text, frozenset(number for _, numbers in parts for number in numbers))


def _part(part: str, word: str, kind: _Kind) -> tuple[str, range]:
    if not (found := _PART.fullmatch(part)):
        why = "cron knows numbers, names, * , - and /"
        if _FOREIGN.search(word.upper()):
            why = f"?, L, W and # belong to other schedulers; {why}"
        raise _wrong(word, kind, why)
    star, first, last, step = found.groups()
    low = kind.lowest if star else _number(first, word, kind)
    high = _top(kind) if star else low if last is None else _number(last, word, kind)
    if step is None:
        _require_order(low, high, word, kind)
        return _text(star, low, high, last is not None), range(low, high + 1)
    if not star and last is None:
        why = "a step hangs on a range; what it means beside one number differs among crons"
        raise _wrong(word, kind, why, f"{low}-{_top(kind)}/{step}")
    _require_order(low, high, word, kind)
    width = int(step)
    if not 1 <= width <= high - low:
        raise _wrong(word, kind, f"a step of {width} between {low} and {high} leads nowhere")
    return f"{_text(star, low, high, True)}/{width}", range(low, high + 1, width)


def _text(star: str | None, low: int, high: int, is_range: bool) -> str:
    return "*" if star else f"{low}-{high}" if is_range else str(low)


def _top(kind: _Kind) -> int:
    # 7 is another word for 0, and no eighth day.
    return 6 if kind.names and kind.highest == 7 else kind.highest


def _number(text: str, word: str, kind: _Kind) -> int:
    if text in kind.names:
        return kind.names[text]
    if not _NUMBER.fullmatch(text):
        names = f", or {', '.join(kind.names)}" if kind.names else ""
        raise _wrong(word, kind, f"{text!r} is no number from {kind.lowest} to {_top(kind)}{names}")
    number = int(text)
    if not kind.lowest <= number <= kind.highest:
        raise _wrong(word, kind, f"{number} is not from {kind.lowest} to {_top(kind)}")
    return number


def _require_order(low: int, high: int, word: str, kind: _Kind) -> None:
    if low > high:
        both = f"{low}-{_top(kind)},{kind.lowest}-{high}"
        raise _wrong(word, kind, f"{low} comes after {high}; a range does not wrap around", both)


def _wrong(word: str, kind: _Kind, why: str, better: str = "") -> BadWhen:
    hint = f"write {better}" if better else _HINT
    return BadWhen(f"the {kind.name} {word!r} cannot be read", why=why, hint=hint)


def _require_clear(cron: Cron) -> None:
    """A stepped star is "every" to one cron and "given" to another, which turns OR into AND."""
    full = len(cron.day.values) == 31 or len(cron.weekday.values) == 7
    if cron.is_either_day and (cron.day.is_any or cron.weekday.is_any or full):
        raise BadWhen(
            f"'{cron}' means different things to different crons",
            why="to some a stepped * means both days have to fit, to others that either does",
            hint="write the days out, as in 1,3,5 or 1-31/2",
        )


def _require_ever(cron: Cron) -> None:
    if cron.weekday.is_every and not any(
        day <= monthrange(_LEAP_YEAR, month)[1]
        for month in cron.month.values
        for day in cron.day.values
    ):
        days, months = sorted(cron.day.values), sorted(cron.month.values)
        named = ", ".join(_MONTHS[month - 1].capitalize() for month in months)
        raise BadWhen(
            f"'{cron}' is never", why=f"{named} has no day {', '.join(map(str, days))}", hint=_HINT
        )
