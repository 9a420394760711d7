"""Cron's five fields and their instants, against a reference that looks at every minute."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quintet.errors import QuintetError
from quintet.platform.schedule.cron import Cron, parse_cron
from quintet.platform.schedule.slots import last_slots, next_slots
from quintet.platform.schedule.when import parse_when

RANGES = ((0, 59), (0, 23), (1, 31), (1, 12), (0, 6))
MONTHS = "janfebmaraprmayjunjulaugsepoctnovdec"
DAYS = "sunmontuewedthufrisat"
NAMES = {
    3: {MONTHS[3 * n : 3 * n + 3]: n + 1 for n in range(12)},
    4: {DAYS[3 * n : 3 * n + 3]: n for n in range(7)},
}
ZONES = (
    "UTC",
    "Europe/Berlin",
    "America/New_York",
    "America/St_Johns",
    "Australia/Lord_Howe",
    "Asia/Kathmandu",
    "America/Havana",
    "Africa/Cairo",
    "Pacific/Apia",
)
MINUTE = timedelta(minutes=1)


@st.composite
def fields(draw: st.DrawFn, index: int) -> str:
    low, high = RANGES[index]
    if draw(st.integers(0, 2)) == 0:
        return "*"
    parts: list[str] = []
    for _ in range(draw(st.integers(1, 3))):
        first = draw(st.integers(low, high))
        last = draw(st.integers(first, high))
        step = draw(st.integers(1, max(1, last - first)))
        shapes = [str(first), f"{first}-{last}"]
        shapes += [f"{first}-{last}/{step}"] if last > first else []
        if index in NAMES:
            name = {number: name for name, number in NAMES[index].items()}
            shapes += [name[first], f"{name[first].upper()}-{name[last].title()}"]
        parts.append(draw(st.sampled_from(shapes)))
    return ",".join(parts)


EXPRESSIONS = st.tuples(*(fields(index) for index in range(5))).map(" ".join)


def _numbers(text: str, index: int) -> set[int]:
    """What a field means, read as the manual page of cron says."""
    low, high = RANGES[index]
    found: set[int] = set()
    for part in text.lower().split(","):
        span, _, step = part.partition("/")
        first, _, last = span.partition("-")
        names = NAMES.get(index, {})
        ends = [int(names.get(end, end)) for end in (first, last or first)] if span != "*" else []
        begin, end = ends or (low, high)
        found |= set(range(begin, end + 1, int(step or 1)))
    return found


def _fits(expression: str, moment: datetime) -> bool:
    texts = expression.split()
    minute, hour, day, month, weekday = (_numbers(text, n) for n, text in enumerate(texts))
    if moment.minute not in minute or moment.hour not in hour or moment.month not in month:
        return False
    fits_day, fits_weekday = moment.day in day, moment.isoweekday() % 7 in weekday
    if texts[2] == "*" or texts[4] == "*":
        return fits_day and fits_weekday
    return fits_day or fits_weekday


def _parsed(expression: str) -> Cron | None:
    try:
        return parse_cron(expression)
    except QuintetError:
        return None


@pytest.mark.demand("SCHEDULE-1")
@given(EXPRESSIONS, st.datetimes(datetime(2020, 1, 1), datetime(2040, 1, 1)))
def test_a_rule_means_what_the_manual_of_cron_says(expression: str, start: datetime) -> None:
    cron = _parsed(expression)
    if cron is None:
        return
    start = start.replace(tzinfo=UTC)
    first = start.replace(second=0, microsecond=0) + MINUTE
    minutes = [first + MINUTE * n for n in range(2 * 24 * 60)]
    expected = [moment for moment in minutes if _fits(expression, moment)]
    found = [s for s in next_slots(cron, start, UTC, len(expected) + 1) if s <= minutes[-1]]
    assert found == expected
    assert last_slots(cron, start, minutes[-1], UTC, 5000) == expected
    assert last_slots(cron, start, minutes[-1], UTC, 3) == expected[-3:]


@pytest.mark.demand("SCHEDULE-1")
@given(EXPRESSIONS)
def test_names_put_into_numbers_mean_the_same(expression: str) -> None:
    cron = _parsed(expression)
    if cron is not None:
        again = parse_cron(str(cron))
        assert again == cron
        assert not any(letter.isalpha() for letter in str(cron))


def _expected(cron: Cron, zone: ZoneInfo, first: datetime, count: int) -> set[datetime]:
    """The instants of a rule, minute by minute of real time, with the rule for summer time."""
    found: set[datetime] = set()
    walls: set[datetime] = set()
    previous = (first - MINUTE).astimezone(zone).replace(tzinfo=None)
    for number in range(count):
        moment = first + MINUTE * number
        wall = moment.astimezone(zone).replace(tzinfo=None)
        skipped = [previous + MINUTE * n for n in range(1, int((wall - previous) / MINUTE))]
        hit = _fits(str(cron), wall)
        if cron.follows_the_clock:
            found |= {moment} if hit else set()
        elif (hit and wall not in walls) or any(_fits(str(cron), gone) for gone in skipped):
            found.add(moment)
        walls.add(wall)
        previous = wall
    return found


CHANGES = {
    "Europe/Berlin": ("2026-03-28", "2026-10-24"),
    "America/New_York": ("2026-03-07", "2026-10-31"),
    "America/St_Johns": ("2009-03-07", "2009-10-31"),
    "Australia/Lord_Howe": ("2026-04-03", "2026-10-02"),
    "America/Havana": ("2026-03-07", "2026-10-31"),
    "Africa/Cairo": ("2026-04-23", "2026-10-28"),
    "Pacific/Apia": ("2011-12-29",),
}
SMALL_HOURS = st.tuples(
    st.sampled_from(["0", "1", "30", "59", "0,30", "*/20", "*"]),
    st.sampled_from(["*", "0", "1", "2", "3", "0-3", "23", "*/2", "0,2,23"]),
).map(lambda pair: f"{pair[0]} {pair[1]} * * *")


@pytest.mark.demand("SCHEDULE-2")
@given(
    st.sampled_from([(zone, day) for zone, days in CHANGES.items() for day in days]), SMALL_HOURS
)
def test_where_clocks_change_a_set_time_comes_once_and_the_others_follow_the_clock(
    change: tuple[str, str], expression: str
) -> None:
    zone, cron = ZoneInfo(change[0]), parse_cron(expression)
    first = datetime.fromisoformat(f"{change[1]}T12:00").replace(tzinfo=zone).astimezone(UTC)
    count = 48 * 60
    expected = _expected(cron, zone, first, count)
    last = first + MINUTE * (count - 1)
    before = first - MINUTE
    found = {s for s in next_slots(cron, before, zone, len(expected) + 2) if s <= last}
    assert found == expected
    assert set(last_slots(cron, before, last, zone, 5000)) == expected


@pytest.mark.demand("SCHEDULE-2")
@given(
    EXPRESSIONS,
    st.sampled_from(ZONES),
    st.datetimes(datetime(2000, 1, 1), datetime(2035, 1, 1)),
)
def test_slots_only_go_forward(expression: str, zone_name: str, start: datetime) -> None:
    cron = _parsed(expression)
    if cron is None:
        return
    zone, after = ZoneInfo(zone_name), start.replace(tzinfo=UTC)
    slots = next_slots(cron, after, zone, 8)
    assert slots == sorted(set(slots))
    assert all(slot > after for slot in slots)
    if slots:
        assert last_slots(cron, after, slots[-1], zone, len(slots)) == slots
        assert next_slots(cron, slots[0], zone, 7) == slots[1:]


@pytest.mark.demand("SCHEDULE-1")
@given(st.text(max_size=40))
def test_any_text_is_a_time_or_a_refusal_with_a_hint(text: str) -> None:
    try:
        when = parse_when(text)
    except QuintetError as error:
        assert error.what
        assert error.hint
    else:
        assert parse_cron(str(when.cron)) == when.cron
