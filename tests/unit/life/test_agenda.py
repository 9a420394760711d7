"""A brief tells a day as it will be: entries, conflicts, free time, what is overdue."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from quintet.engines.life.adapters.ics import read_calendar
from quintet.engines.life.agenda import Brief, Hours, brief_of
from quintet.engines.life.item import Item
from quintet.engines.life.moments import Span
from support.calendars import calendar, event, task

BERLIN = ZoneInfo("Europe/Berlin")
HOURS = Hours(time(8), time(20), timedelta(minutes=30))
# Monday, ten o'clock in Berlin.
NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def items_of(*components: str) -> list[Item]:
    return list(read_calendar(calendar(*components), "a.ics", BERLIN).items)


def brief(*components: str, now: datetime = NOW) -> Brief:
    return brief_of(items_of(*components), now, BERLIN, HOURS)


def at(title: str, start: str, duration: str = "PT1H", *lines: str, uid: str = "") -> str:
    return event(
        title, f";TZID=Europe/Berlin:202603{start}00", f"DURATION:{duration}", *lines, uid=uid
    )


def titles(told: Brief) -> tuple[list[str], list[str]]:
    return tuple([e.item.title for e in day.entries] for day in (told.today, told.tomorrow))  # type: ignore[return-value]


def clock(span: Span) -> str:
    return f"{span.start.astimezone(BERLIN):%H:%M}-{span.end.astimezone(BERLIN):%H:%M}"


@pytest.mark.demand("LIFE-4")
def test_days_are_those_of_the_owner_not_of_utc() -> None:
    told = brief(at("late", "02T2330"), at("early", "03T0030"), at("other", "04T0030"))
    assert titles(told) == (["late"], ["late", "early"])


@pytest.mark.demand("LIFE-4")
def test_whole_days_come_first_then_by_time() -> None:
    told = brief(
        at("b", "02T1000"),
        at("a", "02T0900"),
        event("trip", ";VALUE=DATE:20260301", "DTEND;VALUE=DATE:20260304"),
    )
    assert titles(told) == (["trip", "a", "b"], ["trip"])
    assert told.today.entries[0].is_all_day


@pytest.mark.demand("LIFE-4")
def test_overlaps_are_conflicts_and_neighbours_are_not() -> None:
    told = brief(at("a", "02T0900"), at("b", "02T0930"), at("c", "02T1030"), at("d", "02T1130"))
    pairs = [(c.first.item.title, c.second.item.title) for c in told.today.conflicts]
    assert pairs == [("a", "b")]
    assert clock(told.today.conflicts[0].span) == "09:30-10:00"


@pytest.mark.parametrize("line", ["STATUS:CANCELLED", "TRANSP:TRANSPARENT"])
def test_what_takes_no_time_conflicts_with_nothing(line: str) -> None:
    told = brief(at("a", "02T0900"), at("b", "02T0900", "PT1H", line))
    assert told.today.conflicts == ()


@pytest.mark.demand("LIFE-4")
def test_free_time_is_what_is_left_of_the_hours() -> None:
    told = brief(
        at("early", "02T0600", "PT3H"),
        at("a", "02T0920"),
        at("inside", "02T0930", "PT10M"),
        at("b", "02T1200", "PT7H45M"),
    )
    assert [clock(span) for span in told.today.free] == ["10:20-12:00"]
    assert [clock(span) for span in told.tomorrow.free] == ["08:00-20:00"]


@pytest.mark.demand("LIFE-4")
def test_open_tasks_whose_day_is_over_are_overdue() -> None:
    told = brief(
        task("yesterday", "DUE;VALUE=DATE:20260301"),
        task("today", "DUE;VALUE=DATE:20260302"),
        task("this morning", "DUE;TZID=Europe/Berlin:20260302T093000"),
        task("this evening", "DUE;TZID=Europe/Berlin:20260302T183000"),
        task("done", "DUE;VALUE=DATE:20260301", "STATUS:COMPLETED"),
        task("long ago", "DUE;VALUE=DATE:20250101"),
    )
    overdue = [item.title for item in told.overdue]
    assert overdue == ["long ago", "yesterday", "this morning"]
    assert titles(told)[0] == ["today", "this morning", "this evening"]


@pytest.mark.demand("LIFE-2")
def test_an_occurrence_that_was_moved_is_not_shown_at_its_old_time() -> None:
    told = brief(
        at("weekly", "02T0900", "PT1H", "RRULE:FREQ=DAILY", uid="u"),
        at("moved", "02T1500", "PT1H", "RECURRENCE-ID;TZID=Europe/Berlin:20260302T090000", uid="u"),
    )
    assert titles(told) == (["moved"], ["weekly"])


@pytest.mark.demand("LIFE-2")
@pytest.mark.parametrize("lines", [("STATUS:CANCELLED",), ()])
def test_an_occurrence_that_went_elsewhere_frees_its_time(lines: tuple[str, ...]) -> None:
    gone = event(
        "gone",
        ";VALUE=DATE:20260520",
        "RECURRENCE-ID;VALUE=DATE:20260302",
        *lines,
        uid="u",
    )
    told = brief(event("daily", ";VALUE=DATE:20260301", "RRULE:FREQ=DAILY", uid="u"), gone)
    assert titles(told) == ([], ["daily"])


@pytest.mark.demand("LIFE-2")
@pytest.mark.parametrize(
    "exdate", ["EXDATE;TZID=Europe/Berlin:20260302T090000", "EXDATE:20260302T080000Z"]
)
def test_an_occurrence_that_was_moved_and_then_deleted_is_gone(exdate: str) -> None:
    told = brief(
        at("weekly", "02T0900", "PT1H", "RRULE:FREQ=DAILY", exdate, uid="u"),
        at("moved", "02T1500", "PT1H", "RECURRENCE-ID;TZID=Europe/Berlin:20260302T090000", uid="u"),
    )
    assert titles(told) == ([], ["weekly"])


def test_the_day_on_which_clocks_change_is_told_whole() -> None:
    sunday = datetime(2026, 3, 29, 9, 0, tzinfo=UTC)
    told = brief(at("a", "29T0130", "PT1H30M"), at("b", "29T2330"), now=sunday)
    assert titles(told)[0] == ["a", "b"]
    assert told.today.date == date(2026, 3, 29)


def test_the_same_items_in_any_order_give_the_same_brief() -> None:
    components = [at(name, "02T0900") for name in "dbca"]
    assert brief(*components) == brief_of(items_of(*components)[::-1], NOW, BERLIN, HOURS)
