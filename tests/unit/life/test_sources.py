"""What `ai life add` takes its words for: a file, what a pipe brings, or a note."""

import io
import sys
from datetime import timedelta
from pathlib import Path

import pytest

from support.calendars import calendar, event
from support.terminal import Result, Terminal

TALK = calendar(event("Talk", ":20260302T150000Z"))


def taken(result: Result) -> list[tuple[str, list[str]]]:
    """Where each source of a `--json` run came from, and the titles that it gave."""
    assert result.status == 0, result.err
    sources = result.json["sources"]
    return [(one["source"], [item["title"] for item in one["items"]]) for one in sources]


@pytest.fixture
def pipe(terminal: Terminal, monkeypatch: pytest.MonkeyPatch):
    def add(data: bytes, *flags: str) -> Result:
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(data)))
        return terminal.ai("life", "add", *flags, "-")

    return add


@pytest.mark.parametrize("lead", [b"", b"\xef\xbb\xbf", b"\r\n  "])
def test_a_calendar_in_a_pipe_is_known_by_its_beginning(pipe, lead: bytes) -> None:
    assert taken(pipe(lead + TALK, "--json")) == [("standard input", ["Talk"])]


def test_a_note_about_calendars_is_no_calendar(pipe) -> None:
    note = b"ask what BEGIN:VCALENDAR means tomorrow"
    assert taken(pipe(note, "--json")) == [("typed", ["ask what BEGIN:VCALENDAR means"])]


def test_a_pipe_that_brings_too_much_is_refused_whole(
    terminal: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Path("/dev/zero").open() as endless:
        monkeypatch.setattr(sys, "stdin", endless)
        result = terminal.ai("life", "add", "-")
    assert result.status == 1
    assert "could not read standard input" in result.err
    assert "larger than" in result.err


@pytest.mark.parametrize("name", ["talks", "talks.txt", "talks.ICS"])
def test_a_calendar_of_any_name_is_known_by_its_beginning(terminal: Terminal, name: str) -> None:
    (terminal.home / name).write_bytes(TALK)
    ((_, titles),) = taken(terminal.ai("life", "add", "--json", name))
    assert titles == ["Talk"]


def test_a_file_of_no_known_kind_is_refused_with_the_kinds_that_there_are(
    terminal: Terminal,
) -> None:
    (terminal.home / "notes").write_text("buy milk")
    result = terminal.ai("life", "add", "notes")
    assert result.status == 1
    assert ".ics" in result.err
    assert "BEGIN:VCALENDAR" in result.err


def test_a_folder_is_refused_with_the_files_that_it_has(terminal: Terminal) -> None:
    (terminal.home / "mine").mkdir()
    (terminal.home / "mine/a.ical").write_bytes(TALK)
    assert "ai life add mine/*.ical" in terminal.ai("life", "add", "mine").err


def test_a_mistyped_file_among_words_does_not_become_a_task(terminal: Terminal) -> None:
    result = terminal.ai("life", "add", "it's.ics", "friday")
    assert result.status == 1
    assert "there is no file" in result.err
    assert """echo 'it'"'"'s.ics friday' | ai life add -""" in result.err


def test_words_with_dots_and_strokes_are_still_a_note(terminal: Terminal) -> None:
    added = taken(terminal.ai("life", "add", "--json", "and/or", "node.js", "friday"))
    assert added == [("typed", ["and/or node.js"])]


@pytest.mark.parametrize("words", [("talks.ics",), ("dentist", "friday", "15:00")])
def test_what_changed_nothing_is_not_offered_to_undo(
    terminal: Terminal, words: tuple[str, ...]
) -> None:
    (terminal.home / "talks.ics").write_bytes(TALK)
    assert "undo: ai undo" in terminal.ai("life", "add", *words).err
    again = terminal.ai("life", "add", *words)
    assert again.status == 0
    assert "nothing changed" in again.err
    assert "undo" not in again.err


def test_what_is_past_of_today_is_not_free(terminal: Terminal) -> None:
    free = "  free: 09:30-20:00"
    assert free in terminal.ai("life", "brief").out.splitlines()
    assert free in terminal.ai("life", "brief", "--date", "2026-03-02").out.splitlines()
    assert "  free: 08:00-20:00" in terminal.ai("life", "brief", "--date", "2026-03-03").out
    terminal.clock.advance(timedelta(hours=12).total_seconds())
    assert "  free: nothing" in terminal.ai("life", "brief").out.splitlines()


def test_why_counts_in_plain_words(terminal: Terminal, tmp_path: Path) -> None:
    (terminal.home / "talks.ics").write_bytes(TALK)
    terminal.ai("life", "add", "talks.ics")
    looked = terminal.ai("life", "brief", "--json").json["action"]
    why = terminal.ai("why", looked).out
    assert "2026-03-02: 1 entry, 0 conflicts" in why
