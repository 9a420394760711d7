"""Times as people say them, put into cron's words; what cron cannot say is refused, not rounded."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from quintet.platform.schedule.cron import BadWhen, Cron, parse_cron

_CLOCK = re.compile(r"([01]?[0-9]|2[0-3]):([0-5][0-9])")
_EVERY = re.compile(r"every\s+([0-9]{1,4})\s*(m|min|minutes?|h|hours?|d|days?)")
_NAMES = ("sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday")
_WEEKDAYS = {
    word: number for number, name in enumerate(_NAMES) for word in (name, f"{name}s", name[:3])
}
_DAYS = {"daily": "*", "day": "*", "weekdays": "1-5", "weekends": "0,6"}
_EXAMPLES = "daily 07:00, weekdays 08:30, mondays 09:00, monthly 1 07:00, every 6h, '0 7 * * 1-5'"
_LAST_DAY_OF_ALL = 28


@dataclass(frozen=True, slots=True)
class When:
    """A rule as it was written and as cron has it, with what a person may not expect of it."""

    text: str
    cron: Cron
    notes: tuple[str, ...]


def parse_when(text: str) -> When:
    """A time in cron's words or in plain ones; raises `BadWhen`."""
    said = " ".join(text.split())
    if not said:
        raise BadWhen("no time was given", hint=_EXAMPLES)
    friendly = said.lower()
    if friendly[0].isascii() and friendly[0].isalpha() and len(friendly) < 200:
        cron = parse_cron(_as_cron(friendly))
    else:
        cron = parse_cron(said)
    return When(said, cron, tuple(_notes(cron)))


def _as_cron(said: str) -> str:
    if said == "hourly":
        return "0 * * * *"
    if found := _EVERY.fullmatch(said):
        return _repeated(int(found[1]), found[2][0])
    first, *rest = said.removeprefix("every ").split(" ", 1)
    if first == "monthly":
        return _monthly(said, rest[0] if rest else "")
    if (days := _days(first)) and rest:
        return _at(said, rest[0], f"* * {days}")
    raise BadWhen(f"{said!r} does not say when", why="no such form is known", hint=_EXAMPLES)


def _days(word: str) -> str:
    """The day of the week that a list of days is: mondays,thursdays."""
    if word in _DAYS:
        return _DAYS[word]
    numbers = [_WEEKDAYS.get(one) for one in word.split(",")]
    known = sorted({str(number) for number in numbers if number is not None})
    return "" if None in numbers else ",".join(known)


def _monthly(said: str, rest: str) -> str:
    day, _, clock = rest.partition(" ")
    if not re.fullmatch(r"[0-9]{1,2}", day):
        raise BadWhen(
            f"{said!r} does not say when",
            why="a month needs the day and the time",
            hint="monthly 1 07:00",
        )
    return _at(said, clock, f"{int(day)} * *")


def _at(said: str, clocks: str, days: str) -> str:
    """One or several times of the day: 07:00,19:00. Cron can say them if their minutes agree."""
    times: list[tuple[int, int]] = []
    for clock in clocks.replace(" ", "").removeprefix("at").split(","):
        if not (found := _CLOCK.fullmatch(clock)):
            why = f"{clock!r} is no time of the day"
            raise BadWhen(f"{said!r} does not say when", why=why, hint="07:00 or 19:30")
        times.append((int(found[1]), int(found[2])))
    minutes = {minute for _, minute in times}
    if len(minutes) > 1:
        raise BadWhen(
            f"{said!r} is more than one job",
            why="one rule of cron has the same minutes in each of its hours",
            hint="add a job for each time",
        )
    hours = ",".join(map(str, sorted({hour for hour, _ in times})))
    return f"{minutes.pop()} {hours} {days}"


def _repeated(count: int, unit: str) -> str:
    whole, name = {"m": (60, "hour"), "h": (24, "day"), "d": (1, "day")}[unit]
    if count < 1 or whole % count:
        fitting = [n for n in range(1, whole + 1) if whole % n == 0]
        raise BadWhen(
            f"every {count}{unit} cannot be kept",
            why=f"cron counts anew each {name}, and {count} does not divide it evenly",
            hint=f"every {', '.join(f'{n}{unit}' for n in fitting)}",
        )
    if unit == "m":
        return (
            "* * * * *" if count == 1 else "0 * * * *" if count == whole else f"*/{count} * * * *"
        )
    if unit == "h" and count < whole:
        return "0 * * * *" if count == 1 else f"0 */{count} * * *"
    return "0 0 * * *"


def _notes(cron: Cron) -> Iterator[str]:
    if cron.is_either_day:
        yield "it runs when the day of the month fits or the day of the week does, as cron has it"
    for field, whole, unit in ((cron.minute, 60, "hour"), (cron.hour, 24, "day")):
        step = field.text.removeprefix("*/")
        if step != field.text and whole % int(step):
            yield f"the steps of {step} begin anew each {unit}, so the last one is shorter"
    if cron.weekday.is_every and min(cron.day.values) > _LAST_DAY_OF_ALL:
        yield "some months have no such day, and are left out"
