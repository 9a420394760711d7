"""A calendar file gives all that it can, in the right zone, and says what it could not give."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quintet.engines.life.adapters.ics import read_calendar
from quintet.engines.life.found import Found, SourceUnreadable
from quintet.engines.life.item import Item, ItemKind, Status
from quintet.engines.life.moments import Span
from quintet.engines.life.recurrence import occurrences
from support.calendars import calendar, event, task

BERLIN = ZoneInfo("Europe/Berlin")
WINDOW = Span(datetime(2026, 3, 1, tzinfo=UTC), datetime(2026, 4, 30, tzinfo=UTC))


def read(*components: str, head: str = "") -> Found:
    return read_calendar(calendar(*components, head=head), "a.ics", BERLIN)


def only(*components: str, head: str = "") -> Item:
    (item,) = read(*components, head=head).items
    return item


def starts(item: Item, window: Span = WINDOW) -> list[str]:
    """When it happens, in UTC."""
    return [f"{span.start:%m-%d %H:%M}" for _, span in occurrences(item, window, BERLIN)]


def test_an_event_keeps_its_wall_clock_and_knows_its_instant() -> None:
    item = only(event("Standup", ";TZID=Europe/Berlin:20260302T090000", "DURATION:PT30M"))
    assert (item.starts, item.zone) == (datetime(2026, 3, 2, 9), "Europe/Berlin")
    span = item.span(BERLIN)
    assert span is not None
    assert span.start == datetime(2026, 3, 2, 8, tzinfo=UTC)
    assert span.duration == timedelta(minutes=30)
    assert str(item.source) == "a.ics #1"


def test_a_whole_day_is_a_day_wherever_its_owner_is() -> None:
    item = only(event("Holiday", ";VALUE=DATE:20260302"))
    assert item.starts == date(2026, 3, 2)
    span = item.span(ZoneInfo("Asia/Tokyo"))
    assert span is not None
    assert span.start == datetime(2026, 3, 1, 15, tzinfo=UTC)


@pytest.mark.parametrize(
    ("start", "zone"),
    [
        (":20260302T090000Z", "UTC"),
        (":20260302T090000", ""),
        (";TZID=W. Europe Standard Time:20260302T090000", "Europe/Berlin"),
    ],
)
def test_the_zones_that_programs_write_are_understood(start: str, zone: str) -> None:
    assert only(event("a", start)).zone == zone


def test_a_zone_that_the_file_defines_is_recognised_by_its_clock() -> None:
    zone = (
        "BEGIN:VTIMEZONE\nTZID:Office\n"
        "BEGIN:DAYLIGHT\nDTSTART:19700329T020000\nTZOFFSETFROM:+0100\nTZOFFSETTO:+0200\n"
        "RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU\nEND:DAYLIGHT\n"
        "BEGIN:STANDARD\nDTSTART:19701025T030000\nTZOFFSETFROM:+0200\nTZOFFSETTO:+0100\n"
        "RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU\nEND:STANDARD\nEND:VTIMEZONE\n"
    )
    found = read(zone, event("a", ";TZID=Office:20260326T090000", "RRULE:FREQ=WEEKLY;COUNT=2"))
    assert found.items[0].zone == "Europe/Berlin"
    assert starts(found.items[0]) == ["03-26 08:00", "04-02 07:00"]


def test_an_unknown_zone_is_said_and_not_shifted_silently() -> None:
    found = read(event("a", ";TZID=Mars/Base:20260302T090000"))
    assert found.items[0].zone == ""
    assert "Mars/Base" in found.skipped[0].why


def test_times_without_zone_are_meant_where_the_feed_says() -> None:
    item = only(event("a", ":20260302T090000"), head="X-WR-TIMEZONE:America/New_York\n")
    assert item.zone == "America/New_York"


@pytest.mark.demand("LIFE-2")
def test_nine_oclock_stays_nine_oclock_when_the_clocks_change() -> None:
    item = only(event("a", ";TZID=Europe/Berlin:20260326T090000", "RRULE:FREQ=DAILY;COUNT=5"))
    assert starts(item) == [
        "03-26 08:00",
        "03-27 08:00",
        "03-28 08:00",
        "03-29 07:00",
        "03-30 07:00",
    ]


@pytest.mark.demand("LIFE-2")
@pytest.mark.parametrize(
    "until", ["20260304", "20260304T090000", "20260304T080000Z", "20260304T235959Z"]
)
def test_until_includes_the_last_day_in_each_form_that_programs_write(until: str) -> None:
    item = only(
        event("a", ";TZID=Europe/Berlin:20260302T090000", f"RRULE:FREQ=DAILY;UNTIL={until}")
    )
    assert len(starts(item)) == 3


@pytest.mark.demand("LIFE-2")
@pytest.mark.parametrize(
    "exdate",
    [
        "EXDATE;TZID=Europe/Berlin:20260303T090000",
        "EXDATE:20260303T080000Z",
        "EXDATE;VALUE=DATE:20260303",
    ],
)
def test_an_exception_is_excluded_in_each_form(exdate: str) -> None:
    item = only(
        event("a", ";TZID=Europe/Berlin:20260302T090000", "RRULE:FREQ=DAILY;COUNT=3", exdate)
    )
    assert starts(item) == ["03-02 08:00", "03-04 08:00"]


def test_added_dates_happen_too() -> None:
    item = only(event("a", ":20260302T090000Z", "RDATE:20260310T120000Z,20260311T120000Z"))
    assert starts(item) == ["03-02 09:00", "03-10 12:00", "03-11 12:00"]


@pytest.mark.demand("LIFE-2")
@pytest.mark.parametrize(
    "rule",
    [
        "FREQ=SECONDLY",
        "FREQ=MINUTELY",
        "FREQ=HOURLY;BYMONTH=2;BYMONTHDAY=30",
        "FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30",
        "FREQ=DAILY;BYEASTER=400",
        "FREQ=DAILY;INTERVAL=0",
        "FREQ=HOURLY;INTERVAL=999999999",
        "FREQ=NEVER",
        "X",
    ],
)
def test_a_rule_beyond_measure_or_sense_is_left_out_and_the_event_kept(rule: str) -> None:
    found = read(event("a", ":20260302T090000Z", f"RRULE:{rule}"), event("b", ":20260302T090000Z"))
    assert [item.title for item in found.items] == ["a", "b"]
    assert starts(found.items[0]) == ["03-02 09:00"]
    assert "a" in {skip.title for skip in found.skipped} or rule == "X"


def test_a_series_that_began_in_year_one_is_expanded_at_once() -> None:
    item = only(event("a", ":00010101T090000", "RRULE:FREQ=DAILY"))
    assert len(starts(item)) == 60


def test_a_series_that_ends_before_it_begins_never_happens() -> None:
    found = read(event("a", ":20260302T090000Z", "RRULE:FREQ=DAILY;UNTIL=20260101T000000Z"))
    assert found.items == ()
    assert "never happens" in found.skipped[0].why


@pytest.mark.parametrize(
    ("start", "recurrence"),
    [
        (";TZID=Europe/Berlin:20260303T090000", ";TZID=Europe/Berlin:20260303T090000"),
        (";TZID=Europe/Berlin:20260303T090000", ":20260303T080000Z"),
        (";VALUE=DATE:20260303", ";VALUE=DATE:20260303"),
        (";VALUE=DATE:20260303", ":20260303T000000"),
    ],
)
def test_a_changed_occurrence_names_the_one_that_it_replaces(start: str, recurrence: str) -> None:
    item = only(event("moved", start, f"RECURRENCE-ID{recurrence}"))
    expected = "2026-03-03" if "DATE" in start else "2026-03-03T08:00:00+00:00"
    assert item.occurrence == expected


def test_tasks_have_a_due_day_and_a_state() -> None:
    found = read(
        task("open", "DUE;VALUE=DATE:20260301"),
        task("done", "DUE;VALUE=DATE:20260301", "STATUS:COMPLETED"),
        task("someday"),
    )
    assert [(item.kind, item.status) for item in found.items] == [
        (ItemKind.TASK, Status.OPEN),
        (ItemKind.TASK, Status.DONE),
        (ItemKind.TASK, Status.OPEN),
    ]
    assert found.items[2].starts is None


@pytest.mark.parametrize(
    ("line", "status"),
    [("STATUS:CANCELLED", Status.CANCELLED), ("TRANSP:TRANSPARENT", Status.FREE)],
)
def test_cancelled_and_free_events_are_marked(line: str, status: Status) -> None:
    assert only(event("a", ":20260302T090000Z", line)).status is status


@pytest.mark.parametrize(
    ("lines", "says"),
    [
        (("DTEND:20260302T080000Z",), "ends before"),
        (("DTEND;VALUE=DATE:20260303",), "its end is a day"),
    ],
)
def test_an_end_that_makes_no_sense_is_dropped_and_said(lines: tuple[str, ...], says: str) -> None:
    found = read(event("a", ":20260302T090000Z", *lines))
    assert found.items[0].ends is None
    assert says in found.skipped[0].why


def test_one_broken_event_does_not_lose_the_others() -> None:
    broken = "BEGIN:VEVENT\nSUMMARY:broken\nDTSTART:nonsense\nEND:VEVENT\n"
    headless = "BEGIN:VEVENT\nSUMMARY:headless\nEND:VEVENT\n"
    found = read(broken, event("good", ":20260302T090000Z"), headless)
    assert [item.title for item in found.items] == ["good"]
    assert [(skip.index, skip.title) for skip in found.skipped] == [(1, "broken"), (3, "headless")]


def test_a_file_that_stops_midway_gives_what_was_whole() -> None:
    data = calendar(event("a", ":20260302T090000Z"), event("b", ":20260302T090000Z"))
    found = read_calendar(data[: data.index(b"SUMMARY:b")], "a.ics", BERLIN)
    assert [item.title for item in found.items] == ["a"]
    assert "breaks off" in found.skipped[0].why


@pytest.mark.parametrize("data", [b"", b"garbage", b"\xff\xfe\x00", b"PK\x03\x04", b"BEGIN:VCARD"])
def test_what_is_no_calendar_is_refused(data: bytes) -> None:
    with pytest.raises(SourceUnreadable):
        read_calendar(data, "a.ics", BERLIN)


def test_bytes_that_are_not_utf8_are_shown_as_far_as_possible() -> None:
    data = calendar(event("a", ":20260302T090000Z")).replace(b"SUMMARY:a", b"SUMMARY:caf\xe9")
    assert read_calendar(data, "a.ics", BERLIN).items[0].title.startswith("caf")


def test_the_same_event_has_the_same_identity_in_each_file() -> None:
    one, other = (event("a", ":20260302T090000Z", f"SEQUENCE:{i}", uid="u") for i in (1, 2))
    assert only(one).id == only(other).id
    assert only(one).digest != only(other).digest


GOOD = calendar(
    event("a", ";TZID=Europe/Berlin:20260302T090000", "RRULE:FREQ=WEEKLY;BYDAY=MO,WE;COUNT=9"),
    event("b", ";VALUE=DATE:20260302", "DTEND;VALUE=DATE:20260304", "EXDATE:20260303T080000Z"),
    task("t", "DUE:20260302T090000Z"),
)


@given(st.integers(0, len(GOOD) - 1), st.binary(max_size=3), st.integers(0, 40))
def test_no_damage_makes_reading_or_expanding_fail_unnamed(
    at: int, inserted: bytes, removed: int
) -> None:
    data = GOOD[:at] + inserted + GOOD[at + removed :]
    try:
        found = read_calendar(data, "a.ics", BERLIN)
    except SourceUnreadable:
        return
    for item in found.items:
        assert len(list(occurrences(item, WINDOW, BERLIN))) <= 1000
