"""One typed line becomes an event, a task or a note, and it is said how it was understood."""

from datetime import date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quintet.engines.life.item import ItemKind
from quintet.engines.life.typed import NoteUnclear, understand

# A Tuesday.
NOW = datetime(2026, 11, 24, 10, 0)


@pytest.mark.demand("LIFE-3")
@pytest.mark.parametrize(
    ("line", "title", "starts", "ends"),
    [
        ("dentist tomorrow 15:00", "dentist", "2026-11-25T15:00", "2026-11-25T16:00"),
        ("dentist tomorrow at 3pm", "dentist", "2026-11-25T15:00", "2026-11-25T16:00"),
        ("today 17:00-18:30 yoga", "yoga", "2026-11-24T17:00", "2026-11-24T18:30"),
        ("yoga friday from 9:15 to 10:45", "yoga", "2026-11-27T09:15", "2026-11-27T10:45"),
        ("lunch with Ana 12:30pm", "lunch with Ana", "2026-11-24T12:30", "2026-11-24T13:30"),
        ("call mum 9:00", "call mum", "2026-11-25T09:00", "2026-11-25T10:00"),
        ("party 31 dec 22:00 to 2:00", "party", "2026-12-31T22:00", "2027-01-01T02:00"),
        ("flight 2027-02-03 12am", "flight", "2027-02-03T00:00", "2027-02-03T01:00"),
    ],
)
def test_with_a_time_it_is_an_event(line: str, title: str, starts: str, ends: str) -> None:
    said = understand(line, NOW)
    assert (said.kind, said.title) == (ItemKind.EVENT, title)
    assert said.starts == datetime.fromisoformat(starts)
    assert said.ends == datetime.fromisoformat(ends)


@pytest.mark.demand("LIFE-3")
@pytest.mark.parametrize(
    ("line", "title", "day"),
    [
        ("pay rent 2026-12-01", "pay rent", date(2026, 12, 1)),
        ("pay rent by 1 December", "pay rent", date(2026, 12, 1)),
        ("December 1st, 2026 pay rent", "pay rent", date(2026, 12, 1)),
        ("call the bank tomorrow", "call the bank", date(2026, 11, 25)),
        ("water plants in 3 days", "water plants", date(2026, 11, 27)),
        ("review in 2 weeks", "review", date(2026, 12, 8)),
        ("report due monday", "report", date(2026, 11, 30)),
        ("taxes 31.5.", "taxes", date(2027, 5, 31)),
        ("taxes 31/5/2027", "taxes", date(2027, 5, 31)),
        ("taxes 5/31/2027", "taxes", date(2027, 5, 31)),
    ],
)
def test_with_a_day_alone_it_is_a_task(line: str, title: str, day: date) -> None:
    said = understand(line, NOW)
    assert (said.kind, said.title, said.starts) == (ItemKind.TASK, title, day)


@pytest.mark.parametrize("line", ["gym every monday 18:00", "weekly review friday", "tea daily"])
def test_a_line_that_asks_for_repetition_is_told_that_it_is_one_item(line: str) -> None:
    assert "is not repeated" in understand(line, NOW).choices[0]


def test_every_belongs_to_the_day_and_not_to_the_title() -> None:
    assert understand("gym every monday 18:00", NOW).title == "gym"


@pytest.mark.parametrize(
    "line", ["idea: a bench under the tree", "room 101", "version 1.2.3", "v2.10 is out", "a:b"]
)
def test_without_either_it_is_a_note(line: str) -> None:
    said = understand(line, NOW)
    assert (said.kind, said.title, said.starts) == (ItemKind.NOTE, line, None)


@pytest.mark.demand("LIFE-3")
@pytest.mark.parametrize(
    ("line", "choice"),
    [
        ("dentist tomorrow 15:00", "no end was given: one hour"),
        ("call 9:00", "no day was given: tomorrow"),
        ("call 11:00", "no day was given: today"),
        ("gym tuesday", "is read as the coming one, 2026-12-01"),
        ("gym next friday", "is read as the coming one, 2026-11-27"),
        ("taxes 3/4/2027", "is read with the day first"),
        ("birthday 1 may", "no year was given: 2027"),
    ],
)
def test_each_guess_is_said(line: str, choice: str) -> None:
    assert any(choice in said for said in understand(line, NOW).choices)


@pytest.mark.parametrize(
    "line", ["x 2026-02-30", "x 31 feb", "x 25:00", "x 13pm", "x 12:75", "x 32/1", "x 0000-01-01"]
)
def test_a_day_or_time_that_does_not_exist_is_refused(line: str) -> None:
    with pytest.raises(NoteUnclear):
        understand(line, NOW)


@given(st.text(max_size=80))
def test_any_line_is_understood_or_refused(line: str) -> None:
    try:
        assert understand(line, NOW).title is not None
    except NoteUnclear:
        return
